"""The findings in the order in which their cures help one another."""

from collections.abc import Iterator
from functools import partial

from generations import ledger
from generations.models import BudgetPeriod
from generations.pipeline.reconcile.answers import answers
from generations.pipeline.reconcile.findings import MOST, Finding, Wishes
from generations.pipeline.reconcile.pictures import pictures
from generations.pipeline.reconcile.unknowns import unknowns
from generations.queries.audit.money import wrong_periods
from generations.transactions import writing


def findings(wishes: Wishes) -> Iterator[Finding]:
    """Each kind is looked for when its turn comes, after the cures of the kinds before it."""
    for step in (answers, unknowns, meters, pictures):
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
