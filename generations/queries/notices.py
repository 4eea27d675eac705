"""What a person reads when a budget of theirs is used up, or nearly so."""

from collections.abc import Sequence
from dataclasses import dataclass

from generations import policy
from generations.models import User
from generations.queries.spending import Limit, Spending, spending_of


@dataclass(frozen=True, slots=True)
class Notice:
    """Which budget, what is left and when it begins anew; with `budget_id` it can be dismissed."""

    title: str
    text: str
    budget_id: int | None = None
    is_money: bool = False


def notices_for(user: User, spending: Spending) -> list[Notice]:
    """The used-up ones first. Nothing is asked of the database while there is room enough."""
    full = [limit for limit in spending.shown if limit.is_full]
    near = [limit for limit in spending.shown if limit.is_near]
    return [*map(_of_full, full), *map(_of_near, _not_dismissed(user, near))]


def _not_dismissed(user: User, near: Sequence[Limit]) -> list[Limit]:
    if not near:
        return []
    rows = policy.dismissed_notices(user)
    dismissed = set(rows.values_list("budget_id", "is_money", "begun"))
    return [each for each in near if (each.budget_id, each.is_money, each.begun) not in dismissed]


def _of_full(limit: Limit) -> Notice:
    used = f"Nothing is left of {limit.with_unit(limit.limit)}, with what is on its way."
    anew = limit.anew_text or "Whoever runs this site can raise it."
    return Notice(f"{limit.name} is used up.", f" {used} {anew}")


def _of_near(limit: Limit) -> Notice:
    left = f"{limit.says(limit.left)} of {limit.with_unit(limit.limit)} left."
    text = f" {left} {limit.anew_text}".rstrip()
    return Notice(f"{limit.name} is nearly used up:", text, limit.budget_id, limit.is_money)


def near_limit(user: User, *, budget_id: int, is_money: bool) -> Limit | None:
    """The person's limit that a notice speaks of, in their own gallery or a team's."""
    teams = [None, *(row.team for row in policy.memberships_of(user).values())]
    limits = (limit for team in teams for limit in spending_of(user, team).shown if limit.is_near)
    wanted = (budget_id, is_money)
    return next((each for each in limits if (each.budget_id, each.is_money) == wanted), None)
