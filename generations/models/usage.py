"""What was spent, added up by day and by month, so that nobody has to count attempts.

`UsageChange` rows are written by triggers (`usage_triggers.py`) in the transaction that changes an
attempt or a picture, and are never changed: payments never wait for one another there. The ledger
adds them to the sums later. A sum is right only together with the changes that aren't in it yet.
"""

from django.db import models

from generations.models.generation import AttemptState

# What was paid for, whether or not a picture came of it.
CHARGED_STATES = (
    AttemptState.STORED,
    AttemptState.CHARGED_UNUSABLE,
    AttemptState.RESOLVED_CHARGED,
)


class UsageSpan(models.TextChoices):
    DAY = "day"
    MONTH = "month"


class UsageNumbers(models.Model):
    """Whose, for which gallery, of which model. No keys to other tables: it outlives them."""

    owner_id = models.BigIntegerField()
    space = models.BigIntegerField()  # as `Attempt.space`: the owner's number, or a team's below 0
    model_id = models.CharField(max_length=200)
    made = models.BigIntegerField()
    kept = models.BigIntegerField()
    spent_micros = models.BigIntegerField()
    unpriced = models.BigIntegerField()  # pictures that were charged at nobody knows what

    class Meta:
        abstract = True


class UsageSum(UsageNumbers):
    """All that was asked for in a day or a month of UTC; imports aren't in it."""

    span = models.CharField(max_length=5, choices=UsageSpan)
    starts_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["span", "starts_on", "owner_id", "space", "model_id"], name="usage_once"
            )
        ]
        indexes = [
            models.Index(fields=["owner_id", "span", "starts_on"], name="usage_of_person"),
            models.Index(fields=["space", "span", "starts_on"], name="usage_of_space"),
        ]

    def __str__(self) -> str:
        return f"{self.span} {self.starts_on}"


class UsageChange(UsageNumbers):
    """What is to be added to a day and to its month."""

    day = models.DateField()

    def __str__(self) -> str:
        return str(self.day)


class UsageFilled(models.Model):
    """Its one row says that the sums hold everything; without it pages count attempts."""

    filled_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.filled_at)
