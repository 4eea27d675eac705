"""Making attempts: the first ones of a submission, and what follows a refusal."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from generations import ledger, watch
from generations.lifecycle.moves import in_seconds, move, sources
from generations.models import Attempt, AttemptState, Generation
from generations.models.generation import sort_key


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
) -> Attempt:
    """The next permission for the same slots, after a refusal that provably cost nothing.

    In the transaction that moved `attempt` to rejected_free, after `may_follow`.
    """
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


def may_follow(attempt: Attempt) -> bool:
    """Whether nobody canceled. Takes the generation's row, as a cancel does first, too."""
    generation = Generation.objects.filter(pk=attempt.generation_id, cancel_requested_at=None)
    return bool(generation.update(n=F("n")))


def cancel_unsent(generation: Generation) -> None:
    """Cancel whatever wasn't sent, also what moves between waiting and held meanwhile."""
    unsent = generation.attempts.filter(state__in=sources(AttemptState.CANCELED))
    for attempt in unsent.select_related("generation"):
        move(attempt, AttemptState.CANCELED, fenced=False)
