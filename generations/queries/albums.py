"""Albums with their covers, and an album's pictures in the order somebody chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.urls import reverse

from generations import policy, wording
from generations.models import Album, AlbumImage, Image, User
from generations.queries.cards import Card, image_card
from generations.queries.sorting import heart_of

PAGE = 60
MOST_ALBUMS = 200  # on one page


@dataclass(frozen=True, slots=True)
class Cover:
    id: UUID
    url: str
    name: str
    count_text: str
    picture: Card | None


@dataclass(frozen=True, slots=True)
class AlbumPage:
    cards: Sequence[Card]
    after: str  # the next page's cursor; empty on the last


def covers(user: User, team: str = "") -> list[Cover]:
    """One gallery's albums, the one changed last first."""
    albums = list(_with_covers(policy.albums_of(user, team), user)[:MOST_ALBUMS])
    wanted = [album.chosen or album.first for album in albums]
    pictures = {
        image.pk: card
        for image, card in picture_cards(
            policy.gallery_images(user, team).filter(pk__in=wanted), user
        )
    }
    return [
        Cover(
            album.pk,
            reverse("album", args=[album.pk]),
            album.name,
            wording.count(album.count, "picture") if album.count else "Empty",
            pictures.get(picture),
        )
        for album, picture in zip(albums, wanted, strict=True)
    ]


def _with_covers(albums: "QuerySet[Album]", user: User) -> "QuerySet[Any]":
    """What is in the trash is no cover, nor what has left the album."""
    shown = places_seen(OuterRef("pk"), user)
    hangs = Q(album_images__image__trashed_at=None, album_images__image__is_hidden=False)
    hangs &= policy.shown_to(user, "album_images__image__")
    return albums.annotate(
        count=Count("album_images", filter=hangs),
        chosen=_one(shown.filter(image=OuterRef("cover"))),
        first=_one(shown),
    ).order_by("-updated_at", "pk")


def _one(rows: "QuerySet[AlbumImage]") -> Subquery:
    return Subquery(rows.values("image")[:1], output_field=UUIDField())


def places(album: "Album | OuterRef") -> "QuerySet[AlbumImage]":
    """The pictures of an album that one may see, in its order.

    A picture that has left the album's gallery isn't shown any more, whoever put it there.
    """
    own = Q(album__team=None, image__team=None, image__owner=F("album__owner"))
    shown = AlbumImage.objects.filter(
        own | Q(image__team=F("album__team")),
        album=album,
        image__trashed_at=None,
        image__is_hidden=False,
    )
    return shown.order_by("position", "pk")


def places_seen(album: "Album | OuterRef", user: User) -> "QuerySet[AlbumImage]":
    """`places` without what waits for a review that this person may not see it before."""
    return places(album).filter(policy.shown_to(user, "image__"))


def album_page(album: Album, user: User, *, after: tuple[int, int] | None = None) -> AlbumPage:
    """The pictures behind the place `after`, which is a position and a row's number."""
    rows = places_seen(album, user)
    if after:
        position, pk = after
        rows = rows.filter(Q(position__gt=position) | Q(position=position, pk__gt=pk))
    found = list(rows.values_list("image_id", "position", "pk")[: PAGE + 1])
    page = found[:PAGE]
    images = policy.visible_images(user).filter(pk__in=[row[0] for row in page])
    cards = {image.pk: card for image, card in picture_cards(images, user)}
    following = f"{page[-1][1]}.{page[-1][2]}" if len(found) > PAGE else ""
    return AlbumPage([cards[row[0]] for row in page if row[0] in cards], following)


def picture_cards(images: "QuerySet[Image]", user: User) -> list[tuple[Image, Card]]:
    """In no order of their own."""
    return [
        (
            image,
            image_card(image, prompt=image.generation.prompt, is_favorite=image.heart is not None),
        )
        for image in images.select_related("generation").annotate(heart=heart_of(user))
    ]
