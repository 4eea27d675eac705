"""A gallery's pictures, untouched, each with its sheet beside it."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone

from generations import storage
from generations.management.transfer.report import LeftOut, Report
from generations.management.transfer.targets import Target
from generations.models import Image, User
from generations.pipeline import spool
from generations.queries.exports import (
    GALLERY,
    albums_of,
    exported,
    name_of,
    sheet_name_of,
    with_all,
)
from generations.storage.base import Missing

BATCH = 200
PIECE_BYTES = 256 * 1024


def export_gallery(images: QuerySet[Image], owner: User, target: Target, report: Report) -> None:
    """Streams, newest last; memory doesn't grow with the gallery. May run again into a folder."""
    ordered = with_all(images).order_by("sort_key", "pk").iterator(chunk_size=BATCH)
    while batch := list(islice(ordered, BATCH)):
        for image, sheet in zip(batch, exported(batch, owner), strict=True):
            try:
                _export(image, sheet, target, report)
            except LeftOut as error:
                report.leave_out(str(image.pk), error)
    _write_json(GALLERY, albums_of(owner), target)


def _export(image: Image, sheet: dict[str, Any], target: Target, report: Report) -> None:
    name = name_of(image)
    if target.holds(name, image.sha256):
        report.known += 1
    else:
        with spool.items_of(uuid4()) as new_item:
            path = _fetched(image, new_item)
            target.write(name, _pieces(path), image.created_at)
        report.moved += 1
    _write_json(sheet_name_of(image), sheet, target)


def _fetched(image: Image, new_item: spool.NewItem) -> str:
    """The original as a file of ours, its bytes those that came."""
    digest = hashlib.sha256()
    try:
        with new_item() as file:
            for chunk in storage.get_store().open(image.key).chunks:
                digest.update(chunk)
                file.write(chunk)
    except Missing as error:
        raise LeftOut("has lost its original (see manage.py audit)") from error
    if digest.hexdigest() != image.sha256:
        raise LeftOut("has other bytes than it came with (see manage.py audit)")
    return file.name


def _pieces(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _write_json(name: str, content: dict[str, Any], target: Target) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1).encode()
    target.write(name, [text], timezone.now())
