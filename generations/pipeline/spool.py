"""Paid bytes on this host's disk before anything is done with them.

`<attempt>.part` while an answer comes in, `<attempt>.done` once it is whole and synced. The first
line is JSON about the answer; the provider's bytes follow exactly as received.
"""

import contextlib
import ctypes
import errno
import hashlib
import os
import resource
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import msgspec
from django.conf import settings

from generations.mesh import AnswerHead

PIECE_BYTES = 256 * 1024
FREE_BYTES_FLOOR = 256 * 1024 * 1024
EXPECTED_BYTES = 8 * 1024 * 1024  # of one picture's answer: twice what a large one takes
TELLING_SECONDS = 5.0
_KEEP_SIZE = 1  # Linux's FALLOC_FL_KEEP_SIZE: room is taken, the file stays as long as it is
KEPT_HEADERS = {"content-type", "content-length", "retry-after", "x-request-id", "date"}


NewItem = Callable[[], BinaryIO]


class SpoolFull(Exception):
    """Too little room to keep an answer: nothing may be sent. `code` says what is full."""

    def __init__(self, code: str = "spool_full") -> None:
        super().__init__(code)
        self.code = code


def directory() -> Path:
    path = Path(settings.SPOOL_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def check_room() -> None:
    if shutil.disk_usage(directory()).free < FREE_BYTES_FLOOR:
        raise SpoolFull


def take_room(file: BinaryIO, size: int) -> None:
    """Take `size` bytes of the disk now: a full one must show before anything is paid.

    Only Linux can take room without making the file longer; elsewhere `check_room` must do.
    """
    longest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if longest != resource.RLIM_INFINITY and longest < size:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    fallocate = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if fallocate is None:
        return
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if fallocate(file.fileno(), _KEEP_SIZE, 0, size) == 0:
        return
    code = ctypes.get_errno()
    if code not in {errno.EOPNOTSUPP, errno.ENOSYS}:
        raise OSError(code, os.strerror(code))


class SpoolFile:
    """The file one answer goes into, its room taken before anything is sent; or SpoolFull."""

    def __init__(self, attempt_id: UUID, fence: int, *, pictures: int = 1) -> None:
        # A worker that woke too late must not touch the file of the one that claimed after it.
        self.part = directory() / f"{attempt_id}.{fence}.part"
        self.done = directory() / f"{attempt_id}.done"
        self._digest = hashlib.sha256()
        self.told: threading.Thread | None = None  # tells the database that the answer has begun
        self.size = 0
        try:
            check_room()
            handle = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise SpoolFull from error
        self._file = os.fdopen(handle, "wb")
        try:
            take_room(self._file, pictures * EXPECTED_BYTES)
        except OSError as error:
            self.discard()
            raise SpoolFull from error

    def write_head(self, head: AnswerHead) -> None:
        kept = {key: value for key, value in head.headers.items() if key.lower() in KEPT_HEADERS}
        line = msgspec.json.encode(asdict(head) | {"headers": kept})
        self._file.write(line + b"\n")

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def wait_until_told(self) -> None:
        """The whole answer is here: now there is time for the database, though not for ever."""
        if self.told:
            self.told.join(TELLING_SECONDS)

    def finish(self) -> str:
        """Synced and named .done; the SHA-256 of what was received."""
        self._trim()
        os.fsync(self._file.fileno())
        self._file.close()
        self.part.rename(self.done)
        sync_directory()
        return self._digest.hexdigest()

    def keep_part(self) -> None:
        """A cut answer stays as evidence."""
        with contextlib.suppress(OSError):  # a full disk may be why it was cut
            self._trim()
        with contextlib.suppress(OSError):
            self._file.close()

    def _trim(self) -> None:
        """Give back the room that the answer didn't need."""
        self._file.flush()
        os.ftruncate(self._file.fileno(), self._file.tell())

    def discard(self) -> None:
        """Nothing was received."""
        self._file.close()
        self.part.unlink(missing_ok=True)


def put_whole(attempt_id: UUID, content: bytes) -> None:
    """An answer that came on another host, synced and named .done."""
    draft = directory() / f"{attempt_id}.item-copy"
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(directory() / f"{attempt_id}.done")
    sync_directory()


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


def fetched_path(attempt_id: UUID, index: int) -> Path:
    """A picture that an answer gave as an address: part of the answer once it is here."""
    return directory() / f"{attempt_id}.fetched-{index}"


@contextlib.contextmanager
def items_of(attempt_id: UUID) -> Iterator[NewItem]:
    """Makes an empty file for each call, and removes in the end what still has its name.

    The files are this run's alone. A store may have taken one as it is, so nobody else may come to
    write into it, whatever two workers do with one answer.
    """
    run, made = uuid4().hex[:8], list[Path]()

    def new_item() -> BinaryIO:
        made.append(item_path(attempt_id, f"{run}-{len(made)}"))
        return open(made[-1], "xb", opener=_private)

    try:
        yield new_item
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def remove(attempt_id: UUID) -> None:
    for name in ("done", "*.part", "fetched-*", "item-*"):
        for path in directory().glob(f"{attempt_id}.{name}"):
            path.unlink(missing_ok=True)


def remove_scraps(*, older_than: timedelta) -> None:
    """Pieces of work that a killed process left."""
    too_old = time.time() - older_than.total_seconds()
    for path in directory().glob("*.item-*"):
        if path.exists() and path.stat().st_mtime < too_old:
            path.unlink(missing_ok=True)


def attempt_ids() -> set[UUID]:
    """The attempts that this host's spool holds an answer of. Other files are nobody's business."""
    names = [path.name.split(".")[0] for path in directory().iterdir()]
    return {UUID(name) for name in names if _is_uuid(name)}


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
