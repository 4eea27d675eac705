"""What concerns everybody just now, at the top of every page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from generations import known, lifecycle, outcomes
from generations.models import Gate
from generations.queries.alive import is_scheduler_silent

SILENT = ("The scheduler has been silent", " for over 3 minutes: pictures may start late.")


@dataclass(frozen=True, slots=True)
class Banner:
    """`gate` is what staff may open again."""

    title: str
    text: str
    since: datetime | None = None
    until: datetime | None = None
    is_due: bool = False  # its time is over: somebody's picture finds out just now
    gate: str = ""


def banners(*, is_fresh: bool = True) -> list[Banner]:
    """Closed gates with why, since when and until when; a scheduler that fell silent.

    Not fresh, they may be two seconds old: whole pages ask often, and polls put it right.
    """
    gates = lifecycle.closed_gates
    found = [_of_gate(gate) for gate in (gates() if is_fresh else known.lately("gates", gates))]
    return [*found, Banner(*SILENT)] if is_scheduler_silent() else found


def _of_gate(gate: Gate) -> Banner:
    is_due = gate.closed_until is not None and gate.closed_until <= timezone.now()
    outcome = outcomes.sentence_for(gate.reason)
    why = f" “{gate.message}”" if gate.message and gate.reason == outcomes.PAUSED else ""
    return Banner(
        title=f"{outcome.title}{_model(gate)}.",
        text=f" {outcome.sentence}{why}",
        since=gate.closed_at,
        until=None if is_due else gate.closed_until,
        is_due=is_due,
        gate=gate.name,
    )


def _model(gate: Gate) -> str:
    if gate.name == lifecycle.ACCOUNT_GATE:
        return ""
    return f" ({gate.name.removeprefix('model:')})"
