"""Whose turn it is, who holds an attempt, and what becomes of it when its holder dies."""

import threading
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Least, Now

from generations.lifecycle.gates import hold_behind_closed_gates
from generations.lifecycle.moves import S, in_seconds, lease, move, move_all
from generations.lifecycle.turns import fairest, has_place, in_line
from generations.models import Attempt
from generations.models.generation import IN_FLIGHT_STATES, SENT_STATES, UNFINISHED
from generations.transactions import writing

MOST_TRIES = 30_000  # a number that its column can hold

PATIENCE_SECONDS = 10.0

_claiming = threading.Lock()  # threads of one process take turns instead of losing the same race


class ClaimLost(Exception):
    """The attempt is no longer this worker's: not a byte may leave."""


def claim(worker: str, *, generation: UUID | None = None) -> Attempt | None:
    """The attempt whose turn it is, now this worker's; None when there is nothing to do.

    Turns are fair between people: the owner with the fewest in flight, then the oldest.
    """
    if not _claiming.acquire(timeout=PATIENCE_SECONDS):  # the database keeps another one waiting
        return None
    try:
        return _claim(worker, generation)
    finally:
        _claiming.release()


def _claim(worker: str, generation: UUID | None) -> Attempt | None:
    hold_behind_closed_gates()
    for _ in range(20):
        candidate = _next_ready(generation)
        if candidate is None:
            return None
        if _take(candidate, worker):
            return Attempt.objects.select_related("generation").get(pk=candidate.pk)
    return None


def _next_ready(generation: UUID | None) -> Attempt | None:
    ready = in_line()
    return fairest(ready.filter(generation=generation) if generation else ready)


def _take(candidate: Attempt, worker: str) -> bool:
    """Why it had to wait so far is over and forgotten."""
    with writing():
        if candidate.team_id and not has_place(candidate.team_id):
            return False
        return move(
            candidate,
            S.CLAIMED,
            where=Q(not_before__lte=Now()),
            worker=worker,
            fence=F("fence") + 1,
            lease_until=lease(),
            claimed_at=Now(),
            code="",
            message="",
        )


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
    is_try: bool = True,
) -> bool:
    """A claimed attempt that provably wasn't sent waits for another turn.

    With `is_try` it counts against the patience for its cause. It goes through no closed gate.
    """
    fields: dict[str, Any] = {"code": code, "lease_until": None, "is_probe": False}
    if is_try:
        fields["tries"] = Least(F("tries") + 1, MOST_TRIES)
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


def expire_claims(*, limit: int = 500) -> list[UUID]:
    """Claimed by a worker that went away before sending: back in line, nothing was sent."""
    expired = Attempt.objects.filter(state=S.CLAIMED, lease_until__lt=Now())[:limit]
    ids = [attempt.pk for attempt in expired]
    rows = Attempt.objects.filter(pk__in=ids, lease_until__lt=Now())
    is_expired = Q(lease_until__lt=Now())
    return move_all(rows, S.READY, where=is_expired, lease_until=None, not_before=Now())


def expired_sends(*, limit: int = 500) -> list[Attempt]:
    """Sent by a worker that has been silent for longer than its lease."""
    rows = Attempt.objects.filter(UNFINISHED, state__in=SENT_STATES, lease_until__lt=Now())
    return list(rows.select_related("generation")[:limit])


def declare_unknown(
    attempt: Attempt, *, code: str, message: str = "", if_expired: bool = False
) -> bool:
    """The answer was lost on its way. Never sent again by itself; the money stays held.

    With `if_expired` only while its holder is silent: a lease renewed just now wins.
    """
    where = Q(lease_until__lt=Now()) if if_expired else None
    return move(attempt, S.UNKNOWN, where=where, code=code, message=message, lease_until=None)


def resolve_unknown(
    attempt: Attempt, *, is_charged: bool, charge_micros: int | None = None
) -> bool:
    """A person or a bill says what an unknown call cost; without an amount: what was reserved."""
    to = S.RESOLVED_CHARGED if is_charged else S.RESOLVED_FREE
    return move(attempt, to, where=Q(state=S.UNKNOWN), charge_micros=charge_micros)


def give_up_waiting() -> list[UUID]:
    """What waited longer than it was told to ends as not charged."""
    waiting = Attempt.objects.filter(UNFINISHED, state__in=[S.READY, S.HELD])
    late = waiting.filter(give_up_at__lt=Now())
    return move_all(late, S.REJECTED_FREE)
