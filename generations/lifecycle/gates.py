"""Gates: the provider's account, or one model, closed for a time to everybody.

When the time is over one attempt is let through to find out: a probe. If the provider takes it the
next may go, and so on until nobody waits and the gate is open; a limit then costs one refusal each
time. Where the provider is slow to say that it takes one, each lets two follow. If it is refused,
the gate stays closed; if nothing comes of it there is another probe later.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from generations import known
from generations.lifecycle.moves import S, in_seconds, move, move_all
from generations.lifecycle.turns import fairest, without_full_teams
from generations.models import Attempt, Gate
from generations.models.generation import UNFINISHED
from generations.transactions import writing

ACCOUNT_GATE = "account"
PROBE_SECONDS = 30.0  # to the next probe when one brought no answer
BATCH = 500
QUICK_SECONDS = 2.0  # from sending to being taken: then one at a time is quick enough
OPEN = {"is_closed": False, "closed_until": None, "probed_at": None}


def model_gate(model_id: str) -> str:
    return f"model:{model_id}"


def close_gate(name: str, *, seconds: float | None, reason: str, message: str = "") -> None:
    """Nobody sends through this gate until the time is over; a later time wins over an earlier.

    Also not the probes that were let through before and haven't gone.
    """
    until = None if seconds is None else in_seconds(seconds)
    fields = {"is_closed": True, "closed_at": Now(), "reason": reason, "message": message}
    with writing():
        gate, _ = Gate.objects.get_or_create(name=name)
        later = Q(is_closed=False) | Q(closed_until__lt=until) if until else Q()
        Gate.objects.filter(later, name=name).update(closed_until=until, **fields)
    known.forget()
    _forget_probes(gate)
    hold_behind_closed_gates()


def open_gate(name: str) -> None:
    """Open it before its time; what waited behind it is in line again."""
    gate = Gate.objects.filter(name=name, is_closed=True).first()
    if gate is None:
        return
    Gate.objects.filter(pk=gate.pk).update(**OPEN)
    known.forget()
    waiting = list(_waiting_at(gate).values_list("pk", flat=True))
    for first in range(0, len(waiting), BATCH):
        some = waiting[first : first + BATCH]
        Attempt.objects.filter(pk__in=some, state=S.HELD).update(not_before=Now())
    _forget_probes(gate)
    release_held()


def _forget_probes(gate: Gate) -> None:
    """A pass is good for one closing: unsent probes are in line like everybody else."""
    waiting = Attempt.objects.filter(UNFINISHED, state__in=[S.READY, S.HELD])
    probes = waiting.filter(_behind(gate), is_probe=True)
    ids = list(probes.values_list("pk", flat=True))
    Attempt.objects.filter(pk__in=ids, state__in=[S.READY, S.HELD]).update(is_probe=False)


def closed_gates() -> list[Gate]:
    """Also those whose time is over, until a probe has shown that they may open."""
    return list(Gate.objects.filter(is_closed=True))


def probe_due_gates() -> list[UUID]:
    """Let one attempt through each gate whose time is over; the ids of those attempts."""
    due = Q(probed_at=None) | Q(probed_at__lt=F("closed_until"))
    due |= Q(probed_at__lt=in_seconds(-PROBE_SECONDS))
    gates = Gate.objects.filter(due, is_closed=True, closed_until__lte=Now())
    return [pk for gate in gates for pk in _probe(gate, due)]


def _probe(gate: Gate, due: Q) -> list[UUID]:
    with writing():
        is_ours = Gate.objects.filter(due, pk=gate.pk, is_closed=True, closed_until__lte=Now())
        return _let_through(gate, 1) if is_ours.update(probed_at=Now()) else []


def let_others_follow(probe: Attempt) -> list[UUID]:
    """The provider has taken a probe: more may go, and the gate opens when none waits.

    Not if the gate was closed anew after the probe had been sent.
    """
    sent_at, taken_at = Attempt.objects.values_list("sent_at", "accepted_at").get(pk=probe.pk)
    if not sent_at:
        return []
    # Without a time the answer was stored before anybody could write down that it had begun.
    is_quick = taken_at and taken_at - sent_at < timedelta(seconds=QUICK_SECONDS)
    count = 1 if is_quick else 2
    gates = [gate for gate in closed_gates() if is_behind(probe, gate)]
    still = [gate for gate in gates if gate.closed_until and _was_closed_before(gate, sent_at)]
    return [pk for gate in still for pk in _let_through(gate, count, is_proven=True)]


def _was_closed_before(gate: Gate, moment: datetime) -> bool:
    return bool(gate.closed_at and gate.closed_at < moment)


def _let_through(gate: Gate, count: int, *, is_proven: bool = False) -> list[UUID]:
    """Move up to `count` of those that wait to the front; open the gate if nobody waits at it."""
    gone: list[UUID] = []
    while len(gone) < count:
        waiting = _waiting_at(gate)
        attempt = fairest(without_full_teams(waiting)) or fairest(waiting)
        if attempt is None:
            _open_deserted(gate, is_proven=is_proven)
            break
        if move(attempt, S.READY, where=Q(state=S.HELD), is_probe=True, not_before=Now()):
            gone.append(attempt.pk)
    return gone


def _open_deserted(gate: Gate, *, is_proven: bool) -> None:
    """Unproven not for those whom another gate holds as well. Never if it was closed anew since.

    By its time, not by `closed_at`: SQLite compares times as texts, and what the database wrote has
    fewer figures than what Python sends back.
    """
    held = Attempt.objects.filter(_behind(gate), state=S.HELD)
    if is_proven or not held.exists():
        Gate.objects.filter(pk=gate.pk, closed_until__lte=Now()).update(**OPEN)


def _waiting_at(gate: Gate) -> QuerySet[Attempt]:
    """Held, and behind this gate and no other."""
    rows = Attempt.objects.filter(_behind(gate), state=S.HELD)
    for other in closed_gates():
        if other.pk != gate.pk:
            rows = rows.exclude(_behind(other))
    return rows


def is_behind(attempt: Attempt, gate: Gate) -> bool:
    return gate.name in {ACCOUNT_GATE, model_gate(attempt.generation.model_id)}


def _behind(gate: Gate) -> Q:
    if gate.name == ACCOUNT_GATE:
        return Q(pk__isnull=False)
    return Q(generation__model_id=gate.name.removeprefix("model:"))


def hold_behind_closed_gates() -> None:
    for gate in closed_gates():
        rows = Attempt.objects.filter(_behind(gate), state=S.READY, is_probe=False)
        until = gate.closed_until or Now()
        move_all(rows, S.HELD, code=gate.reason, message=gate.message, not_before=until)


def release_held() -> list[UUID]:
    """Held attempts whose gates are open and whose time has come are in line again."""
    rows = Attempt.objects.filter(state=S.HELD, not_before__lte=Now())
    for gate in closed_gates():
        rows = rows.exclude(_behind(gate))
    return move_all(rows, S.READY)
