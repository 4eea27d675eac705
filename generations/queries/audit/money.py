"""I7, I8 and I9: reservations, settlements and meters against one another."""

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from generations import ledger
from generations.models import (
    CHARGED_STATES,
    Attempt,
    AttemptState,
    BudgetPeriod,
    LedgerEntry,
    LedgerKind,
    Reservation,
)
from generations.queries.audit.counting import Options, Tally

S = AttemptState
FREE = (S.REJECTED_FREE, S.CANCELED, S.RESOLVED_FREE)
ENTRIES = ("attempt_id", "kind")  # of which there may be one each


def count_differences(options: Options, tally: Tally) -> None:
    _count_entries(tally)
    _count_amounts(tally)
    is_over = Q(attempt__state__in=[*FREE, *CHARGED_STATES])
    taken = Reservation.objects.all()
    open_still = taken.filter(is_over, is_open=True)
    tally.add_rows(open_still, "ended, a budget still reserved", subject="attempt_id")
    closed_early = taken.filter(~is_over, is_open=False).exclude(attempt__in=_turned_up())
    tally.add_rows(closed_early, "goes on, its budget given back", subject="attempt_id")
    tally.add_rows(wrong_periods(), "is a budget period whose meters don't add up")
    if not options.is_often:
        _count_sums(tally)


def _count_sums(tally: Tally) -> None:
    """While they are being filled, nobody reads them."""
    for stretch in ledger.stretches() if ledger.is_filled() else ():
        for span, starts_on in ledger.drift_of(stretch):
            tally.add(f"usage in the {span} of {starts_on}", f"differs from its rows ({stretch})")


def _count_entries(tally: Tally) -> None:
    attempts = Attempt.objects.filter(generation__imported_at=None)
    tally.add_rows(attempts.exclude(_has("reserve")), "never reserved anything")
    # A refusal may have cost the tokens it read: then it is settled instead of released.
    free = attempts.filter(state__in=FREE).exclude(_has("release", "settle"))
    tally.add_rows(free, "ended free, its money still out")
    charged = attempts.filter(state__in=CHARGED_STATES).exclude(_has("settle"))
    tally.add_rows(charged, "was charged and not settled")
    unended = attempts.exclude(state__in=[*FREE, *CHARGED_STATES])
    early = unended.filter(_has("settle", "release")).exclude(pk__in=_turned_up())
    tally.add_rows(early, "gave up its money before its end")
    unheld = attempts.filter(state=S.UNKNOWN).exclude(_has("hold"))
    tally.add_rows(unheld, "is unknown, its money not held")
    paid = LedgerEntry.objects.filter(attempt__generation__imported_at__isnull=False, micros__gt=0)
    tally.add_rows(paid, "was made elsewhere, and moved money here", subject="attempt_id")


def _turned_up() -> QuerySet[Attempt]:
    """Counted as charged while unknown; then its picture came after all, and is being stored."""
    storing = Attempt.objects.filter(state__in=[S.RECEIVED, S.FETCHING])
    return storing.filter(_has("hold")).filter(_has("settle"))


def _has(*kinds: str) -> Exists:
    return Exists(LedgerEntry.objects.filter(attempt=OuterRef("pk"), kind__in=kinds))


def _count_amounts(tally: Tally) -> None:
    settled = LedgerEntry.objects.filter(kind=LedgerKind.SETTLE)
    others = LedgerEntry.objects.exclude(kind=LedgerKind.SETTLE)
    unequal = _unequal(settled, "attempt__cost_micros")
    tally.add_rows(unequal, "settled another amount than its cost", subject="attempt_id")
    unequal = _unequal(others, "attempt__reserved_micros")
    tally.add_rows(unequal, "moved another amount than reserved", subject="attempt_id")


def _unequal(entries: QuerySet[LedgerEntry], column: str) -> QuerySet[LedgerEntry]:
    """None is "not known", and equal to itself alone."""
    is_same = Q(micros=F(column)) | Q(micros__isnull=True, **{f"{column}__isnull": True})
    same = LedgerEntry.objects.filter(is_same, pk=OuterRef("pk"))
    return entries.exclude(Exists(same))


def wrong_periods() -> QuerySet[BudgetPeriod]:
    """Periods whose meters differ from the sum of their reservations. One query, one moment."""
    return BudgetPeriod.objects.exclude(
        reserved_micros=_total("micros", is_open=True),
        reserved_pictures=_total("pictures", is_open=True),
        spent_micros=_total("spent_micros", is_open=False),
        spent_pictures=_total("spent_pictures", is_open=False),
    )


def _total(column: str, *, is_open: bool) -> Coalesce:
    rows = Reservation.objects.filter(period=OuterRef("pk"), is_open=is_open)
    summed = rows.order_by().values("period").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(summed), 0)


def count_overruns(options: Options, tally: Tally) -> None:
    """A limit lowered later, or a price that was wrong, is no overrun: what was granted counts."""
    over = Reservation.objects.filter(Q(left_micros__lt=0) | Q(left_pictures__lt=0))
    tally.add_rows(over, "was granted over a limit", subject="attempt_id")


def count_double_ends(options: Options, tally: Tally) -> None:
    both = Attempt.objects.filter(_has("settle")).filter(_has("release"))
    tally.add_rows(both, "was settled and released")
    twice = LedgerEntry.objects.values(*ENTRIES).annotate(times=Count("pk")).filter(times__gt=1)
    for attempt_id, kind in twice.order_by().values_list(*ENTRIES).iterator():
        tally.add(attempt_id, f"has more than one {kind}")
    if not _is_unique_by_database():
        tally.add(LedgerEntry._meta.db_table, "lacks its unique index: run manage.py migrate")


def _is_unique_by_database() -> bool:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, LedgerEntry._meta.db_table)
    return any(each["unique"] and set(each["columns"]) == set(ENTRIES) for each in found.values())
