"""`python -m tests.faults.web`: `manage.py web`, killed whole between commit and ring.

Takes KILL_EVERY, KILL_TIMES and KILL_DIR as `worker.py` does.
"""

import os
import signal
from collections.abc import Iterable
from uuid import UUID

from tests.faults.worker import reaper_from


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
    import django

    django.setup()
    from generations import bell

    reaper = reaper_from(dict(os.environ))
    wrapped = bell.ring

    def die_first(task: str, ids: Iterable[UUID]) -> bool:
        if reaper.is_due():
            os.killpg(0, signal.SIGKILL)
        return wrapped(task, ids)

    bell.ring = die_first

    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "web"])


if __name__ == "__main__":
    main()
