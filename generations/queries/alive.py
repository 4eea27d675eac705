"""Whether the parts that work in the background were alive lately."""

import time

from generations import lifecycle
from generations.models import Heartbeat
from generations.models.heartbeat import SCHEDULER

SILENT_SECONDS = 180
_FRESH_SECONDS = 15.0
_known: list[tuple[float, bool]] = []


def is_scheduler_silent() -> bool:
    """The scheduler has said nothing for three minutes; looked up once in 15 s by each process."""
    now = time.monotonic()
    if _known and now - _known[0][0] < _FRESH_SECONDS:
        return _known[0][1]
    long_ago = lifecycle.in_seconds(-SILENT_SECONDS)
    is_silent = Heartbeat.objects.filter(name=SCHEDULER, beat_at__lt=long_ago).exists()
    _known[:] = [(now, is_silent)]
    return is_silent


def forget() -> None:
    _known.clear()
