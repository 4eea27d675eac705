"""How long a model usually takes, from what it took lately."""

import time
from statistics import median
from typing import NamedTuple

from generations import known
from generations.models import Attempt, AttemptState

SAMPLE = 20
LOOKED_AT = 2000  # runs of all models: a rare model's last twenty may be years apart
_FRESH_SECONDS = 30.0


class Usual(NamedTuple):
    """Of a model's last runs, from sending to last byte."""

    seconds: float  # the median
    soonest: float  # what nine of ten took at least


_known: dict[str, tuple[float, Usual | None]] = {}


def usual_of(model_id: str) -> Usual | None:
    """None before the first run. Kept for 30 s."""
    asked_at, usual = _known.get(model_id, (0.0, None))
    # The first run's end is to count soon.
    fresh_seconds = known.FRESH_SECONDS if usual is None else _FRESH_SECONDS
    if not asked_at or time.monotonic() - asked_at >= fresh_seconds:
        usual = _measure(model_id)
        _known[model_id] = (time.monotonic(), usual)
    return usual


def _measure(model_id: str) -> Usual | None:
    newest = Attempt.objects.filter(state=AttemptState.STORED).order_by("-finished_at")
    recent = (
        Attempt.objects.filter(pk__in=newest.values("pk")[:LOOKED_AT])
        .filter(generation__model_id=model_id)
        .order_by("-finished_at")
        .values_list("sent_at", "received_at")[:SAMPLE]
    )
    took = sorted((end - start).total_seconds() for start, end in recent if start and end)
    return Usual(median(took), took[len(took) // 10]) if took else None
