"""The gallery's own look at its promises."""

from collections.abc import Callable

import pytest

from generations.models import Budget, BudgetPeriod, Generation, User
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
