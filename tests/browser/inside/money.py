"""Budgets, prices and gates."""

import time
from typing import Any

from generations import known, ledger, lifecycle
from generations.models import Budget, BudgetPeriod, Price, User


def limit_budget(username: str, **limits: Any) -> None:
    """Give a person a budget for this month."""
    Budget.objects.create(user=User.objects.get(username=username), **limits)
    until_known()


def use_budget(username: str, *, limit: int, spent: int) -> None:
    """Give a person a budget of so many pictures for this month, of which some are spent."""
    user = User.objects.get(username=username)
    budget = Budget.objects.create(user=user, limit_pictures=limit)
    period = ledger.period_of(budget, user.pk)
    BudgetPeriod.objects.filter(pk=period.pk).update(spent_pictures=spent)
    until_known()


def forget_price(model_id: str) -> None:
    Price.objects.filter(model__model_id=model_id).delete()
    until_known()


def close_gate(name: str, reason: str, message: str = "") -> None:
    lifecycle.close_gate(name, seconds=3600, reason=reason, message=message)
    until_known()


def open_gate(name: str) -> None:
    lifecycle.open_gate(name)


def until_known() -> None:
    """The servers may go on for a moment by what they read just before."""
    time.sleep(known.FRESH_SECONDS)
