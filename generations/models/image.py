import uuid
from typing import Any

import msgspec
from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.generation import Attempt, Generation
from generations.models.team import Team, space_field

HANGS = Q(trashed_at=None, is_hidden=False)  # in a gallery
ORIGINAL = Q(copied_at=None)  # what an attempt brought, wherever it hangs now
SEED_PREFIX = "seed/"  # a demonstration's pictures share a few objects


class Shape(models.TextChoices):
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


class ReviewState(models.TextChoices):
    """The verdict that counts now."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    FLAGGED = "flagged"


def shape_of(width: int, height: int) -> str:
    """Square within two per cent; nothing while a size isn't known."""
    if not width or not height:
        return ""
    if abs(width - height) * 50 <= max(width, height):
        return Shape.SQUARE
    return Shape.LANDSCAPE if width > height else Shape.PORTRAIT


class QuickJSONField(models.JSONField):
    """Read whole alone, sixty times a page: by msgspec, in a tenth of the time."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else msgspec.json.decode(value)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class Image(models.Model):
    """One stored picture: the provider's bytes untouched, and the sizes we made of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="images")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="images")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="images")
    space = space_field()
    index = models.PositiveSmallIntegerField()  # in the provider's answer
    slot = models.PositiveSmallIntegerField()
    sort_key = models.BigIntegerField()

    # Said again here, where pictures are searched for and sorted by it.
    model_id = models.CharField(max_length=200, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    shape = models.CharField(max_length=9, choices=Shape, blank=True)

    key = models.CharField(max_length=300)  # of the original; the sizes' follow from it
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    mime = models.CharField(max_length=40)
    extension = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    edges = QuickJSONField(default=list)  # [[edge, width, height], …] of the sizes made so far
    placeholder = models.BinaryField(max_length=400, default=b"")  # a tiny WebP
    color = models.CharField(max_length=7, blank=True)
    problem = models.CharField(max_length=30, blank=True)  # why there is no preview
    revised_prompt = models.TextField(blank=True)
    alt_text = models.CharField(max_length=500, blank=True)  # empty: the prompt speaks

    is_hidden = models.BooleanField(default=False)
    sizes_done = models.BooleanField(default=False)  # every size we make of it is stored
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Hung here too by somebody, beside the one its attempt brought: it has the same objects in the
    # store, and no money of its own. All that one act hung share the moment.
    copied_at = models.DateTimeField(null=True)
    copied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    review_state = models.CharField(
        max_length=8,
        choices=ReviewState,
        default=ReviewState.PENDING,
        db_default=ReviewState.PENDING,
    )
    queued_at = models.DateTimeField(null=True)  # somebody asked staff to look at it
    # The automatic check has found something in it, or still has to look: until somebody approves
    # it, it is seen by its maker and by who reviews it.
    is_withheld = models.BooleanField(default=False, db_default=False)
    # Who has it before them in the review, so that nobody else gets it; on our own clock.
    review_holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "index"],
                condition=Q(copied_at=None),
                name="image_once_per_answer",
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=~Q(key__startswith=SEED_PREFIX) & Q(copied_at=None),
                name="image_key_once",
            ),
        ]
        indexes = [
            models.Index(fields=["space", "-sort_key"], condition=HANGS, name="image_gallery"),
            models.Index(
                fields=["space", "model_id", "-sort_key"], condition=HANGS, name="image_by_model"
            ),
            models.Index(
                fields=["space", "shape", "-sort_key"], condition=HANGS, name="image_by_shape"
            ),
            models.Index(
                fields=["space", "quality", "-sort_key"], condition=HANGS, name="image_by_quality"
            ),
            models.Index(
                fields=["space", "width", "height", "-sort_key"],
                condition=HANGS,
                name="image_by_size",
            ),
            models.Index(fields=["generation", "slot"], name="image_of_generation"),
            models.Index(
                fields=["created_at"], condition=Q(sizes_done=False), name="image_unfinished"
            ),
            models.Index(
                fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="image_trash"
            ),
            models.Index(
                fields=["space", "-trashed_at"],
                condition=Q(trashed_at__isnull=False),
                name="image_own_trash",
            ),
            models.Index(
                fields=["space", "review_state", "sort_key"], condition=HANGS, name="image_review"
            ),
            models.Index(
                fields=["review_state", "sort_key"],
                condition=Q(queued_at__isnull=False),
                name="image_queued",
            ),
            models.Index(
                fields=["copied_by", "copied_at"],
                condition=Q(copied_at__isnull=False),
                name="image_copies",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_copy(self) -> bool:
        return self.copied_at is not None

    @property
    def filename(self) -> str:
        return f"mesh-{self.id.hex[:12]}.{self.extension}"
