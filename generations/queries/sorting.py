"""What the dialogs for tags and albums offer, and what the chosen pictures have of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from generations import policy
from generations.models import Favorite, Image, User
from generations.queries.filters import GalleryFilter, images_wanted

MOST_CHOICES = 1000
MOST_COUNTED = 100_000


def heart_of(user: User) -> Subquery:
    """For a query over pictures: the person's heart on each, or None.

    Looked up picture by picture: of an EXISTS PostgreSQL reads all hearts of the person at once.
    """
    return Subquery(Favorite.objects.filter(user=user, image=OuterRef("pk")).values("pk")[:1])


def results(user: User, wanted: GalleryFilter, *, is_trash: bool = False) -> QuerySet[Image]:
    """What a list shows in all, newest first: the trash, or what passes the filters."""
    if is_trash:
        return policy.trashed_images(user, wanted.team).order_by("-trashed_at", "-sort_key")
    return images_wanted(wanted, user).order_by("-sort_key")


def count_text(found: QuerySet[Image]) -> str:
    """“1,234”; a gallery of millions isn't counted to its end."""
    count = found.order_by()[: MOST_COUNTED + 1].count()
    return f"{count:,}" if count <= MOST_COUNTED else f"{MOST_COUNTED:,} and more"


@dataclass(frozen=True, slots=True)
class Choice:
    """A tag or an album, and how many of the chosen pictures carry it; `chosen` 0: not counted."""

    id: int | UUID
    name: str
    carried: int
    chosen: int

    @property
    def can_add(self) -> bool:
        return not self.chosen or self.carried < self.chosen

    @property
    def can_remove(self) -> bool:
        return not self.chosen or self.carried > 0

    @property
    def count_text(self) -> str:
        return f"{self.carried} of {self.chosen}" if 0 < self.carried < self.chosen else ""


def tag_choices(user: User, ids: Sequence[UUID], team: str = "") -> list[Choice]:
    """Every tag of one gallery, by name."""
    return _choices(policy.tags_of(user, team), "image_tags", user, ids)


def album_choices(user: User, ids: Sequence[UUID], team: str = "") -> list[Choice]:
    """Every album of one gallery, the one changed last first."""
    found = policy.albums_of(user, team)
    return _choices(found, "album_images", user, ids, order="-updated_at")


def _choices(
    holders: "QuerySet[Any]", links: str, user: User, ids: Sequence[UUID], order: str = ""
) -> list[Choice]:
    seen = list(policy.visible_images(user).filter(pk__in=ids).values_list("pk", flat=True))
    carried = Count(links, filter=Q(**{f"{links}__image__in": seen}))
    rows = holders.annotate(carried=carried).order_by(order or Lower("name"))
    return [
        Choice(pk, name, count, len(seen))
        for pk, name, count in rows.values_list("pk", "name", "carried")[:MOST_CHOICES]
    ]
