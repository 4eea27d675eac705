"""What a share link shows: always by its creator's present rights."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from generations import policy, wording
from generations.models import Album, AlbumImage, Image, ShareGuest, ShareKind, ShareLink, SharePick
from generations.models.accounts import Density
from generations.models.share import digest_of
from generations.models.words import stretch_of
from generations.queries.albums import places
from generations.queries.cards import ROWS, data_uri
from generations.queries.filters import GalleryFilter, images_wanted, is_by_stretches
from generations.queries.found import newest_wanted
from generations.queries.neighbours import Neighbours, neighbours
from generations.queries.picture import price_text
from generations.queries.search import Look, Stretches
from generations.ratios import ratio_class

PAGE = 60
MOST_NUMBERED = 1000  # who stands further back has no number
MOST_IN_ZIP = 500
LOOKED_AT = 16  # texts: that of one picture, and those of the same moment


@dataclass(frozen=True, slots=True)
class Shown:
    """A link that leads somewhere. `wanted` is what a search filters by."""

    link: ShareLink
    wanted: GalleryFilter


@dataclass(frozen=True, slots=True)
class SharedCard:
    """A tile for guests; nothing in it tells more than the link does."""

    id: UUID
    edges: Sequence[tuple[int, int]]  # an edge and its width
    ratio_class: str
    width: int
    height: int
    sizes: str
    placeholder: str
    alt: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class SharedPage:
    cards: Sequence[SharedCard]
    after: str  # the next page's cursor; empty on the last


@dataclass(frozen=True, slots=True)
class SharedPicture:
    card: SharedCard
    prompt: str
    revised_prompt: str
    facts: Sequence[tuple[str, str]]


def link_of(token: str) -> ShareLink | None:
    """None for a token that is unknown, expired or revoked, whose target is gone, or whose creator
    may not share it any more."""
    return _leading_somewhere(Q(token_hash=digest_of(token)))


def _leading_somewhere(which: Q) -> ShareLink | None:
    links = policy.live_shares().select_related("creator", "image", "album", "search")
    link = links.filter(which).first()
    if link is None or (link.target and not policy.can_share(link.creator, link.target)):
        return None
    return link


def still_shared(link_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Which of a link's pictures may be shown yet, if it still leads somewhere."""
    link = _leading_somewhere(Q(pk=link_id))
    if link is None:
        return set()
    shareable = policy.shareable_images(link.creator).filter(pk__in=ids)
    return set(shareable.values_list("pk", flat=True))


def image_of(shown: Shown, image_id: UUID) -> Image | None:
    """One of the link's pictures, or None."""
    link, parts = shown.link, ("generation", "attempt__generation")
    if link.album:
        rows = _album_rows(link, link.album).filter(image=image_id)
        row = rows.select_related(*(f"image__{part}" for part in parts)).first()
        return row.image if row else None
    is_search = link.kind == ShareKind.SEARCH
    images = policy.shareable_images(link.creator) if is_search else _images(shown)
    image = images.select_related(*parts).filter(pk=image_id).first()
    return image if image and (not is_search or _is_found(shown, image)) else None


def _is_found(shown: Shown, image: Image) -> bool:
    """By the search, looking at hardly more than this one picture."""
    if not _may_search(shown):
        return False
    key, stretch = image.sort_key, stretch_of(image.sort_key)
    is_there = is_by_stretches(shown.wanted)
    among = Stretches(stretch, stretch) if is_there else Look(key + 1, texts=LOOKED_AT)
    found = images_wanted(
        shown.wanted, shown.link.creator, below=key + 1, above=key - 1, among=among
    )
    return found.filter(pk=image.pk).exists()


def _images(shown: Shown) -> QuerySet[Image]:
    """Every picture behind the link, in no order; an album has rows of its own."""
    link, images = shown.link, policy.shareable_images(shown.link.creator)
    if link.image_id:
        return images.filter(pk=link.image_id)
    if link.kind == ShareKind.SELECTION:
        return images.filter(share_images__link=link)
    return images_wanted(shown.wanted, link.creator) if _may_search(shown) else images.none()


def _may_search(shown: Shown) -> bool:
    """Never a whole gallery, and in a team's only where everything may be shared."""
    may_share = policy.can_share_search_in(shown.link.creator, shown.wanted.team)
    return may_share and not shown.wanted.is_empty


def _album_rows(link: ShareLink, album: Album) -> QuerySet[AlbumImage]:
    """In the album's order; what others made for a team may not be the creator's to share."""
    return places(album).filter(policy.shared_by(link.creator, "image__"))


def ids_of(shown: Shown, *, most: int) -> list[UUID]:
    """The pictures in their order."""
    return [image.pk for image, _ in _places(shown, after=None, most=most)]


def page_of(shown: Shown, *, after: tuple[int, int] | None, guest: ShareGuest | None) -> SharedPage:
    """The pictures behind a cursor; its cost doesn't grow with their number."""
    found = list(_places(shown, after=after, most=PAGE + 1))
    page = found[:PAGE]
    first = number_of(shown, page[0][0]) if page else None
    picked = _picked(guest, [image.pk for image, _ in page])
    cards = [
        _card(
            shown.link,
            image,
            number=None if first is None else first + place,
            is_picked=image.pk in picked,
        )
        for place, (image, _) in enumerate(page)
    ]
    return SharedPage(cards, page[-1][1] if len(found) > PAGE else "")


def picture_of(shown: Shown, image: Image, guest: ShareGuest | None) -> SharedPicture:
    """`image` as `image_of` found it."""
    link, generation = shown.link, image.generation
    is_picked = image.pk in _picked(guest, [image.pk])
    card = _card(link, image, number=number_of(shown, image), is_picked=is_picked)
    facts = [("Model", generation.model_id)] if link.shows_prompts else []
    if link.shows_cost and not image.is_copy:
        facts += [("Price", price_text(image.attempt))]
    if not link.shows_prompts:
        return SharedPicture(card, "", "", facts)
    return SharedPicture(card, generation.prompt, image.revised_prompt, facts)


def neighbours_of(shown: Shown, image: Image) -> Neighbours:
    """What stands before and after a picture on the link's page."""
    if shown.link.kind == ShareKind.IMAGE:
        return None, None
    if shown.link.kind == ShareKind.SEARCH:
        return neighbours(image, shown.link.creator, shown.wanted)
    if shown.link.album:
        return _album_neighbours(shown.link, shown.link.album, image)
    others = _images(shown).order_by("sort_key").values_list("pk", flat=True)
    return (
        others.filter(sort_key__gt=image.sort_key).first(),
        others.filter(sort_key__lt=image.sort_key).last(),
    )


def _album_neighbours(link: ShareLink, album: Album, image: Image) -> Neighbours:
    rows = _album_rows(link, album)
    place = rows.filter(image=image).first()
    if place is None:
        return None, None
    before = rows.filter(_is_before(place)).last()
    after = rows.exclude(_is_before(place)).exclude(pk=place.pk).first()
    return before.image_id if before else None, after.image_id if after else None


def _is_before(place: AlbumImage) -> Q:
    return Q(position__lt=place.position) | Q(position=place.position, pk__lt=place.pk)


def count_text(shown: Shown) -> str:
    """“12 pictures”, “1,000+ pictures”."""
    album = shown.link.album
    found: QuerySet[Any] = _album_rows(shown.link, album) if album else _images(shown)
    count = found.order_by()[: MOST_NUMBERED + 1].count()
    return (
        wording.count(count, "picture")
        if count <= MOST_NUMBERED
        else f"{MOST_NUMBERED:,}+ pictures"
    )


def number_of(shown: Shown, image: Image) -> int | None:
    """The picture's place on the page, from 1; None far down, where counting would take long."""
    before = _before(shown, image)[:MOST_NUMBERED].count()
    return before + 1 if before < MOST_NUMBERED else None


def _before(shown: Shown, image: Image) -> "QuerySet[Any]":
    link = shown.link
    if link.kind == ShareKind.SEARCH:
        return images_wanted(shown.wanted, link.creator, above=image.sort_key)
    if link.album is None:
        return _images(shown).filter(sort_key__gt=image.sort_key)
    rows = _album_rows(link, link.album)
    place = rows.filter(image=image).first()
    return rows.filter(_is_before(place)) if place else rows.none()


def _places(
    shown: Shown, *, after: tuple[int, int] | None, most: int
) -> Iterator[tuple[Image, str]]:
    """Each picture with the cursor of what comes after it."""
    link = shown.link
    if link.album:
        rows = _album_rows(link, link.album).select_related("image__generation")
        if after:
            behind = Q(position=after[0], pk__gt=after[1])
            rows = rows.filter(Q(position__gt=after[0]) | behind)
        yield from ((row.image, f"{row.position}.{row.pk}") for row in rows[:most])
        return
    below = after[1] if after else None
    for image in _newest(shown, below=below, most=most).select_related("generation"):
        yield image, f"0.{image.sort_key}"


def _newest(shown: Shown, *, below: int | None, most: int) -> QuerySet[Image]:
    if shown.link.kind == ShareKind.SEARCH:
        if not _may_search(shown):
            return Image.objects.none()
        return newest_wanted(shown.wanted, shown.link.creator, below=below, most=most)
    images = _images(shown)
    images = images if below is None else images.filter(sort_key__lt=below)
    return images.order_by("-sort_key")[:most]


def _picked(guest: ShareGuest | None, ids: Sequence[UUID]) -> set[UUID]:
    if guest is None:
        return set()
    return set(guest.picks.filter(image__in=ids).values_list("image_id", flat=True))


def _card(link: ShareLink, image: Image, *, number: int | None, is_picked: bool) -> SharedCard:
    row_px, _ = ROWS[Density.COMFORTABLE]
    return SharedCard(
        id=image.pk,
        edges=[(edge, width) for edge, width, _ in image.edges],
        ratio_class=ratio_class(image.width, image.height),
        width=image.width,
        height=image.height,
        sizes=f"{math.ceil(row_px * image.width / max(image.height, 1))}px",
        placeholder=data_uri(bytes(image.placeholder)),
        alt=_alt(link, image, number),
        is_picked=is_picked,
    )


def _alt(link: ShareLink, image: Image, number: int | None) -> str:
    """The person's own words; the prompt's only where prompts are shown."""
    if image.alt_text:
        return image.alt_text
    if link.shows_prompts:
        return wording.one_line(image.generation.prompt)[:200]
    return f"Picture {number}" if number else "Picture"


def picks_text(guest: ShareGuest | None) -> str:
    """“3 picked”."""
    count = SharePick.objects.filter(guest=guest).count() if guest else 0
    return f"{count:,} picked"
