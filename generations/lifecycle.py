"""The life of an attempt: the only code that writes its state, and the money that moves with it.

Each move is one conditional UPDATE on the database's clock. Who loses a race gets False and goes;
nobody compares in Python and writes afterwards.
"""

import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now

from generations import ledger, watch
from generations.models import Attempt, AttemptState, Gate, Generation
from generations.models.generation import IN_FLIGHT_STATES, SENT_STATES, sort_key
from generations.transactions import writing

S = AttemptState

MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    S.READY: frozenset({S.HELD, S.CLAIMED, S.CANCELED, S.REJECTED_FREE}),
    S.HELD: frozenset({S.READY, S.CANCELED, S.REJECTED_FREE}),
    S.CLAIMED: frozenset({S.READY, S.HELD, S.SENDING, S.CANCELED, S.REJECTED_FREE}),
    S.SENDING: frozenset({S.ACCEPTED, S.REJECTED_FREE, S.RECEIVED, S.UNKNOWN}),
    S.ACCEPTED: frozenset({S.REJECTED_FREE, S.RECEIVED, S.UNKNOWN}),
    S.RECEIVED: frozenset({S.FETCHING, S.STORED, S.CHARGED_UNUSABLE, S.REJECTED_FREE, S.UNKNOWN}),
    S.FETCHING: frozenset({S.RECEIVED}),
    S.UNKNOWN: frozenset({S.RECEIVED, S.RESOLVED_CHARGED, S.RESOLVED_FREE}),
    S.STORED: frozenset(),
    S.REJECTED_FREE: frozenset(),
    S.CHARGED_UNUSABLE: frozenset(),
    S.CANCELED: frozenset(),
    S.RESOLVED_CHARGED: frozenset(),
    S.RESOLVED_FREE: frozenset(),
}
FREE_ENDS = {S.REJECTED_FREE, S.CANCELED, S.RESOLVED_FREE}
ENDS = FREE_ENDS | {S.STORED, S.CHARGED_UNUSABLE, S.UNKNOWN, S.RESOLVED_CHARGED}
ACCOUNT_GATE = "account"

_claiming = threading.Lock()  # threads of one process take turns instead of losing the same race


class ClaimLost(Exception):
    """The attempt is no longer this worker's: not a byte may leave."""


def sources(to: AttemptState) -> list[AttemptState]:
    return [state for state, targets in MOVES.items() if to in targets]


def in_seconds(seconds: float) -> Any:
    """A time from now, on the database's clock."""
    return Now() + timedelta(seconds=seconds)


def lease() -> Any:
    return in_seconds(settings.LEASE_SECONDS)


def move(
    attempt: Attempt,
    to: AttemptState,
    *,
    where: Q | None = None,
    fenced: bool = True,
    **fields: Any,
) -> bool:
    """Whether this call moved the attempt to `to`, its money with it.

    `where` may name the attempt's own columns alone: Django puts a guard over two tables into a
    subquery, which PostgreSQL doesn't check again when it had to wait for the row.
    """
    guard = (where or Q()) & Q(pk=attempt.pk, state__in=sources(to))
    if fenced:
        guard &= Q(fence=attempt.fence)
    if to in ENDS:
        fields.setdefault("finished_at", Now())
    if to == S.READY:
        fields |= {"rung_at": None, "rings": 0}
    with writing():
        if not Attempt.objects.filter(guard).update(state=to, state_since=Now(), **fields):
            return False
        _move_money(attempt, to)
        watch.bump_on_commit([attempt.owner_id])
    attempt.state = to
    return True


def _move_money(attempt: Attempt, to: AttemptState) -> None:
    if to in FREE_ENDS:
        ledger.release(attempt)
    elif to == S.UNKNOWN:
        ledger.hold(attempt)
    elif to in (S.CHARGED_UNUSABLE, S.RESOLVED_CHARGED):
        ledger.settle(attempt, micros=attempt.reserved_micros)


# Making attempts


def make_attempts(generation: Generation, *, slots_per_call: int) -> list[Attempt]:
    """One ready attempt per upstream call, with its reservation. Inside the submit transaction."""
    attempts = [
        Attempt(
            generation=generation,
            owner_id=generation.owner_id,
            first_slot=first,
            slot_count=min(slots_per_call, generation.n - first),
            **_fresh(generation, first),
        )
        for first in range(0, generation.n, slots_per_call)
    ]
    for attempt in attempts:
        attempt.reserved_micros = _worst_case(attempt)
        attempt.rung_at = Now()  # by the caller, on commit; if that fails the sweeper does
    Attempt.objects.bulk_create(attempts)
    ledger.reserve(attempts)
    watch.bump_on_commit([generation.owner_id])
    return attempts


def _fresh(generation: Generation, slot: int) -> dict[str, Any]:
    return {
        "sort_key": sort_key(generation.created_at, slot),
        "state_since": Now(),
        "not_before": Now(),
        "created_at": Now(),
    }


def _worst_case(attempt: Attempt) -> int | None:
    each = attempt.generation.quote_micros
    return None if each is None else each * attempt.slot_count


def follow_up(
    attempt: Attempt, *, wait_seconds: float, give_up_seconds: float | None, state: AttemptState
) -> Attempt | None:
    """The next permission for the same slots, after a refusal that provably cost nothing.

    In the transaction that moved `attempt` to rejected_free. A canceled generation gets none.
    """
    generation = Generation.objects.filter(pk=attempt.generation_id, cancel_requested_at=None)
    if not generation.update(n=F("n")):  # also waits for a cancel that is being committed
        return None
    give_up = attempt.give_up_at or (give_up_seconds and in_seconds(give_up_seconds))
    Attempt.objects.filter(pk=attempt.pk).update(is_vacant=False)
    following = Attempt.objects.create(
        generation=attempt.generation,
        owner_id=attempt.owner_id,
        previous=attempt,
        is_automatic=True,
        tries=attempt.tries + 1,
        first_slot=attempt.first_slot,
        slot_count=attempt.slot_count,
        reserved_micros=attempt.reserved_micros,
        is_hidden=attempt.is_hidden,
        give_up_at=give_up or None,
        state=state,
        code=attempt.code,
        message=attempt.message,
        status=attempt.status,
        **_fresh(attempt.generation, attempt.first_slot) | {"not_before": in_seconds(wait_seconds)},
    )
    ledger.reserve([following])
    return following


# Claiming


def claim(worker: str, *, generation: UUID | None = None) -> Attempt | None:
    """The attempt whose turn it is, now this worker's; None when there is nothing to do.

    Turns are fair between people: the owner with the fewest in flight, then the oldest.
    """
    with _claiming:
        hold_behind_closed_gates()
        for _ in range(20):
            candidate = _next_ready(generation)
            if candidate is None:
                return None
            if _take(candidate, worker):
                return Attempt.objects.select_related("generation").get(pk=candidate.pk)
    return None


def _next_ready(generation: UUID | None) -> Attempt | None:
    ready = Attempt.objects.filter(state=S.READY, not_before__lte=Now())
    if generation:
        ready = ready.filter(generation=generation)
    waiting = dict(ready.values_list("owner").annotate(oldest=Min("created_at")))
    if not waiting:
        return None
    busy = dict(
        Attempt.objects.filter(state__in=IN_FLIGHT_STATES, owner__in=waiting)
        .values_list("owner")
        .annotate(Count("id"))
    )
    fairest = min(waiting, key=lambda owner: (busy.get(owner, 0), waiting[owner]))
    return ready.filter(owner=fairest).order_by("created_at", "first_slot").first()


def _take(candidate: Attempt, worker: str) -> bool:
    return move(
        candidate,
        S.CLAIMED,
        where=Q(not_before__lte=Now()),
        worker=worker,
        fence=F("fence") + 1,
        lease_until=lease(),
        claimed_at=Now(),
    )


# The worker's moves


def mark_sending(attempt: Attempt) -> None:
    """Commit "sent" before the first byte leaves; raises ClaimLost if it isn't ours to send."""
    mine = Q(worker=attempt.worker, sent_at=None)
    if not move(attempt, S.SENDING, where=mine, sent_at=Now(), lease_until=lease()):
        raise ClaimLost(str(attempt.pk))


def mark_accepted(attempt: Attempt, *, status: int, request_id: str) -> bool:
    return move(
        attempt,
        S.ACCEPTED,
        accepted_at=Now(),
        status=status,
        request_id=request_id,
        lease_until=lease(),
    )


def put_back(
    attempt: Attempt,
    *,
    wait_seconds: float,
    give_up_seconds: float | None,
    code: str,
    is_held: bool = False,
) -> bool:
    """A claimed attempt that provably wasn't sent waits for another turn."""
    fields: dict[str, Any] = {"code": code, "tries": F("tries") + 1, "lease_until": None}
    if attempt.give_up_at is None and give_up_seconds is not None:
        fields["give_up_at"] = in_seconds(give_up_seconds)
    to = S.HELD if is_held else S.READY
    return move(
        attempt, to, where=Q(state=S.CLAIMED), not_before=in_seconds(wait_seconds), **fields
    )


def renew_leases(worker: str, attempt_ids: Iterable[UUID]) -> int:
    """One UPDATE for all that this process works on."""
    unfinished = [*IN_FLIGHT_STATES, S.RECEIVED, S.FETCHING]
    mine = Attempt.objects.filter(pk__in=list(attempt_ids), worker=worker, state__in=unfinished)
    with writing():
        return mine.update(lease_until=lease())


def take_received(worker: str, attempt_id: UUID) -> Attempt | None:
    """A received answer that nobody is storing, now this worker's to store."""
    free = Q(pk=attempt_id, state__in=[S.RECEIVED, S.FETCHING])
    free &= Q(lease_until__lt=Now()) | Q(lease_until=None)
    with writing():
        if not Attempt.objects.filter(free).update(
            worker=worker, fence=F("fence") + 1, lease_until=lease(), state=S.RECEIVED
        ):
            return None
    return Attempt.objects.select_related("generation").get(pk=attempt_id)


# Bulk moves of the sweeper and of people


def move_all(rows: QuerySet[Attempt], to: AttemptState, **fields: Any) -> list[UUID]:
    """Move every row that may go to `to`, one guarded UPDATE each; the ids that went."""
    moved = []
    for attempt in rows.filter(state__in=sources(to)).select_related("generation"):
        if move(attempt, to, where=Q(state=attempt.state), **fields):
            moved.append(attempt.pk)
    return moved


def expire_claims(*, limit: int = 500) -> list[UUID]:
    """Claimed by a worker that went away before sending: back in line, nothing was sent."""
    expired = Attempt.objects.filter(state=S.CLAIMED, lease_until__lt=Now())[:limit]
    ids = [attempt.pk for attempt in expired]
    rows = Attempt.objects.filter(pk__in=ids, lease_until__lt=Now())
    return move_all(rows, S.READY, lease_until=None, not_before=Now())


def expired_sends(*, limit: int = 500) -> list[Attempt]:
    """Sent by a worker that has been silent for longer than its lease."""
    rows = Attempt.objects.filter(state__in=SENT_STATES, lease_until__lt=Now())
    return list(rows.select_related("generation")[:limit])


def declare_unknown(attempt: Attempt, *, code: str, message: str = "") -> bool:
    """The answer was lost on its way. Never sent again by itself; the money stays held."""
    return move(attempt, S.UNKNOWN, code=code, message=message, lease_until=None)


def give_up_waiting() -> list[UUID]:
    """What waited longer than it was told to ends as not charged."""
    late = Attempt.objects.filter(state__in=[S.READY, S.HELD], give_up_at__lt=Now())
    return move_all(late, S.REJECTED_FREE)


# Gates


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
        until = {"not_before": gate.closed_until} if gate.closed_until else {}
        rows = Attempt.objects.filter(_behind(gate), state=S.READY)
        move_all(rows, S.HELD, code=gate.reason, message=gate.message, **until)


def release_held() -> list[UUID]:
    """Held attempts whose gate is open and whose time has come are in line again."""
    rows = Attempt.objects.filter(state=S.HELD, not_before__lte=Now())
    for gate in closed_gates():
        rows = rows.exclude(_behind(gate)) if gate.name != ACCOUNT_GATE else rows.none()
    return move_all(rows, S.READY)
