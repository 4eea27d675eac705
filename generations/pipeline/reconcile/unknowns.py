"""Calls whose outcome is unknown: what a bill or an operator's rule says of them."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from generations import lifecycle, wording
from generations.models import Attempt, AttemptState
from generations.pipeline import keeper
from generations.pipeline.reconcile.bill import Bill
from generations.pipeline.reconcile.findings import MOST, Finding, Wishes

S = AttemptState


def unknowns(wishes: Wishes) -> Iterator[Finding]:
    ours = Attempt.objects.filter(state=S.UNKNOWN, generation__imported_at=None)
    rows = ours.order_by("sent_at")
    for attempt in list(rows.select_related("generation")[:MOST]):
        if not keeper.can_adopt(attempt):  # a dry run has not stored it yet
            yield _resolved(attempt, wishes)
    if wishes.bill:
        yield from _unread(wishes.bill)
        yield from _contradictions(wishes.bill)


def _resolved(attempt: Attempt, wishes: Wishes) -> Finding:
    bill = wishes.bill or Bill()
    charge = bill.charge_of(attempt)
    if charge is not None and charge > 0:
        return _as_charged(attempt, f"the bill says {wording.usd(charge)}", charge)
    if charge is not None:
        return _as_free(attempt, "the bill charges nothing for it")
    if bill.would_name(attempt):
        return _as_free(attempt, "it is not on a bill that would name it")
    days = wishes.charge_after_days
    if days is not None and attempt.sent_at and attempt.sent_at < timezone.now() - timedelta(days):
        return _as_charged(attempt, f"nothing was heard of it for {days:g} days", None)
    since = f"{attempt.sent_at:%Y-%m-%d %H:%M} UTC" if attempt.sent_at else "long ago"
    return Finding(f"attempt {attempt.pk}", f"is unknown since {since}; a bill would tell")


def _as_charged(attempt: Attempt, why: str, micros: int | None) -> Finding:
    return Finding(
        f"attempt {attempt.pk}",
        f"is unknown, and {why}",
        "count it as charged" if micros else "count it as charged, at what was reserved",
        lambda: lifecycle.resolve_unknown(attempt, is_charged=True, charge_micros=micros),
    )


def _as_free(attempt: Attempt, why: str) -> Finding:
    return Finding(
        f"attempt {attempt.pk}",
        f"is unknown, and {why}",
        "give its reservation back",
        lambda: lifecycle.resolve_unknown(attempt, is_charged=False),
    )


def _unread(bill: Bill) -> Iterator[Finding]:
    for number in bill.unread_lines[:MOST]:
        yield Finding(f"line {number} of the bill", "can't be read; the others were")


def _contradictions(bill: Bill) -> Iterator[Finding]:
    """What the provider charged and we count as free: somebody has to ask the provider."""
    rows = Attempt.objects.filter(state__in=lifecycle.FREE_ENDS)
    for attempt in rows.only("state", "request_id", "cost_micros").iterator():
        charge = bill.charge_of(attempt)
        if charge and charge > 0 and not attempt.cost_micros:
            what = f"is {attempt.state} here, and the bill says {wording.usd(charge)}"
            yield Finding(f"attempt {attempt.pk}", what)
