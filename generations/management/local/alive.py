"""Signs of life: worker and beat touch a file from the very loop that does their work.

`python -m generations.management.local.alive worker` is a health check without Django: exit code 0
while the file is fresh.
"""

import os
import sys
import time
from pathlib import Path

BEAT_SECONDS = 2.0
STALE_SECONDS = 30.0


def path_of(name: str, run_dir: Path) -> Path:
    return run_dir / f"{name}.alive"


def touch(name: str, run_dir: Path) -> None:
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path_of(name, run_dir).touch(mode=0o600)


def forget(name: str, run_dir: Path) -> None:
    path_of(name, run_dir).unlink(missing_ok=True)


def is_alive(name: str, run_dir: Path) -> bool:
    try:
        age_seconds = time.time() - path_of(name, run_dir).stat().st_mtime
    except FileNotFoundError:
        return False
    return age_seconds < STALE_SECONDS


def main() -> int:
    run_dir = Path(os.environ.get("VAR_DIR", "var")) / "run"
    return 0 if is_alive(sys.argv[1], run_dir) else 1


if __name__ == "__main__":
    sys.exit(main())
