"""Answers in this host's spool, or copied to the database, that nobody goes on from."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from generations.models import SENT_STATES, AnswerCopy, Attempt, AttemptState
from generations.pipeline import keeper, spool, stopping
from generations.pipeline.reconcile.findings import MOST, Finding, Wishes

S = AttemptState
SAVING = (S.RECEIVED, S.FETCHING)


def answers(wishes: Wishes) -> list[Finding]:
    here = spool.attempt_ids() - set(stopping.held_ids())
    is_copied = Exists(AnswerCopy.objects.filter(attempt=OuterRef("pk")))
    within_reach = Q(pk__in=here) | Q(is_copied, state__in=SAVING)
    waiting = Attempt.objects.filter(_is_free(), state__in=[*SENT_STATES, *SAVING, S.UNKNOWN])
    found = [
        _finding(attempt)
        for attempt in waiting.filter(within_reach).select_related("generation")[:MOST]
        if attempt.state in SAVING or keeper.can_adopt(attempt)
    ]
    elsewhere = waiting.filter(state__in=SAVING).exclude(within_reach)
    return found + [_left(attempt) for attempt in elsewhere[:MOST]]


def _is_free() -> Q:
    """Nobody holds it: an unknown one has no lease, a dead worker's has run out."""
    return Q(lease_until=None) | Q(lease_until__lt=Now())


def _finding(attempt: Attempt) -> Finding:
    return Finding(
        f"attempt {attempt.pk}",
        f"is {attempt.state}, and its answer is here",
        "store it",
        lambda: _store(attempt),
    )


def _left(attempt: Attempt) -> Finding:
    where = attempt.spool_host or "an unknown host"
    if where == stopping.host_name():
        what = "is received, and its answer is gone from this host's spool"
        return Finding(f"attempt {attempt.pk}", what, "call it unknown", lambda: _store(attempt))
    return Finding(f"attempt {attempt.pk}", f"is received, its answer lies on {where}: look there")


def _store(attempt: Attempt) -> bool:
    """Whether it came to an end, as a picture or as whatever the answer says."""
    if attempt.state not in SAVING and not keeper.adopt(attempt):
        return False
    keeper.store_received(attempt.pk)
    return not Attempt.objects.filter(pk=attempt.pk, state__in=SAVING).exists()
