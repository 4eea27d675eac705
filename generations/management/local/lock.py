"""One `manage.py run` per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generations.management.local.errors import CannotStart


@contextmanager
def sole_run(var_dir: Path) -> Iterator[None]:
    """Hold the folder's lock. The kernel frees it however we end, so a stale one can't exist."""
    handle = os.open(var_dir / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise CannotStart(
                f"Mesh Gallery is already running on {var_dir} (process {holder}):"
                " stop it, or set VAR_DIR to another folder."
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
