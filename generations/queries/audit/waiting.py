"""I11: what should have moved by now, and nobody says why it hasn't."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from generations import lifecycle
from generations.models import Attempt, AttemptState, CheckVerdict, Image, ModerationCheck
from generations.models.generation import IN_FLIGHT_STATES
from generations.queries.audit.counting import Options, Tally

S = AttemptState
GRACE = timedelta(minutes=1)
SWEPT = timedelta(minutes=5)  # the longest that the sweeper rests between two rings
STALLED = timedelta(minutes=15)
UNSTORED = timedelta(minutes=10)
SIZES_LATE = timedelta(hours=1)
CHECK_LATE = timedelta(hours=1)


def count_forgotten(options: Options, tally: Tally) -> None:
    lease_over = Q(lease_until__lt=Now() - _grace()) | Q(lease_until=None)
    held_by_nobody = Attempt.objects.filter(lease_over, state_since__lt=Now() - _grace())
    tally.add_rows(
        held_by_nobody.filter(state__in=IN_FLIGHT_STATES), "lost its worker, and nobody noticed"
    )
    saving = held_by_nobody.filter(state__in=[S.RECEIVED, S.FETCHING], code="")
    tally.add_rows(
        saving.filter(state_since__lt=Now() - UNSTORED), "has its answer, and nobody stores it"
    )
    _count_waiting(tally)
    late = Image.objects.filter(sizes_done=False, attempt__finished_at__lt=Now() - SIZES_LATE)
    tally.add_rows(late, "is a picture that lacks a size")
    _count_unchecked(tally)


def _count_waiting(tally: Tally) -> None:
    due = Attempt.objects.filter(not_before__lt=Now() - _grace())
    ready = due.filter(state=S.READY)
    tally.add_rows(
        ready.filter(Q(rung_at=None) | Q(rung_at__lt=Now() - SWEPT - _grace())),
        "waits, and no worker is told of it",
    )
    if not Attempt.objects.filter(claimed_at__gt=Now() - UNSTORED).exists():
        stalled = ready.filter(not_before__lt=Now() - STALLED)
        tally.add_rows(stalled, "waits, and no worker takes anything")
    held = Attempt.objects.filter(state=S.HELD)
    tally.add_rows(held.filter(code=""), "is held without a reason")
    if not lifecycle.closed_gates():
        tally.add_rows(due.filter(state=S.HELD).exclude(code=""), "is held though all is open")
    over = Attempt.objects.filter(state__in=[S.READY, S.HELD], give_up_at__lt=Now() - _grace())
    tally.add_rows(over, "waits longer than it was told to")


def _count_unchecked(tally: Tally) -> None:
    waiting = ModerationCheck.objects.filter(verdict=CheckVerdict.WAITING)
    tally.add_rows(waiting.filter(due_at__lt=Now() - CHECK_LATE), "is a check that nobody makes")
    kept = Image.objects.filter(is_withheld=True)
    needless = kept.filter(Q(moderation=None) | Q(moderation__verdict=CheckVerdict.CLEAR))
    tally.add_rows(needless, "is a picture held back for nothing")


def _grace() -> timedelta:
    return GRACE + timedelta(seconds=settings.LEASE_SECONDS + settings.SWEEP_SECONDS)
