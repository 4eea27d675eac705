"""The clock: Celery's beat, with its schedule in memory."""

import contextlib
from pathlib import Path
from typing import Any

from celery import current_app, signals
from celery.apps.beat import Beat
from celery.beat import Scheduler
from django.conf import settings
from kombu.exceptions import OperationalError

from generations.management.local import alive
from generations.management.local.celery_setup import leave_logging_alone

CATALOGUE_SECONDS = 900


class Ticker(Scheduler):
    """Nothing is worth remembering over a restart, so nothing is written that could be stale."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        alive.touch("beat", Path(settings.RUN_DIR))
        return super().tick(*args, **kwargs)


def keep_time() -> None:
    """Run until SIGTERM or SIGINT."""
    leave_logging_alone()
    signals.beat_init.connect(ring_for_catalogue, weak=False)
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


def ring_for_catalogue(**_: Any) -> None:
    """Once at the start too: an interval's first turn comes only when it is over."""
    with contextlib.suppress(OperationalError):
        current_app.send_task("generations.refresh_catalog", expires=CATALOGUE_SECONDS)
