"""Gates: the provider's account, or one model, closed for a time to everybody."""

from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from generations.lifecycle.moves import S, in_seconds, move_all
from generations.models import Attempt, Gate
from generations.transactions import writing

ACCOUNT_GATE = "account"


def close_gate(name: str, *, seconds: float | None, reason: str, message: str = "") -> None:
    """Nobody sends through this gate until the time is over; a later time wins over an earlier."""
    until = None if seconds is None else in_seconds(seconds)
    fields = {"is_closed": True, "closed_at": Now(), "reason": reason, "message": message}
    with writing():
        Gate.objects.get_or_create(name=name)
        later = Q(is_closed=False) | Q(closed_until__lt=until) if until else Q()
        Gate.objects.filter(later, name=name).update(closed_until=until, **fields)
    hold_behind_closed_gates()


def open_gate(name: str) -> None:
    """Open it before its time; what waited behind it is in line again."""
    gate = Gate.objects.filter(name=name, is_closed=True).first()
    if gate is None:
        return
    with writing():
        Gate.objects.filter(pk=gate.pk).update(is_closed=False, closed_until=None)
        waiting = Attempt.objects.filter(_behind(gate), state=S.HELD, code=gate.reason)
        for pk in waiting.values_list("pk", flat=True):
            Attempt.objects.filter(pk=pk, state=S.HELD).update(not_before=Now())
    release_held()


def open_due_gates() -> None:
    due = Gate.objects.filter(is_closed=True, closed_until__lte=Now())
    if due.exists():
        with writing():
            due.update(is_closed=False, closed_until=None)


def model_gate(model_id: str) -> str:
    return f"model:{model_id}"


def closed_gates() -> list[Gate]:
    return list(
        Gate.objects.filter(Q(closed_until=None) | Q(closed_until__gt=Now()), is_closed=True)
    )


def _behind(gate: Gate) -> Q:
    if gate.name == ACCOUNT_GATE:
        return Q()
    return Q(generation__model_id=gate.name.removeprefix("model:"))


def hold_behind_closed_gates() -> None:
    for gate in closed_gates():
        rows = Attempt.objects.filter(_behind(gate), state=S.READY)
        until = gate.closed_until or Now()
        move_all(rows, S.HELD, code=gate.reason, message=gate.message, not_before=until)


def release_held() -> list[UUID]:
    """Held attempts whose gate is open and whose time has come are in line again."""
    rows = Attempt.objects.filter(state=S.HELD, not_before__lte=Now())
    for gate in closed_gates():
        rows = rows.exclude(_behind(gate)) if gate.name != ACCOUNT_GATE else rows.none()
    return move_all(rows, S.READY)
