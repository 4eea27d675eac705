"""The clock: Celery's beat, with its schedule in memory."""

from pathlib import Path
from typing import Any

from celery import current_app
from celery.apps.beat import Beat
from celery.beat import Scheduler
from django.conf import settings

from generations.management.local import alive
from generations.management.local.celery_setup import leave_logging_alone


class Ticker(Scheduler):
    """Nothing is worth remembering over a restart, so nothing is written that could be stale."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        alive.touch("beat", Path(settings.RUN_DIR))
        return super().tick(*args, **kwargs)


def keep_time() -> None:
    """Run until SIGTERM or SIGINT."""
    leave_logging_alone()
    try:
        Beat(
            app=current_app,
            scheduler_cls=f"{__name__}:{Ticker.__name__}",
            max_interval=int(alive.BEAT_SECONDS),
            redirect_stdouts=False,
            quiet=True,
        ).run()
    finally:
        alive.forget("beat", Path(settings.RUN_DIR))
