from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.generation import Attempt
from generations.models.team import Team


class BudgetScope(models.TextChoices):
    INSTALLATION = "installation", "everybody together"
    EACH = "each", "each person without one of their own"
    USER = "user", "one person"
    TEAM = "team", "one team"
    MEMBER = "member", "one person in a team"


OF_A_PERSON = (BudgetScope.USER, BudgetScope.MEMBER)
OF_A_TEAM = (BudgetScope.TEAM, BudgetScope.MEMBER)


class BudgetSpan(models.TextChoices):
    DAY = "day", "a day"
    MONTH = "month", "a month"
    TOTAL = "total", "in total"


class Budget(models.Model):
    """What may be spent in a span of time: money in micro-dollars, pictures, or both.

    Days and months are UTC's. A limit that is lowered stops new work and nothing else.
    """

    scope = models.CharField(max_length=20, choices=BudgetScope, default=BudgetScope.USER)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="budgets"
    )
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="budgets")
    span = models.CharField(max_length=10, choices=BudgetSpan, default=BudgetSpan.MONTH)
    limit_micros = models.PositiveBigIntegerField(null=True, blank=True)
    limit_pictures = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["scope", "user", "span"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "span"], name="budget_one_per_person", condition=Q(scope="user")
            ),
            models.UniqueConstraint(
                fields=["team", "span"], name="budget_one_per_team", condition=Q(scope="team")
            ),
            models.UniqueConstraint(
                fields=["team", "user", "span"],
                name="budget_one_per_member",
                condition=Q(scope="member"),
            ),
            models.UniqueConstraint(
                fields=["scope", "span"],
                name="budget_one_per_scope",
                condition=Q(scope__in=["installation", "each"]),
            ),
            models.CheckConstraint(
                condition=Q(scope__in=OF_A_PERSON, user__isnull=False)
                | (~Q(scope__in=OF_A_PERSON) & Q(user__isnull=True)),
                name="budget_names_its_person",
                violation_error_message="Name a person for one person's budget, and only then.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=OF_A_TEAM, team__isnull=False)
                | (~Q(scope__in=OF_A_TEAM) & Q(team__isnull=True)),
                name="budget_names_its_team",
                violation_error_message="Name a team for a budget in a team, and only then.",
            ),
            models.CheckConstraint(
                condition=Q(limit_micros__isnull=False) | Q(limit_pictures__isnull=False),
                name="budget_has_a_limit",
                violation_error_message="Set a limit in money, in pictures, or both.",
            ),
        ]

    def __str__(self) -> str:
        named = [
            row for row in (self.user and self.user.username, self.team and self.team.name) if row
        ]
        return f"{' in '.join(named) or self.get_scope_display()}, {self.get_span_display()}"


class BudgetPeriod(models.Model):
    """One day, month or lifetime of a budget, with what it has granted so far.

    `reserved` is out on attempts that haven't ended, `spent` is settled. `user` is the person
    whose period it is, nobody for everybody's.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="periods")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    limit_micros = models.PositiveBigIntegerField(null=True)
    limit_pictures = models.PositiveIntegerField(null=True)
    reserved_micros = models.BigIntegerField(default=0)
    reserved_pictures = models.IntegerField(default=0)
    spent_micros = models.BigIntegerField(default=0)
    spent_pictures = models.IntegerField(default=0)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "user", "starts_at"], name="budget_period_of_a_person"
            ),
            models.UniqueConstraint(
                fields=["budget", "starts_at"],
                name="budget_period_of_everybody",
                condition=Q(user=None),
            ),
            models.CheckConstraint(
                condition=Q(reserved_micros__gte=0) & Q(reserved_pictures__gte=0),
                name="budget_reserved_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} from {self.starts_at:%Y-%m-%d}"


class Reservation(models.Model):
    """What an attempt took out of one budget's period; it is settled in that very period.

    `left_…` is the room that remained right after the grant: never below 0. None where nothing was
    asked of that limit, or where the grant was carried over from a refused attempt.
    """

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="reservations")
    period = models.ForeignKey(BudgetPeriod, models.PROTECT, related_name="reservations")
    micros = models.BigIntegerField(default=0)
    pictures = models.PositiveSmallIntegerField()
    spent_micros = models.BigIntegerField(default=0)
    spent_pictures = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    left_micros = models.BigIntegerField(null=True)
    left_pictures = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "period"], name="reservation_once")
        ]
        indexes = [
            models.Index(fields=["period"], condition=Q(is_open=True), name="reservation_open")
        ]

    def __str__(self) -> str:
        return f"{self.micros} micros, {self.pictures} pictures"
