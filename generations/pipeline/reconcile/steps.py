"""The findings in the order in which their cures help one another."""

from collections.abc import Iterator
from functools import partial

from generations import ledger, wording
from generations.models import BudgetPeriod
from generations.pipeline.reconcile.answers import answers
from generations.pipeline.reconcile.findings import MOST, Finding, Wishes
from generations.pipeline.reconcile.pictures import pictures
from generations.pipeline.reconcile.unknowns import unknowns
from generations.queries.audit.money import wrong_periods
from generations.transactions import writing


def findings(wishes: Wishes) -> Iterator[Finding]:
    """Each kind is looked for when its turn comes, after the cures of the kinds before it."""
    for step in (answers, unknowns, meters, sums, pictures):
        yield from step(wishes)


def meters(wishes: Wishes) -> list[Finding]:
    return [
        Finding(
            f"budget period {period.pk} ({period})",
            "its meters are not the sum of its reservations",
            "count them anew",
            partial(_recount, period),
        )
        for period in wrong_periods().select_related("budget__user")[:MOST]
    ]


def _recount(period: BudgetPeriod) -> bool:
    with writing():
        ledger.recount(period)
    return True


def sums(wishes: Wishes) -> Iterator[Finding]:
    """What was spent by day and month; the pages of usage read these."""
    if not ledger.is_filled():
        what, cure = "are not filled: pages of usage are slow", "count them from the attempts"
        yield Finding("the sums of usage", what, cure, _fill)
        return
    for stretch in ledger.stretches():
        if days := ledger.drift_of(stretch):
            what = f"differ from their rows in {wording.count(len(days), 'place')}"
            cure = "count them anew"
            yield Finding(f"the sums of {stretch}", what, cure, partial(_mend, stretch))


def _fill() -> bool:
    ledger.fill()
    return True


def _mend(stretch: ledger.Stretch) -> bool:
    ledger.mend(stretch)
    return True
