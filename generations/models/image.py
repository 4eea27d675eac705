import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.generation import Attempt, Generation


class Image(models.Model):
    """One stored picture: the provider's bytes untouched, and the sizes we made of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="images")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="images")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    index = models.PositiveSmallIntegerField()  # in the provider's answer
    slot = models.PositiveSmallIntegerField()
    sort_key = models.BigIntegerField()

    key = models.CharField(
        max_length=300, unique=True
    )  # of the original; the sizes' follow from it
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    mime = models.CharField(max_length=40)
    extension = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    edges = models.JSONField(default=list)  # [[edge, width, height], …] of the sizes made so far
    placeholder = models.BinaryField(max_length=400, default=b"")  # a tiny WebP
    color = models.CharField(max_length=7, blank=True)
    problem = models.CharField(max_length=30, blank=True)  # why there is no preview
    revised_prompt = models.TextField(blank=True)

    is_hidden = models.BooleanField(default=False)
    sizes_done = models.BooleanField(default=False)  # every size we make of it is stored
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "index"], name="image_once_per_answer")
        ]
        indexes = [
            models.Index(
                fields=["owner", "-sort_key"],
                condition=Q(trashed_at=None, is_hidden=False),
                name="image_gallery",
            ),
            models.Index(fields=["generation", "slot"], name="image_of_generation"),
            models.Index(
                fields=["created_at"], condition=Q(sizes_done=False), name="image_unfinished"
            ),
            models.Index(
                fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="image_trash"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def filename(self) -> str:
        return f"mesh-{self.id.hex[:12]}.{self.extension}"
