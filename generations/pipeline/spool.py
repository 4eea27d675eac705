"""Paid bytes on this host's disk before anything is done with them.

`<attempt>.part` while an answer comes in, `<attempt>.done` once it is whole and synced. The first
line is JSON about the answer; the provider's bytes follow exactly as received.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from django.conf import settings

from generations.mesh import AnswerHead

PIECE_BYTES = 256 * 1024
FREE_BYTES_FLOOR = 256 * 1024 * 1024
KEPT_HEADERS = {"content-type", "content-length", "retry-after", "x-request-id", "date"}


class SpoolFull(Exception):
    """Too little room to keep an answer: nothing may be sent."""


def directory() -> Path:
    path = Path(settings.SPOOL_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def check_room() -> None:
    if shutil.disk_usage(directory()).free < FREE_BYTES_FLOOR:
        raise SpoolFull


class SpoolFile:
    """The file one answer goes into."""

    def __init__(self, attempt_id: UUID, fence: int) -> None:
        # A worker that woke too late must not touch the file of the one that claimed after it.
        self.part = directory() / f"{attempt_id}.{fence}.part"
        self.done = directory() / f"{attempt_id}.done"
        self._digest = hashlib.sha256()
        self._file = os.fdopen(
            os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        )
        self.size = 0

    def write_head(self, head: AnswerHead) -> None:
        kept = {key: value for key, value in head.headers.items() if key.lower() in KEPT_HEADERS}
        line = msgspec.json.encode(asdict(head) | {"headers": kept})
        self._file.write(line + b"\n")

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self) -> str:
        """Synced and named .done; the SHA-256 of what was received."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.part.rename(self.done)
        sync_directory()
        return self._digest.hexdigest()

    def keep_part(self) -> None:
        """A cut answer stays as evidence."""
        self._file.close()

    def discard(self) -> None:
        """Nothing was received."""
        self._file.close()
        self.part.unlink(missing_ok=True)


def sync_directory() -> None:
    handle = os.open(directory(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer on disk. `is_whole`: the transport brought it to its proper end."""

    path: Path
    head: AnswerHead
    is_whole: bool
    size: int
    stamp: tuple[int, float]  # size and time of the last change: the same answer, looked at again

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.readline()
            while piece := file.read(PIECE_BYTES):
                yield piece


def find(attempt_id: UUID) -> Stored | None:
    """What this host's spool holds for an attempt: the whole answer, else its newest part."""
    whole = directory() / f"{attempt_id}.done"
    parts = sorted(directory().glob(f"{attempt_id}.*.part"), key=lambda path: path.stat().st_mtime)
    for path in (whole, *reversed(parts)):
        if path.is_file() and (head := _read_head(path)):
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime)
            return Stored(path, head, path == whole, stat.st_size, stamp)
    return None


def _read_head(path: Path) -> AnswerHead | None:
    with path.open("rb") as file:
        line = file.readline()
    try:
        return AnswerHead(**msgspec.json.decode(line)) if line.endswith(b"\n") else None
    except (msgspec.DecodeError, TypeError):
        return None


def item_path(attempt_id: UUID, name: str) -> Path:
    """Where one picture of an answer lies while it is being worked on."""
    return directory() / f"{attempt_id}.item-{name}"


def sizes_beside(item: Path) -> Path:
    """A folder for the sizes made of an item."""
    folder = item.with_name(f"{item.name}.sizes")
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def remove_item(path: Path) -> None:
    """An item and the sizes made of it; or such a folder alone."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    path.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.sizes"), ignore_errors=True)


def remove_items(attempt_id: UUID) -> None:
    """The pieces of work; the answer itself stays."""
    for path in directory().glob(f"{attempt_id}.item-*"):
        remove_item(path)


def remove(attempt_id: UUID) -> None:
    remove_items(attempt_id)
    for path in (directory() / f"{attempt_id}.done", *directory().glob(f"{attempt_id}.*.part")):
        path.unlink(missing_ok=True)


def remove_scraps(*, older_than: timedelta) -> None:
    """Pieces of work that a killed process left."""
    too_old = time.time() - older_than.total_seconds()
    for path in directory().glob("*.item-*"):
        if path.exists() and path.stat().st_mtime < too_old:
            remove_item(path)


def attempt_ids() -> set[UUID]:
    """The attempts that this host's spool holds an answer of. Other files are nobody's business."""
    names = [path.name.split(".")[0] for path in directory().iterdir()]
    return {UUID(name) for name in names if _is_uuid(name)}


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
