"""A gallery's pictures, untouched, each with its sheet beside it."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone

from generations import policy, storage
from generations.management.transfer.report import LeftOut, Report
from generations.management.transfer.targets import Target
from generations.models import Album, Image, User
from generations.pipeline import spool
from generations.queries.provenance import sheets_of
from generations.storage.base import Missing

GALLERY = "gallery.json"
SCHEMA = "mesh-gallery/gallery/1"
BATCH = 200
PIECE_BYTES = 256 * 1024


def export_gallery(images: QuerySet[Image], owner: User, target: Target, report: Report) -> None:
    """Streams, newest last; memory doesn't grow with the gallery. May run again into a folder."""
    rows = images.select_related("generation", "attempt").prefetch_related(
        "favorites", "image_tags__tag", "album_images__album"
    )
    ordered = rows.order_by("sort_key", "pk").iterator(chunk_size=BATCH)
    while batch := list(islice(ordered, BATCH)):
        for image, sheet in zip(batch, sheets_of(batch), strict=True):
            try:
                _export(image, sheet | {"gallery": _gallery(image, owner)}, target, report)
            except LeftOut as error:
                report.leave_out(str(image.pk), error)
    _write_json(GALLERY, _albums(policy.visible_albums(owner)), target)


def name_of(image: Image) -> str:
    return f"pictures/{image.created_at:%Y-%m}/{image.filename}"


def _export(image: Image, sheet: dict[str, Any], target: Target, report: Report) -> None:
    name = name_of(image)
    if target.holds(name, image.sha256):
        report.known += 1
    else:
        with spool.items_of(uuid4()) as new_item:
            path = _fetched(image, new_item)
            target.write(name, _pieces(path), image.created_at)
        report.moved += 1
    sheet_name = name.rpartition(".")[0] + ".json"
    _write_json(sheet_name, sheet, target)


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


def _gallery(image: Image, owner: User) -> dict[str, Any]:
    """What its owner made of a picture."""
    return {
        "created_at": image.created_at.isoformat(),  # to the microsecond that orders it
        "is_favorite": any(each.user_id == owner.pk for each in image.favorites.all()),
        "tags": sorted(each.tag.name for each in image.image_tags.all()),
        "albums": [
            {"name": each.album.name, "position": each.position}
            for each in image.album_images.all()
        ],
        "is_hidden": image.is_hidden,
        "is_trashed": image.trashed_at is not None,
    }


def _albums(albums: QuerySet[Album]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "albums": [
            {
                "name": album.name,
                "description": album.description,
                "cover": str(album.cover_id) if album.cover_id else None,
            }
            for album in albums.order_by("created_at")
        ],
    }


def _write_json(name: str, content: dict[str, Any], target: Target) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1).encode()
    target.write(name, [text], timezone.now())
