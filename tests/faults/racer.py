"""`python -m tests.faults.racer COUNT`: so many processes claim at the same moment.

Prints the ids that were claimed, one a line, and dies with all it claimed.
"""

import os
import sys
import time
from pathlib import Path

START_AFTER_SECONDS = 1.0


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "meshgallery.settings"
    import django

    django.setup()
    start_at = time.monotonic() + START_AFTER_SECONDS
    files = [Path(os.environ["VAR_DIR"], f"racer-{number}") for number in range(count)]
    pids = [race(file, start_at) for file in files]
    for pid in pids:
        _, status = os.waitpid(pid, 0)
        assert status == 0, status
    print("".join(file.read_text() for file in files), end="")


def race(file: Path, start_at: float) -> int:
    """The pid of a child that claims until there is nothing left."""
    if pid := os.fork():
        return pid
    from generations import lifecycle
    from generations.pipeline import stopping

    time.sleep(max(0.0, start_at - time.monotonic()))
    with file.open("w") as claimed:
        while attempt := lifecycle.claim(stopping.worker_name()):
            claimed.write(f"{attempt.pk}\n")
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
