"""Pictures as one ZIP, written while it is sent: it begins at once and never lies anywhere whole.

Nothing in it is packed again: pictures are as small as they get. Each has its provenance sheet
beside it, unless it is to tell nothing. What the store lacks, or what can't be converted, is told
in `errors.txt`; of the latter the original is there instead.
"""

import json
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from uuid import UUID
from zipfile import ZIP64_LIMIT, ZIP64_VERSION, ZIP_STORED, ZipFile, ZipInfo

from django.db import connection

from generations.errors import CannotConvert, Unavailable
from generations.models import Image
from generations.pipeline.download import CLEAN, KEEP, ORIGINAL, Download, made_of
from generations.queries.provenance import SeesCost, sheets_of
from generations.storage import get_store
from generations.storage.base import Missing, StoreError

BATCH = 50
NAME_BYTES = 120  # of a prompt in a file's name; 255 is what file systems take in all
READABLE = 0o644 << 16
ERRORS = "errors.txt"
TURN_SECONDS = 60.0  # for a place among those whose pictures are being converted
PAUSE_SECONDS = 0.25
INSTEAD = "it can't be converted; the original is here instead"
MayHave = Callable[[Sequence[UUID]], Collection[UUID]]


class Pipe:
    """Takes what the ZIP's writer writes, and gives it away at once. It can't go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._parts.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def zip_of(
    ids: Sequence[UUID],
    *,
    target: str = ORIGINAL,
    content: str = KEEP,
    sees_cost: SeesCost = lambda image: True,
    has_sheets: bool = True,
    may_have: MayHave = lambda ids: ids,
) -> Iterator[bytes]:
    """The ZIP of these pictures, piece by piece.

    Who may have them was decided before; somebody may read for hours, so `may_have` says it anew
    of every few that come next.
    `target` and `content` are as in `made_of`; clean ones have no sheets in any case. No database
    connection is held while somebody reads slowly. Closing it ends everything.
    """
    is_as_it_came = (target, content) == (ORIGINAL, KEEP)
    pipe, troubles = Pipe(), list[str]()
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        for start in range(0, len(ids), BATCH):
            wanted = ids[start : start + BATCH]
            for image, sheet in _rows(wanted, troubles, sees_cost, may_have):
                if is_as_it_came:
                    yield from write_original(archive, pipe, image, file_name(image), troubles)
                else:
                    yield from _made(archive, pipe, image, troubles, target, content)
                if has_sheets and content != CLEAN:
                    archive.writestr(entry_of(image, file_name(image, "json")), sheet)
                yield pipe.take()
        if troubles:
            archive.writestr(ERRORS, "\n".join([*troubles, ""]))
    yield pipe.take()


def _rows(
    ids: Sequence[UUID], troubles: list[str], sees_cost: SeesCost, may_have: MayHave
) -> list[tuple[Image, str]]:
    """Each picture with its sheet as text, in this order."""
    rows = Image.objects.select_related("generation", "attempt__generation")
    found = rows.in_bulk(list(may_have(ids)))
    images = [found[pk] for pk in ids if pk in found]
    sheets = [
        json.dumps(each, indent=2, ensure_ascii=False)
        for each in sheets_of(images, sees_cost=sees_cost)
    ]
    connection.close()
    troubles += [f"{pk}: gone in the meantime" for pk in ids if pk not in found]
    return list(zip(images, sheets, strict=True))


def write_original(
    archive: ZipFile, pipe: Pipe, image: Image, name: str, troubles: list[str]
) -> Iterator[bytes]:
    try:
        found = get_store().open(image.key)
    except Missing:
        troubles.append(f"{name}: its file is missing")
        return
    except StoreError:
        troubles.append(f"{name}: it couldn't be read")
        return
    try:
        with archive.open(entry_of(image, name, image.size_bytes), "w") as entry:
            for chunk in found.chunks:
                entry.write(chunk)
                yield pipe.take()
    except StoreError:
        troubles.append(f"{name}: it broke off; what is here isn't whole")
    finally:
        found.close()


def _made(
    archive: ZipFile, pipe: Pipe, image: Image, troubles: list[str], target: str, content: str
) -> Iterator[bytes]:
    """What is made of the picture; its name tells no more than the picture is to tell."""
    name = image.filename if content == CLEAN else file_name(image)
    try:
        made = _in_turn(image, target, content)
    except CannotConvert as error:
        troubles.append(f"{name}: {error.sentence}" if content == CLEAN else f"{name}: {INSTEAD}")
        if content != CLEAN:
            yield from write_original(archive, pipe, image, file_name(image), troubles)
        return
    except Missing:
        troubles.append(f"{name}: its file is missing")
        return
    except (StoreError, Unavailable):
        troubles.append(f"{name}: it couldn't be converted just now")
        return
    extension = made.filename.rpartition(".")[2]
    told = made.filename if content == CLEAN else file_name(image, extension)
    with archive.open(entry_of(image, told, made.size), "w") as entry:
        for chunk in made.chunks:
            entry.write(chunk)
            yield pipe.take()


def _in_turn(image: Image, target: str, content: str) -> Download:
    """Waits while too many others convert: this is one of a long row anyway."""
    give_up = time.monotonic() + TURN_SECONDS
    while True:
        try:
            return made_of(image, target=target, content=content)
        except Unavailable:
            if time.monotonic() > give_up:
                raise
        time.sleep(PAUSE_SECONDS)


def entry_of(image: Image, name: str, size: int = 0) -> ZipInfo:
    """Its size is told beforehand, so that only what is beyond 4 GB needs a ZIP64 entry."""
    moment = image.created_at.timetuple()[:6]
    entry = ZipInfo(name, max(moment, (1980, 1, 1, 0, 0, 0)))
    entry.external_attr = READABLE
    entry.file_size = size
    if entry.file_size * 1.05 > ZIP64_LIMIT:  # Python before 3.11.4 doesn't say so itself
        entry.create_version = entry.extract_version = ZIP64_VERSION
    return entry


def file_name(image: Image, extension: str = "") -> str:
    """“2026-05-04-a-fox-in-the-snow-1f3a….png”: good on every system, sorted by day."""
    parts = [f"{image.created_at:%Y-%m-%d}", _words(image.generation.prompt), image.pk.hex[:12]]
    return f"{'-'.join(filter(None, parts))}.{extension or image.extension}"


def _words(prompt: str) -> str:
    """Letters, their accents and digits alone: no path, no mark that turns what follows."""
    text = unicodedata.normalize("NFC", prompt[:500]).lower()
    kept = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text)
    whole = "-".join(kept.split())
    return whole.encode()[:NAME_BYTES].decode(errors="ignore").strip("-")
