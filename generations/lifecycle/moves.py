"""The life of an attempt: the only code that writes its state, and the money that moves with it.

Each move is one conditional UPDATE on the database's clock. Who loses a race gets False and goes;
nobody compares in Python and writes afterwards.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from generations import bell, ledger, watch
from generations.lifecycle.turns import next_of_team
from generations.models import Attempt, AttemptState
from generations.models.generation import IN_FLIGHT_STATES
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
    S.RESOLVED_CHARGED: frozenset({S.RECEIVED}),  # its picture turned up after all
    S.RESOLVED_FREE: frozenset(),
}
FREE_ENDS = {S.REJECTED_FREE, S.CANCELED, S.RESOLVED_FREE}
ENDS = FREE_ENDS | {S.STORED, S.CHARGED_UNUSABLE, S.UNKNOWN, S.RESOLVED_CHARGED}


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
    charge_micros: int | None = None,
    **fields: Any,
) -> bool:
    """Whether this call moved the attempt to `to`, its money with it.

    What ends as charged is settled at `charge_micros`, else at what was reserved.
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
        _move_money(attempt, to, charge_micros)
        watch.bump_on_commit([attempt.space])
        if attempt.team_id and attempt.state in IN_FLIGHT_STATES and to not in IN_FLIGHT_STATES:
            bell.ring_on_commit(bell.RUN_ATTEMPT, next_of_team(attempt.team_id))
    attempt.state = to
    return True


def _move_money(attempt: Attempt, to: AttemptState, charge_micros: int | None) -> None:
    if to in FREE_ENDS:
        _give_back(attempt)
    elif to == S.UNKNOWN:
        ledger.hold(attempt)
    elif to in (S.CHARGED_UNUSABLE, S.RESOLVED_CHARGED):
        spent = attempt.reserved_micros if charge_micros is None else charge_micros
        ledger.settle(attempt, micros=spent, pictures=attempt.slot_count)


def _give_back(attempt: Attempt) -> None:
    """A refusal may still have cost the tokens that the provider says it read."""
    spent = ledger.cost_of_tokens(attempt)
    if spent:
        ledger.settle(attempt, micros=spent, pictures=0)
    else:
        ledger.release(attempt)


def move_all(
    rows: QuerySet[Attempt], to: AttemptState, *, where: Q | None = None, **fields: Any
) -> list[UUID]:
    """Move every row that may go to `to`, one guarded UPDATE each; the ids that went."""
    moved = []
    for attempt in rows.filter(state__in=sources(to)).select_related("generation"):
        guard = Q(state=attempt.state) & (where or Q())
        if move(attempt, to, where=guard, **fields):
            moved.append(attempt.pk)
    return moved
