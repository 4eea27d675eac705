"""Budgets that hold under a hundred requests at once.

A grant is one conditional UPDATE of the period's row, in the transaction that makes the attempts:
both databases check the limit again on the row as it is when its turn comes. Whatever an attempt
took, it gives back or spends in the period that granted it, whatever the limit is by then.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import F, FilteredRelation, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from generations import wording
from generations.errors import BudgetExhausted
from generations.models import Attempt, Budget, BudgetPeriod, BudgetScope, BudgetSpan, Reservation

_log = logging.getLogger(__name__)

SPAN_WORDS = {"day": " for today", "month": " for this month", "total": ""}
LIFETIME = datetime(2000, 1, 1, tzinfo=UTC)
COUNTED = (
    "starts_at",
    "spent_micros",
    "spent_pictures",
    "reserved_micros",
    "reserved_pictures",
)


def budgets_of(owner_id: int | None, team_id: int | None = None) -> list[Budget]:
    """The budgets a person spends from, for their own gallery or for a team's.

    Their own one comes instead of each person's, and counts whatever they ask for; the team's, and
    theirs in it, count beside it. Without a person those of somebody who has none of their own.
    """
    return _without_replaced(_active(owner_id, team_id))


def budgets_with_periods(
    owner_id: int, team_id: int | None = None
) -> list[tuple[Budget, BudgetPeriod | None]]:
    """These budgets, each with the period that it is in, if anything was granted: one query.

    The periods are for reading: they hold what was granted and nothing else.
    """
    now = timezone.now()
    starts = {span: starts_at(span, now) for span in BudgetSpan.values}
    of_now = Q(periods__starts_at__in=set(starts.values()))
    whose = Q(periods__user=owner_id) | Q(periods__user=None)
    columns = {f"of_{name}": F(f"period__{name}") for name in COUNTED}
    rows = _active(owner_id, team_id).annotate(
        period=FilteredRelation("periods", condition=of_now & whose), **columns
    )
    found: dict[int, tuple[Budget, BudgetPeriod | None]] = {}
    for row in rows:
        period = BudgetPeriod(**{name: getattr(row, f"of_{name}") for name in COUNTED})
        is_of_now = period.starts_at == starts[row.span]
        if is_of_now or row.pk not in found:
            found[row.pk] = (row, period if is_of_now else None)
    left = _without_replaced(budget for budget, _ in found.values())
    return [found[budget.pk] for budget in left]


def _active(owner_id: int | None, team_id: int | None) -> QuerySet[Budget]:
    theirs = Q(user=None, team=None) | Q(scope=BudgetScope.USER, user=owner_id)
    if team_id is not None:
        theirs |= Q(scope=BudgetScope.TEAM, team=team_id)
        theirs |= Q(scope=BudgetScope.MEMBER, team=team_id, user=owner_id)
    return Budget.objects.filter(theirs, is_active=True).order_by("pk")


def _without_replaced(found: Iterable[Budget]) -> list[Budget]:
    budgets = list(found)
    own = {budget.span for budget in budgets if budget.scope == BudgetScope.USER}
    return [
        budget for budget in budgets if budget.scope != BudgetScope.EACH or budget.span not in own
    ]


def starts_at(span: str, now: datetime) -> datetime:
    """When the period began that `now` lies in."""
    if span == BudgetSpan.TOTAL:
        return LIFETIME
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if span == BudgetSpan.DAY else midnight.replace(day=1)


def period_of(budget: Budget, owner_id: int) -> BudgetPeriod:
    """Today's row of a budget for a person."""
    limits = {"limit_micros": budget.limit_micros, "limit_pictures": budget.limit_pictures}
    is_shared = budget.scope in {BudgetScope.INSTALLATION, BudgetScope.TEAM}
    whose: dict[str, Any] = {"user": None} if is_shared else {"user_id": owner_id}
    period, _ = BudgetPeriod.objects.get_or_create(
        budget=budget,
        **whose,
        starts_at=starts_at(budget.span, timezone.now()),
        defaults=limits,
    )
    period.budget = budget
    return period


def _bring_limits_up_to_date(period: BudgetPeriod) -> None:
    """Takes the row if somebody has changed its budget: only in the order of `grant`."""
    budget = period.budget
    if (period.limit_micros, period.limit_pictures) != (budget.limit_micros, budget.limit_pictures):
        BudgetPeriod.objects.filter(pk=period.pk).update(
            limit_micros=budget.limit_micros, limit_pictures=budget.limit_pictures
        )
        period.limit_micros, period.limit_pictures = budget.limit_micros, budget.limit_pictures


def grant(attempts: Sequence[Attempt]) -> None:
    """Reserve one submission's attempts from all budgets it spends from; or BudgetExhausted."""
    owner_id, team_id = attempts[0].owner_id, attempts[0].team_id
    periods = [period_of(budget, owner_id) for budget in budgets_of(owner_id, team_id)]
    reservations: list[Reservation] = []
    for period in sorted(periods, key=lambda row: row.pk):  # one order for all: no deadlock
        _bring_limits_up_to_date(period)
        left = _take(period, attempts)
        reservations += [
            Reservation(
                attempt=attempt,
                period=period,
                micros=attempt.reserved_micros or 0,
                pictures=attempt.slot_count,
                left_micros=left.micros,
                left_pictures=left.pictures,
            )
            for attempt in attempts
        ]
    Reservation.objects.bulk_create(reservations)


class _Left:
    """The room a period has after a grant; None where it has no such limit."""

    def __init__(self, period: BudgetPeriod) -> None:
        self.micros = self.pictures = None
        if period.limit_micros is not None:
            self.micros = period.limit_micros - period.spent_micros - period.reserved_micros
        if period.limit_pictures is not None:
            self.pictures = period.limit_pictures - period.spent_pictures - period.reserved_pictures


def _take(period: BudgetPeriod, attempts: Sequence[Attempt]) -> _Left:
    pictures = sum(attempt.slot_count for attempt in attempts)
    micros = sum(attempt.reserved_micros or 0 for attempt in attempts)
    is_unpriced = any(attempt.reserved_micros is None for attempt in attempts)
    if is_unpriced and period.limit_micros is not None and settings.UNKNOWN_PRICE != "allow":
        raise BudgetExhausted(
            "This model's price isn't known, so it can't be counted against your budget."
            " Choose a model with a price.",
            code="price_unknown",
        )
    has_money = Q(limit_micros__gte=F("spent_micros") + F("reserved_micros") + micros)
    has_pictures = Q(limit_pictures__gte=F("spent_pictures") + F("reserved_pictures") + pictures)
    has_room = (Q(limit_micros=None) | has_money) & (Q(limit_pictures=None) | has_pictures)
    granted = BudgetPeriod.objects.filter(has_room, pk=period.pk).update(
        reserved_micros=F("reserved_micros") + micros,
        reserved_pictures=F("reserved_pictures") + pictures,
    )
    period.refresh_from_db()
    if not granted:
        raise BudgetExhausted(_refusal(period, micros=micros, pictures=pictures))
    return _Left(period)


def _refusal(period: BudgetPeriod, *, micros: int, pictures: int) -> str:
    span = SPAN_WORDS[period.budget.span]
    if period.budget.scope == BudgetScope.TEAM:  # what a team has left is for who leads it
        return f"The team’s budget{span} hasn’t room for this. Ask one of its owners."
    left = _Left(period)
    if left.micros is not None and left.micros < micros:
        need = wording.usd(micros)
        rest = wording.sum_of_money(max(0, left.micros))
        limit = wording.sum_of_money(period.limit_micros or 0)
    else:
        need = wording.count(pictures, "picture")
        rest, limit = str(max(0, left.pictures or 0)), str(period.limit_pictures)
    whose = "the gallery's" if period.user_id is None else "your"
    if period.budget.scope == BudgetScope.MEMBER:
        whose = "your share of the team's"
    return f"This needs {need}, and {whose} budget{span} has {rest} of {limit} left."


def grant_again(refused: Attempt, following: Attempt) -> None:
    for past in Reservation.objects.filter(attempt=refused).order_by("period_id"):
        BudgetPeriod.objects.filter(pk=past.period_id).update(
            reserved_micros=F("reserved_micros") + past.micros,
            reserved_pictures=F("reserved_pictures") + past.pictures,
        )
        Reservation.objects.create(
            attempt=following, period_id=past.period_id, micros=past.micros, pictures=past.pictures
        )


def close(attempt: Attempt, *, micros: int, pictures: int) -> None:
    """Turn the attempt's reservations into what was spent: 0 gives all of it back."""
    for row in Reservation.objects.filter(attempt=attempt, is_open=True).order_by("period_id"):
        is_ours = Reservation.objects.filter(pk=row.pk, is_open=True).update(
            is_open=False, spent_micros=micros, spent_pictures=pictures
        )
        if not is_ours:
            continue
        BudgetPeriod.objects.filter(pk=row.period_id).update(
            reserved_micros=F("reserved_micros") - row.micros,
            reserved_pictures=F("reserved_pictures") - row.pictures,
            spent_micros=F("spent_micros") + micros,
            spent_pictures=F("spent_pictures") + pictures,
        )
        if micros > row.micros:
            _log.warning("attempt %s cost more than was reserved: mend its price", attempt.pk)


def sums_of(period: BudgetPeriod) -> dict[str, int]:
    """What a period's four counters should say, added up from its reservations."""
    zero = 0
    rows = Reservation.objects.filter(period=period)
    is_open, is_over = Q(is_open=True), Q(is_open=False)
    return rows.aggregate(
        reserved_micros=Coalesce(Sum("micros", filter=is_open), zero),
        reserved_pictures=Coalesce(Sum("pictures", filter=is_open), zero),
        spent_micros=Coalesce(Sum("spent_micros", filter=is_over), zero),
        spent_pictures=Coalesce(Sum("spent_pictures", filter=is_over), zero),
    )


def recount(period: BudgetPeriod) -> bool:
    """Set a period's counters to what its reservations add up to; whether they differed.

    In a transaction of the caller's; the row is locked first, so no grant falls between.
    """
    BudgetPeriod.objects.filter(pk=period.pk).update(starts_at=F("starts_at"))
    period.refresh_from_db()
    right = sums_of(period)
    if all(getattr(period, name) == value for name, value in right.items()):
        return False
    BudgetPeriod.objects.filter(pk=period.pk).update(**right)
    return True
