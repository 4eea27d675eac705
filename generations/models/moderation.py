"""What the automatic check said of prompts and pictures, and what it has still to look at."""

import uuid

from django.db import models
from django.db.models import Q

from generations.models.generation import Generation
from generations.models.image import Image


class CheckVerdict(models.TextChoices):
    WAITING = "waiting", "Not checked yet"
    CLEAR = "clear", "Nothing found"
    FLAGGED = "flagged", "Flagged"
    UNCHECKED = "unchecked", "Not checked"


# No verdict has come: not yet, or the patience was over.
UNDECIDED = (CheckVerdict.WAITING, CheckVerdict.UNCHECKED)
# What a person should look at.
SUSPECT = (CheckVerdict.FLAGGED, CheckVerdict.UNCHECKED)


class ModerationCheck(models.Model):
    """Of a generation's prompt, or with `image` of one of its pictures; nothing of either is here.

    `due_at` is when somebody may ask next: who asks moves it on first, and so nobody else does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="moderations")
    image = models.OneToOneField(Image, models.CASCADE, null=True, related_name="moderation")
    verdict = models.CharField(max_length=9, choices=CheckVerdict, default=CheckVerdict.WAITING)
    categories = models.JSONField(default=list)  # what was found, in the provider's words
    code = models.CharField(max_length=60, blank=True)  # why there is no verdict
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation"], condition=Q(image=None), name="moderation_prompt_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(verdict="waiting"), name="moderation_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.image_id or self.generation_id}"
