"""Pictures as files in one folder of this machine."""

import contextlib
import errno
import hashlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from generations.storage.base import (
    CHUNK_BYTES,
    KeyTaken,
    Listed,
    Missing,
    ObjectInfo,
    Sealed,
    Source,
    StoredObject,
    StoreUnavailable,
    WrongChecksum,
    checked_digest,
    checked_key,
    checked_prefix,
    length_within,
    opened,
)

# On the same file system as the rest; no key begins with a dot.
INCOMING = ".incoming"
# A put takes seconds. What lies there for a day was left by a crash.
STALE_SECONDS = 86_400
TRIES = 5
# Another file system, one without links, a file with too many: then it is copied.
UNLINKABLE = {errno.EXDEV, errno.EPERM, errno.EMLINK}


class _Unlinkable(Exception):
    pass


class FileStore:
    """Files that are written whole, once, and readable by their owner alone."""

    def __init__(self, root: Path) -> None:
        self._root = Path(root).absolute()

    def put_new(self, key: str, source: Source, *, sha256: str, content_type: str) -> bool:
        """`content_type` isn't kept: whoever serves a file sets its own."""
        path = self._path(key)
        checked_digest(sha256)
        with opened(source) as body, self._translated():
            if isinstance(source, Sealed):
                with contextlib.suppress(_Unlinkable):
                    return self._take(source, body, path, sha256=sha256)
            draft = self._draft(body, sha256=sha256)
            try:
                return self._publish(draft, path, sha256=sha256)
            finally:
                draft.unlink(missing_ok=True)

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> StoredObject:
        with self._translated():
            file = self._opened(self._path(key))
        try:
            size = os.fstat(file.fileno()).st_size
            wanted = length_within(size, start=start, length=length)
            file.seek(start)
        except BaseException:
            file.close()
            raise
        return StoredObject(size=size, length=wanted, chunks=self._chunks(file, wanted))

    def head(self, key: str) -> ObjectInfo | None:
        """Reads the whole file: its digest is what is on the disk now, not what was once noted."""
        try:
            with self._translated(), self._opened(self._path(key)) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return ObjectInfo(size=os.fstat(file.fileno()).st_size, sha256=digest)
        except Missing:
            return None

    def delete(self, key: str) -> None:
        path = self._path(key)
        with self._translated():
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty, or somebody was quicker
                for folder in path.parents:
                    if folder == self._root:
                        break
                    folder.rmdir()

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        folder, _, beginning = checked_prefix(prefix).rpartition("/")
        return self._under(f"{folder}/" if folder else "", beginning)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (found.key for found in self.listing(prefix))

    def signed_url(
        self,
        key: str,
        *,
        seconds: int,
        content_type: str,
        filename: str = "",
        attachment: bool = False,
    ) -> None:
        return None

    def check(self) -> None:
        """Writes, reads and deletes a small file; also whether this file system can do it all."""
        key, content = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.put_new(key, content, sha256=hashlib.sha256(content).hexdigest(), content_type="")
        try:
            if b"".join(self.open(key).chunks) != content:
                raise StoreUnavailable("The picture folder gives back other bytes than it took.")
        finally:
            self.delete(key)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _take(self, source: Sealed, body: BinaryIO, path: Path, *, sha256: str) -> bool:
        """The file itself, under a second name: not a byte is copied or read again."""
        if source.sha256 != sha256:
            raise WrongChecksum("these are not the bytes of that digest")
        os.fchmod(body.fileno(), 0o600)
        os.fsync(body.fileno())
        try:
            return self._publish(source.path, path, sha256=sha256)
        except OSError as error:
            if error.errno in UNLINKABLE:
                raise _Unlinkable from error
            raise

    def _draft(self, body: BinaryIO, *, sha256: str) -> Path:
        """All of it on the disk under a name that nobody reads."""
        incoming = self._root / INCOMING
        _make_folder(incoming)
        _remove_stale(incoming)
        handle, name = tempfile.mkstemp(dir=incoming)  # mode 0600
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                if _copy(body, file) != sha256:
                    raise WrongChecksum("these are not the bytes of that digest")
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return draft

    def _publish(self, draft: Path, path: Path, *, sha256: str) -> bool:
        """A second name for the draft, which the kernel gives only if nobody has it."""
        for _ in range(TRIES):
            try:
                _make_folder(path.parent)
                os.link(draft, path)
                _sync_folder(path.parent)
                return True
            except FileExistsError:
                if self._holds(path, sha256):
                    return False
            except FileNotFoundError:
                continue  # a delete removed the empty folder in between
        raise StoreUnavailable("The picture folder is being emptied while pictures arrive.")

    def _holds(self, path: Path, sha256: str) -> bool:
        """False if it has gone meanwhile; raises `KeyTaken` where other bytes are."""
        try:
            with self._opened(path) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise KeyTaken("other bytes are under this key")
        except Missing:
            return False
        _sync_folder(path.parent)  # the one who wrote it may not have come to this
        return True

    def _opened(self, path: Path) -> BufferedReader:
        # NONBLOCK: a named pipe put there by somebody must not hold us.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            file = os.fdopen(os.open(path, flags), "rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Missing("no such object") from error
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise Missing("no such object")
        return file

    def _chunks(self, file: BinaryIO, wanted: int) -> Iterator[bytes]:
        with self._translated(), file:
            while wanted:
                chunk = file.read(min(CHUNK_BYTES, wanted))
                if not chunk:
                    raise StoreUnavailable("A picture's file became shorter while it was read.")
                wanted -= len(chunk)
                yield chunk

    def _under(self, folder: str, beginning: str) -> Iterator[Listed]:
        with self._translated():
            try:
                found = [one for one in os.scandir(self._root / folder) if one.name[0] != "."]
            except (FileNotFoundError, NotADirectoryError):
                return
        # A folder sorts as if it ended in the slash that follows it in every key.
        for entry in sorted(found, key=lambda one: one.name + "/" * one.is_dir()):
            if not entry.name.startswith(beginning):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._under(f"{folder}{entry.name}/", "")
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                    yield _listed(folder + entry.name, entry.stat(follow_symlinks=False))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "unknown fault"
            if error.errno == errno.EXDEV or error.errno == errno.EPERM:
                reason = "this file system can't keep pictures safely (no hard links)"
            raise StoreUnavailable(f"The picture folder can't be used: {reason}.") from error


def _listed(key: str, found: os.stat_result) -> Listed:
    return Listed(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _copy(body: BinaryIO, file: BinaryIO) -> str:
    """The digest of what was written."""
    digest = hashlib.sha256()
    while chunk := body.read(CHUNK_BYTES):
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest()


def _make_folder(folder: Path) -> None:
    """With its parents, each one's name on the disk before anything is put into it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_stale(incoming: Path) -> None:
    oldest = time.time() - STALE_SECONDS
    for entry in os.scandir(incoming):
        with contextlib.suppress(FileNotFoundError):
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                Path(entry.path).unlink()
