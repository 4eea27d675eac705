"""Where an export goes: a folder that may be gone on with, or one ZIP file."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)  # a ZIP's calendar begins there


class Target(Protocol):
    def holds(self, name: str, sha256: str) -> bool:
        """Whether an earlier export left these very bytes there."""

    def write(self, name: str, chunks: Iterable[bytes], when: datetime) -> None:
        """All of it or nothing, whatever `chunks` raises."""

    def close(self) -> None:
        """It is whole now."""

    def give_up(self) -> None:
        """It never will be."""


class FolderTarget:
    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def holds(self, name: str, sha256: str) -> bool:
        with suppress(FileNotFoundError), (self._root / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        return False

    def write(self, name: str, chunks: Iterable[bytes], when: datetime) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        try:
            with draft.open("wb") as file:
                for chunk in chunks:
                    file.write(chunk)
            os.utime(draft, (when.timestamp(), when.timestamp()))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        pass

    def give_up(self) -> None:
        pass


class ZipTarget:
    """Written beside its name, which it gets when it is whole."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._draft = path.with_name(f".{path.name}.part")
        self._zip = ZipFile(self._draft, "w")

    def holds(self, name: str, sha256: str) -> bool:
        return False

    def write(self, name: str, chunks: Iterable[bytes], when: datetime) -> None:
        """A ZIP can't take back what is in it: the caller has looked at the bytes before."""
        moment = when.astimezone(UTC).timetuple()[:6]
        info = ZipInfo(name, max(EARLIEST, moment))
        info.compress_type = ZIP_DEFLATED if name.endswith(".json") else ZIP_STORED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                file.write(chunk)

    def close(self) -> None:
        self._zip.close()
        self._draft.replace(self._path)

    def give_up(self) -> None:
        with suppress(OSError, ValueError):
            self._zip.close()
        self._draft.unlink(missing_ok=True)
