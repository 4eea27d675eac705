from django.conf import settings
from django.db import models

from generations.models.budget import Budget


class DismissedNotice(models.Model):
    """A person knows that little of a limit is left, and reads no more of it in this period."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="+")
    is_money = models.BooleanField()  # else the limit in pictures
    begun = models.DateTimeField()  # the period

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "budget", "is_money", "begun"], name="notice_dismissed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.budget} from {self.begun:%Y-%m-%d}"
