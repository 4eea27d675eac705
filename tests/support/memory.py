"""A folder in memory for what tests write: each picture is synced to the disk several times.

The disk takes milliseconds for that, which adds up to minutes; a killed process loses nothing from
memory either. Where there is little memory, it is an ordinary temporary folder.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

FOLDER = Path("/dev/shm")  # noqa: S108
ROOM_BYTES = 4 * 1024**3


def has_room() -> bool:
    if not FOLDER.is_dir() or shutil.disk_usage(FOLDER).free < ROOM_BYTES:
        return False
    return psutil.virtual_memory().available > 2 * ROOM_BYTES


@contextmanager
def quick_folder(prefix: str) -> Iterator[Path]:
    """Removed afterwards, whatever happens."""
    parent = FOLDER if has_room() else None
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # a PostgreSQL under another user has its own folder in it
        yield Path(name)
