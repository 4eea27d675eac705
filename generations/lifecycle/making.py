"""Making attempts: the first ones of a submission, and what follows a refusal."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from generations import ledger, watch
from generations.lifecycle.moves import in_seconds, move, sources
from generations.models import Attempt, AttemptState, Generation
from generations.models.generation import UNFINISHED, sort_key
from generations.models.team import space_of

FORGOTTEN_SECONDS = 5.0


def make_attempts(generation: Generation, *, slots_per_call: int) -> list[Attempt]:
    """One ready attempt per upstream call, with its reservation. Inside the submit transaction."""
    attempts = [
        Attempt(
            generation=generation,
            owner_id=generation.owner_id,
            team_id=generation.team_id,
            first_slot=first,
            slot_count=min(slots_per_call, generation.n - first),
            **_fresh(generation, first),
        )
        for first in range(0, generation.n, slots_per_call)
    ]
    waits_for = "team_turn" if generation.team and generation.team.most_at_once else ""
    for attempt in attempts:
        attempt.reserved_micros = _worst_case(attempt)
        attempt.code = waits_for
        attempt.rung_at = Now()  # by the caller, on commit; if that fails the sweeper does
    Attempt.objects.bulk_create(attempts)
    ledger.reserve(attempts)
    watch.bump_on_commit([space_of(generation.owner_id, generation.team_id)])
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
) -> Attempt:
    """The next permission for the same slots, after a refusal that provably cost nothing.

    In the transaction that moved `attempt` to rejected_free, after `may_follow`.
    """
    give_up = attempt.give_up_at or (give_up_seconds and in_seconds(give_up_seconds))
    Attempt.objects.filter(pk=attempt.pk).update(is_vacant=False)
    following = Attempt.objects.create(
        generation=attempt.generation,
        owner_id=attempt.owner_id,
        team_id=attempt.team_id,
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
    ledger.carry_over(attempt, following)
    return following


def may_follow(attempt: Attempt) -> bool:
    """Whether nobody canceled or stopped waiting.

    Takes the generation's row, as a cancel does first, too; then the attempt's, as `hide` does.
    """
    generation = Generation.objects.filter(pk=attempt.generation_id, cancel_requested_at=None)
    waited_for = Attempt.objects.filter(pk=attempt.pk, is_hidden=False)
    return bool(generation.update(n=F("n")) and waited_for.update(fence=F("fence")))


def cancel_unsent(generation: Generation) -> None:
    """Cancel whatever wasn't sent, also what moves between waiting and held meanwhile.

    Each attempt in a transaction of its own: one over several would take attempts and budgets in
    another order than a worker that settles one of them, and PostgreSQL would end the two's wait.
    """
    unsent = generation.attempts.filter(state__in=sources(AttemptState.CANCELED))
    for attempt in unsent.select_related("generation"):
        cancel(attempt)


def cancel(attempt: Attempt) -> bool:
    """Whether it was canceled; what was sent can't be."""
    return move(attempt, AttemptState.CANCELED, fenced=False)


def cancel_forgotten(*, limit: int = 500) -> list[UUID]:
    """Go on with cancels whose web process died between the wish and the moves."""
    wished = Q(generation__cancel_requested_at__lt=in_seconds(-FORGOTTEN_SECONDS))
    unsent = Attempt.objects.filter(UNFINISHED, wished, state__in=sources(AttemptState.CANCELED))
    return [row.pk for row in unsent.select_related("generation")[:limit] if cancel(row)]
