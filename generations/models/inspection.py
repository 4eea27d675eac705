"""Break-glass: a superuser looked into a gallery that isn't theirs, and said why."""

import uuid
from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.team import Team, space_of

INSPECTION_LASTS = timedelta(minutes=30)
LEAST_REASON, MOST_REASON = 10, 280  # a team’s event holds it beside a name


class Inspection(models.Model):
    """Written once and never deleted; only its end is added, when it is ended by hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inspector = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Whose gallery: a person's or a team's.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="inspections"
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="inspections")
    reason = models.CharField(max_length=MOST_REASON)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"], name="inspection_of_person"),
            models.Index(fields=["inspector", "-created_at"], name="inspection_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, team__isnull=False) | Q(person__isnull=False, team=None),
                name="inspection_of_one",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="inspection_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.inspector_id} into {self.space}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("What was looked into is not rewritten.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("What was looked into is not deleted.")

    @property
    def space(self) -> int:
        return space_of(self.person_id or 0, self.team_id)
