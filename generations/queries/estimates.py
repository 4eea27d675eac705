"""How long a model usually takes, from what it took lately."""

import time
from statistics import median

from generations.models import Attempt, AttemptState

SAMPLE = 20
_FRESH_SECONDS = 30.0
_known: dict[str, tuple[float, float | None]] = {}


def typical_seconds(model_id: str) -> float | None:
    """The median of the last runs, sending to last byte; None before the first. Kept for 30 s."""
    asked_at, seconds = _known.get(model_id, (0.0, None))
    if asked_at and time.monotonic() - asked_at < _FRESH_SECONDS:
        return seconds
    seconds = _measure(model_id)
    if seconds is not None:  # the first run's end is to count at once
        _known[model_id] = (time.monotonic(), seconds)
    return seconds


def _measure(model_id: str) -> float | None:
    recent = (
        Attempt.objects.filter(state=AttemptState.STORED, generation__model_id=model_id)
        .order_by("-finished_at")
        .values_list("sent_at", "received_at")[:SAMPLE]
    )
    took = [(end - start).total_seconds() for start, end in recent if start and end]
    return median(took) if took else None
