"""What a person has spent of their budgets, and whether what they are about to ask for fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from generations import known, ledger, wording
from generations.models import Budget, BudgetPeriod, BudgetScope, BudgetSpan, Team, User

WHOSE = {
    BudgetScope.INSTALLATION: "The gallery’s budget",
    BudgetScope.TEAM: "The team’s budget",
    BudgetScope.MEMBER: "Your share of the team’s budget",
}
NEAR = 0.8  # from this share on one is told
SPANS = {BudgetSpan.DAY: "today", BudgetSpan.MONTH: "this month", BudgetSpan.TOTAL: "in all"}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of one budget, in micro-dollars or in pictures."""

    span: str
    scope: BudgetScope
    is_money: bool
    limit: int
    spent: int
    reserved: int
    begun: datetime
    anew: datetime | None
    budget_id: int

    @property
    def name(self) -> str:
        """“Your budget for this month”."""
        span = {"today": " for today", "this month": " for this month"}.get(self.span, "")
        return f"{WHOSE.get(self.scope, 'Your budget')}{span}"

    @property
    def left(self) -> int:
        return max(0, self.limit - self.spent - self.reserved)

    @property
    def share(self) -> float:
        return (self.spent + self.reserved) / self.limit if self.limit else 1.0

    @property
    def is_full(self) -> bool:
        return not self.left

    @property
    def is_near(self) -> bool:
        """There is something left, but not much."""
        return self.share >= NEAR and not self.is_full

    @property
    def anew_text(self) -> str:
        if self.anew is None:
            return ""
        return f"It begins anew on {self.anew.day} {self.anew:%B}, UTC."

    def says(self, amount: int) -> str:
        return wording.sum_of_money(amount) if self.is_money else f"{amount:,}"

    def with_unit(self, amount: int) -> str:
        return self.says(amount) if self.is_money else wording.count(amount, "picture")


@dataclass(frozen=True, slots=True)
class Meter:
    """The tightest limit, in words and for a bar of a hundred."""

    text: str
    span: str
    title: str
    spent: int
    used: int
    tone: str  # plain; near when little is left; full when nothing is


@dataclass(frozen=True, slots=True)
class Spending:
    """A person's budgets as they stand; empty for who has none."""

    limits: Sequence[Limit] = ()

    @property
    def meter(self) -> Meter | None:
        tightest = max(self.shown, key=lambda limit: limit.share, default=None)
        return _meter(tightest) if tightest else None

    @property
    def meters(self) -> list[Meter]:
        """One for each limit."""
        return [_meter(limit) for limit in self.shown]

    @property
    def shown(self) -> list[Limit]:
        """What a team has left in all is for who leads it."""
        return [limit for limit in self.limits if limit.scope != BudgetScope.TEAM]

    def team_meters(self, *, shows_whole: bool) -> list[Meter]:
        """Of a team alone: one's own share, and for who leads it what all of it may spend."""
        wanted = {BudgetScope.MEMBER} | ({BudgetScope.TEAM} if shows_whole else set())
        return [_meter(limit) for limit in self.limits if limit.scope in wanted]

    def shortage(self, total_micros: int | None, pictures: int) -> str:
        """Why the budgets would refuse so many pictures; nothing if they have room."""
        for limit in self.limits:
            if limit.is_money and total_micros is None and settings.UNKNOWN_PRICE != "allow":
                return "Your budget counts money, and this model’s price isn’t known."
            need = (total_micros or 0) if limit.is_money else pictures
            if need > limit.left:
                return _shortage(limit)
        return ""


def _shortage(limit: Limit) -> str:
    if limit.scope == BudgetScope.TEAM:
        return f"{limit.name} hasn’t room for this. Ask one of its owners."
    return f"{limit.name} has {limit.says(limit.left)} of {limit.with_unit(limit.limit)} left."


def spending_of(user: User, team: Team | None = None) -> Spending:
    """Of what they ask for in their own gallery, or for a team's.

    One query for a person whom a budget concerns, none for everybody else.
    """
    concerned = known.lately("budgets", _whom_budgets_concern)
    team_id = team.pk if team else None
    nobody_else = {(None, None), (user.pk, None)}
    if not concerned & (nobody_else | {(None, team_id), (user.pk, team_id)}):
        return Spending()
    now = timezone.now()
    found = ledger.budgets_with_periods(user.pk, team_id)
    return Spending([limit for budget, period in found for limit in _limits(budget, period, now)])


def _whom_budgets_concern() -> set[tuple[int | None, int | None]]:
    """Person and team of each budget; None for a budget of everybody, or of no team."""
    rows = Budget.objects.filter(is_active=True).values_list("user", "team")
    return set(rows.distinct().order_by())


def _limits(budget: Budget, period: BudgetPeriod | None, now: datetime) -> list[Limit]:
    period = period or BudgetPeriod()
    both = (
        (True, budget.limit_micros, period.spent_micros, period.reserved_micros),
        (False, budget.limit_pictures, period.spent_pictures, period.reserved_pictures),
    )
    return [
        Limit(
            span=SPANS[BudgetSpan(budget.span)],
            scope=BudgetScope(budget.scope),
            is_money=is_money,
            limit=limit,
            spent=spent,
            reserved=reserved,
            begun=ledger.starts_at(budget.span, now),
            anew=_anew(budget.span, now),
            budget_id=budget.pk,
        )
        for is_money, limit, spent, reserved in both
        if limit is not None
    ]


def _anew(span: str, now: datetime) -> datetime | None:
    """When the next day or month begins, in UTC as the budgets count."""
    if span == BudgetSpan.TOTAL:
        return None
    begun = ledger.starts_at(span, now)
    if span == BudgetSpan.DAY:
        return begun + timedelta(days=1)
    return (begun + timedelta(days=32)).replace(day=1)


def _meter(limit: Limit) -> Meter:
    used = limit.spent + limit.reserved
    who = "Everybody: " if limit.scope == BudgetScope.INSTALLATION else ""
    return Meter(
        text=f"{who}{limit.says(used)} of {limit.with_unit(limit.limit)}",
        span=limit.span,
        title=_title(limit),
        spent=_percent(limit.spent, limit.limit),
        used=_percent(used, limit.limit),
        tone="full" if limit.is_full else "near" if limit.is_near else "plain",
    )


def _percent(part: int, whole: int) -> int:
    return min(100, round(part * 100 / whole)) if whole else 100


def _title(limit: Limit) -> str:
    spent = f"Spent {limit.says(limit.spent)}"
    held = f", {limit.says(limit.reserved)} held for what is on its way" if limit.reserved else ""
    left = f"; {limit.says(limit.left)} of {limit.with_unit(limit.limit)} left {limit.span}."
    return f"{spent}{held}{left} {limit.anew_text}".rstrip()
