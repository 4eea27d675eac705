"""The gallery's own look at its promises."""

from collections.abc import Callable
from datetime import date

import pytest

from generations.models import Budget, BudgetPeriod, Generation, UsageChange, User
from generations.pipeline import selfcheck

pytestmark = [pytest.mark.db]


def test_money_that_fits_is_silent(
    alice: User, submit: Callable[..., Generation], caplog: pytest.LogCaptureFixture
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    submit(alice)
    assert selfcheck.check_money()
    assert selfcheck.check_everything()
    assert caplog.messages == []


def test_money_that_does_not_fit_is_told(
    alice: User, submit: Callable[..., Generation], caplog: pytest.LogCaptureFixture
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    submit(alice)
    BudgetPeriod.objects.update(reserved_micros=7)
    assert not selfcheck.check_money()
    (message,) = caplog.messages
    assert message.startswith("I7 is broken 1 times")


def test_sums_of_usage_are_looked_at_by_night(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    UsageChange.objects.create(
        day=date(2026, 5, 4),
        owner_id=alice.pk,
        space=alice.pk,
        model_id="a/b",
        made=1,
        kept=0,
        spent_micros=0,
        unpriced=0,
    )
    assert selfcheck.check_money()
    assert not selfcheck.check_everything()
    (message,) = caplog.messages
    assert "usage in the day of 2026-05-04 differs from its rows" in message
