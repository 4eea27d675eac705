"""Everything of one person as one ZIP, written while it is sent; `manage.py import` reads it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from django.db import connection
from django.db.models import Q

from generations import policy
from generations.models import Image, User
from generations.pipeline.archive import ERRORS, Pipe, entry_of, write_original
from generations.queries import exports

BATCH = 50
PROMPTS = 500
ACCOUNT = "account.json"
ASKED_FOR = "prompts.json"


def takeout_of(owner: User) -> Iterator[bytes]:
    """Oldest first, the trash included. No database connection is held while somebody reads."""
    pipe, troubles = Pipe(), list[str]()
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        archive.writestr(ACCOUNT, _json(exports.account_of(owner)))
        archive.writestr(exports.GALLERY, _json(exports.albums_of(owner)))
        for image, sheet in _pictures(owner):
            yield from write_original(archive, pipe, image, exports.name_of(image), troubles)
            archive.writestr(entry_of(image, exports.sheet_name_of(image)), _json(sheet))
            yield pipe.take()
        with archive.open(ASKED_FOR, "w", force_zip64=True) as file:
            for line in _prompts(owner):
                file.write(line)
                yield pipe.take()
        if troubles:
            archive.writestr(ERRORS, "\n".join([*troubles, ""]))
    yield pipe.take()


def _pictures(owner: User) -> Iterator[tuple[Image, dict[str, Any]]]:
    own = policy.visible_images(owner).filter(team=None)  # a team's are the team's
    all_of_them = own | policy.trashed_images(owner)
    rows = exports.with_all(all_of_them).order_by("sort_key", "pk")
    behind = Q()
    while True:
        images = list(rows.filter(behind)[:BATCH])
        sheets = exports.exported(images, owner)
        connection.close()
        yield from zip(images, sheets, strict=True)
        if len(images) < BATCH:
            return
        last = images[-1]
        behind = Q(sort_key__gt=last.sort_key) | Q(sort_key=last.sort_key, pk__gt=last.pk)


def _prompts(owner: User) -> Iterator[bytes]:
    """A list, one to a line: there may be a million."""
    before, after = "[\n", None
    while rows := exports.prompts_of(owner, after=after, most=PROMPTS):
        connection.close()
        yield (before + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode()
        before, after = ",\n", UUID(rows[-1]["id"])
    yield b"\n]\n" if after else b"[]\n"


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)
