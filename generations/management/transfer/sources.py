"""What an import reads: a folder or a ZIP file, neither of which is trusted.

Names are only ever looked at, never made into a place to write to. Nothing is unpacked: a picture
is read piece by piece, and only as far as one may be long.
"""

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from generations.imaging.probe import MAX_BYTES
from generations.management.transfer.report import LeftOut

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
NOTES = frozenset({".json", ".txt", ".md"})  # beside pictures; never told as left out
PIECE_BYTES = 256 * 1024
MOST_NOTE_BYTES = 1024 * 1024
MOST_ENTRIES = 1_000_000
UNREADABLE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, zlib.error)


class NoSource(Exception):
    """Nothing can be imported from there; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `open` is called once at most."""

    name: str
    size: int
    changed_at: datetime
    open: Callable[[], BinaryIO] = field(repr=False)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def pieces(self, most: int = MAX_BYTES) -> Iterator[bytes]:
        """Raises `LeftOut` where it is longer than it may be, or can't be read to its end."""
        if self.size > most:
            raise LeftOut("is too large")
        try:
            with self.open() as file:
                left = most
                while piece := file.read(PIECE_BYTES):
                    left -= len(piece)
                    if left < 0:
                        raise LeftOut("is too large")
                    yield piece
        except UNREADABLE as error:
            raise LeftOut("can't be read, it is damaged or locked") from error

    def content(self) -> bytes:
        return b"".join(self.pieces(MOST_NOTE_BYTES))


LeaveOut = Callable[[str, str], None]


class Source(Protocol):
    def pictures(self, leave_out: LeaveOut) -> Iterator[Entry]:
        """Whatever is called a picture, in the order of the names."""

    def note(self, name: str) -> Entry | None:
        """The text file of this very name."""

    def close(self) -> None: ...


def open_source(path: Path) -> Source:
    """Raises `NoSource`."""
    if path.is_dir():
        return FolderSource(path)
    if not path.is_file():
        raise NoSource(f"There is no folder and no ZIP file “{path}”.")
    try:
        return ZipSource(ZipFile(path))
    except (*UNREADABLE, ValueError) as error:
        raise NoSource(f"“{path}” is no ZIP file that can be read.") from error


class FolderSource:
    def __init__(self, root: Path) -> None:
        self._root = root

    def pictures(self, leave_out: LeaveOut) -> Iterator[Entry]:
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in folders:
                if Path(folder, name).is_symlink():
                    shown = Path(folder, name).relative_to(self._root).as_posix()
                    leave_out(shown, "is a link to another folder")
            for name in sorted(names):
                path = Path(folder, name)
                shown = path.relative_to(self._root).as_posix()
                if name.startswith(".") or not is_wanted(shown, leave_out):
                    continue
                if entry := self._entry(path, shown):
                    yield entry
                else:
                    leave_out(shown, "is no regular file")

    def note(self, name: str) -> Entry | None:
        return self._entry(self._root / name, name)

    def _entry(self, path: Path, shown: str) -> Entry | None:
        try:
            found = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        changed = datetime.fromtimestamp(found.st_mtime, UTC)
        return Entry(shown, found.st_size, changed, lambda: _opened(path))

    def close(self) -> None:
        pass


def _opened(path: Path) -> BinaryIO:
    """The file that was looked at, not what was put in its place meanwhile."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


class ZipSource:
    def __init__(self, archive: ZipFile) -> None:
        self._zip = archive
        named = [each for each in archive.infolist() if each.filename]
        self._infos = [each for each in named if not each.is_dir()]
        if len(self._infos) > MOST_ENTRIES:
            archive.close()
            raise NoSource(f"The ZIP file has more than {MOST_ENTRIES:,} files in it.")
        self._notes = {each.filename: each for each in self._infos if _is_note(each.filename)}

    def pictures(self, leave_out: LeaveOut) -> Iterator[Entry]:
        for info in sorted(self._infos, key=lambda each: each.filename):
            name = info.filename
            if why := _what_is_wrong(info):
                leave_out(name, why)
            elif not PurePosixPath(name).name.startswith(".") and is_wanted(name, leave_out):
                yield self._entry(info)

    def note(self, name: str) -> Entry | None:
        info = self._notes.get(name)
        return None if info is None or _what_is_wrong(info) else self._entry(info)

    def _entry(self, info: ZipInfo) -> Entry:
        def opened() -> BinaryIO:
            return self._zip.open(info)  # type: ignore[return-value]

        return Entry(info.filename, info.file_size, _moment(info), opened)

    def close(self) -> None:
        self._zip.close()


def is_wanted(name: str, leave_out: LeaveOut) -> bool:
    if PurePosixPath(name).suffix.lower() in PICTURES:
        return True
    if not _is_note(name):
        leave_out(name, "isn't called a PNG, JPEG or WebP")
    return False


def _is_note(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in NOTES


def _what_is_wrong(info: ZipInfo) -> str:
    parts = PurePosixPath(info.filename).parts
    if info.filename.startswith("/") or ".." in parts or "\\" in info.filename:
        return "has a name that leads out of the archive"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        return "is packed in a way that isn't opened here"
    return (
        "" if stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG} else "is no regular file"
    )


def _moment(info: ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)
