"""How a person keeps pictures in order: favourites, tags, albums, saved searches, templates."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from generations.models.image import Image
from generations.models.team import Team

PLACE_STEP = 1024  # between neighbours of an album: room to move one in between


def named_once(name: str) -> list[models.BaseConstraint]:
    """A name in any case is there once: among a person's own, and among a team's."""
    own = models.UniqueConstraint("owner", Lower("name"), name=name, condition=Q(team=None))
    shared = models.UniqueConstraint("team", Lower("name"), name=f"{name}_in_team")
    return [own, shared]


class Favorite(models.Model):
    """One person's heart on one picture. `sort_key` is the picture's, for paging."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, models.CASCADE, related_name="favorites")
    sort_key = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "image"], name="favorite_once")]
        indexes = [models.Index(fields=["user", "-sort_key"], name="favorite_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.image_id}"


class Tag(models.Model):
    """A word of a person's own; the same word in another case is the same tag."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="tags")
    name = models.CharField(max_length=50)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = named_once("tag_once")

    def __str__(self) -> str:
        return self.name


class ImageTag(models.Model):
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="image_tags")
    image = models.ForeignKey(Image, models.CASCADE, related_name="image_tags")
    sort_key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "image"], name="image_tag_once")]
        indexes = [models.Index(fields=["tag", "-sort_key"], name="image_tag_newest")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.image_id}"


class Album(models.Model):
    """Pictures in an order somebody chose; one picture may be in many."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="albums")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    # Empty: its first picture.
    cover = models.ForeignKey(Image, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = named_once("album_once")
        indexes = [models.Index(fields=["owner", "-updated_at"], name="album_newest")]

    def __str__(self) -> str:
        return self.name


class AlbumImage(models.Model):
    """A picture's place in an album; positions grow and may leave gaps."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="album_images")
    image = models.ForeignKey(Image, models.CASCADE, related_name="album_images")
    position = models.BigIntegerField()
    sort_key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["album", "image"], name="album_image_once")]
        indexes = [
            models.Index(fields=["album", "position", "id"], name="album_image_order"),
            models.Index(fields=["album", "-sort_key"], name="album_image_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.album_id}"


class SavedSearch(models.Model):
    """A gallery address worth keeping: its query string under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="searches")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="searches")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = named_once("search_once")
        verbose_name_plural = "saved searches"

    def __str__(self) -> str:
        return self.name


class PromptTemplate(models.Model):
    """A prompt with slots, “a {season} morning in {place}”, to be filled in before it is run."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="templates")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="templates")
    name = models.CharField(max_length=60)
    text = models.TextField(max_length=4000)
    version = models.PositiveSmallIntegerField(default=1)  # of the text
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = named_once("template_once")

    def __str__(self) -> str:
        return self.name


class PromptVersion(models.Model):
    """What a template said before and says now, and who wrote it."""

    template = models.ForeignKey(PromptTemplate, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=4000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="prompt_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.template_id}, version {self.number}"
