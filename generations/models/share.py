"""Secret links by which somebody without an account sees pictures, and what guests did there."""

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.image import Image
from generations.models.sorting import Album, SavedSearch


class ShareKind(models.TextChoices):
    IMAGE = "image"
    ALBUM = "album"
    SEARCH = "search"  # what it finds now
    SELECTION = "selection"


def digest_of(secret: str) -> str:
    """How a link's token and a guest's key are kept: they are long and random, so plain SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _target_is(kind: ShareKind) -> Q:
    fields = {"image": ShareKind.IMAGE, "album": ShareKind.ALBUM, "search": ShareKind.SEARCH}
    return Q(kind=kind, **{f"{name}__isnull": kind != each for name, each in fields.items()})


class ShareLink(models.Model):
    """What is shown, until when and how much of it. The token itself is kept nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=9, choices=ShareKind)
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="+")
    album = models.ForeignKey(Album, models.CASCADE, null=True, related_name="+")
    search = models.ForeignKey(SavedSearch, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=100, blank=True)  # what guests read at the top

    password = models.CharField(max_length=128, blank=True)  # hashed

    shows_prompts = models.BooleanField(default=False)
    shows_cost = models.BooleanField(default=False)
    shows_creator = models.BooleanField(default=False)
    allows_download = models.BooleanField(default=False)
    allows_picks = models.BooleanField(default=False)

    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_target_is(ShareKind.IMAGE)
                | _target_is(ShareKind.ALBUM)
                | _target_is(ShareKind.SEARCH)
                | _target_is(ShareKind.SELECTION),
                name="share_one_target",
            )
        ]
        indexes = [
            models.Index(fields=["creator", "-created_at"], name="share_newest"),
            models.Index(fields=["-created_at"], name="share_of_all"),
            models.Index(fields=["kind", "-created_at"], name="share_by_kind"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def target(self) -> Image | Album | SavedSearch | None:
        """None for a selection."""
        return self.image or self.album or self.search


class ShareImage(models.Model):
    """A picture of a shared selection."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="share_images")
    image = models.ForeignKey(Image, models.CASCADE, related_name="share_images")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "image"], name="share_image_once")]

    def __str__(self) -> str:
        return f"{self.image_id} by {self.link_id}"


class ShareGuest(models.Model):
    """Who picked something: a random key in a cookie of the link's, and a name if they gave one."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="guests")
    key_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "key_hash"], name="guest_once")]

    def __str__(self) -> str:
        return f"{self.pk} by {self.link_id}"


class SharePick(models.Model):
    """A guest's heart on a picture."""

    guest = models.ForeignKey(ShareGuest, models.CASCADE, related_name="picks")
    image = models.ForeignKey(Image, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guest", "image"], name="pick_once")]

    def __str__(self) -> str:
        return f"{self.guest_id} picks {self.image_id}"


class Viewed(models.TextChoices):
    PAGE = "page"
    PICTURE = "picture"
    DOWNLOAD = "download"
    PICKS = "picks"


class ShareView(models.Model):
    """How often something was looked at on one day (UTC): no addresses, and a few rows a day."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="views")
    day = models.DateField()
    what = models.CharField(max_length=8, choices=Viewed)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day", "what"], name="view_once")]

    def __str__(self) -> str:
        return f"{self.what} on {self.day}"
