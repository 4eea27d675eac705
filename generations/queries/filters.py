"""Which pictures of a gallery are wanted: the one place that knows what each filter means."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from generations import policy
from generations.models import Attempt, AttemptState, Image, User
from generations.models.generation import SLOTS, sort_key
from generations.models.words import scope_of
from generations.queries.cards import BLOCKED_CODES, TILE_STATES
from generations.queries.search import Among, terms_of, text_matches

DONE = "done"
SORT_KEY = "sort_key"
LOWEST_KEY, HIGHEST_KEY = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class GalleryFilter:
    """Named as in the address. All but the team empty is the whole gallery."""

    team: str = ""  # its slug; empty: one's own gallery
    q: str = ""
    model: tuple[str, ...] = ()
    state: tuple[str, ...] = ()  # as tiles call it; "done" are the pictures
    shape: tuple[str, ...] = ()
    size: tuple[str, ...] = ()  # WIDTHxHEIGHT in pixels, as it came
    quality: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None  # its whole day still counts
    fav: bool = False
    tag: tuple[int, ...] = ()  # a picture has all of them
    album: UUID | None = None
    by: tuple[str, ...] = ()  # who made it, in a team
    is_outside: bool = False  # as it is shown to others; never in an address

    @property
    def is_empty(self) -> bool:
        return self == self.whole

    @property
    def whole(self) -> "GalleryFilter":
        """All of the same gallery."""
        return GalleryFilter(team=self.team, is_outside=self.is_outside)

    def without(self, name: str, value: Any = None) -> "GalleryFilter":
        """The same without one facet, or without one of its values."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if isinstance(values[name], tuple) and value is not None:
            values[name] = tuple(each for each in values[name] if each != value)
        else:
            values[name] = getattr(EVERYTHING, name)
        return GalleryFilter(**values)

    def by_value(self, name: str) -> "list[GalleryFilter]":
        """Once for each of a facet's values."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return [GalleryFilter(**values | {name: (value,)}) for value in values[name]]

    def as_query(self, **more: Any) -> str:
        """For an address: “q=fox&fav=1”; empty for the whole gallery."""
        others = [(name, str(value)) for name, value in more.items() if value is not None]
        return urlencode(self.pairs() + others)

    def pairs(self) -> list[tuple[str, str]]:
        """For an address or a form's hidden fields."""
        pairs: list[tuple[str, str]] = []
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "is_outside":
                continue
            if isinstance(value, tuple):
                pairs += [(each.name, str(one)) for one in value]
            elif value:
                pairs.append((each.name, "1" if value is True else str(value)))
        return pairs


EVERYTHING = GalleryFilter()


def images_wanted(
    wanted: GalleryFilter,
    user: User,
    *,
    below: int | None = None,
    above: int | None = None,
    among: Among = None,
) -> QuerySet[Image]:
    """The gallery's pictures that pass every filter, between two sort keys, in no order yet.

    With words and `among` only what is found there: see `text_matches`.
    """
    reach = partial(_reach, wanted, below, above)
    by_key = reach("") if order_of(wanted) == SORT_KEY else Q()
    images = policy.gallery_images(user, wanted.team).filter(_of_its_row(wanted) & by_key)
    if wanted.is_outside:
        images = images.filter(policy.shown_outside(user))
    if wanted.state and DONE not in wanted.state:
        return images.none()
    if terms := terms_of(wanted.q):
        matches = text_matches(
            terms, scope=scope_of(policy.space_for(user, wanted.team) or 0), among=among
        )
        images = images.filter(matches, Q() if is_by_stretches(wanted) else reach("text__"))
    if wanted.fav:
        images = images.filter(reach("favorites__"), favorites__user=user)
    # Somebody else's tag or album, or one that is gone, holds no picture.
    for tag in wanted.tag:
        its = Q(image_tags__tag=tag, image_tags__tag__in=policy.tags_of(user, wanted.team))
        images = images.filter(reach("image_tags__"), its)
    if wanted.album:
        albums = policy.albums_of(user, wanted.team)
        its = Q(album_images__album=wanted.album, album_images__album__in=albums)
        images = images.filter(reach("album_images__"), its)
    return images


def newest_first(images: QuerySet[Image], wanted: GalleryFilter) -> QuerySet[Image]:
    """What `images_wanted` found, in the order of the index that found it."""
    return images.order_by(f"-{order_of(wanted)}")


def order_of(wanted: GalleryFilter) -> str:
    """Each of these tables knows its picture's sort key and is indexed by it."""
    if wanted.fav:
        return f"favorites__{SORT_KEY}"
    if wanted.tag:
        return f"image_tags__{SORT_KEY}"
    if wanted.album:
        return f"album_images__{SORT_KEY}"
    is_by_text = terms_of(wanted.q) and not is_by_stretches(wanted)
    return f"text__{SORT_KEY}" if is_by_text else SORT_KEY


def is_by_stretches(wanted: GalleryFilter) -> bool:
    """Whether words are wanted that are searched one stretch of time after the other."""
    return connection.vendor == "postgresql" and bool(terms_of(wanted.q))


def attempts_wanted(
    wanted: GalleryFilter, user: User, *, below: int | None = None, above: int | None = None
) -> QuerySet[Attempt]:
    """The tiles without a picture that pass every filter: none where one asks about pictures."""
    attempts = policy.gallery_attempts(user, wanted.team).filter(_reach(wanted, below, above, ""))
    if not replace(wanted, state=(), model=(), by=(), since=None, until=None).is_empty:
        return attempts.none()
    if wanted.by:
        attempts = attempts.filter(owner__username__in=wanted.by)
    if wanted.model:
        attempts = attempts.filter(generation__model_id__in=wanted.model)
    if wanted.state:
        attempts = attempts.filter(_in_state(wanted.state))
    return attempts


def _in_state(names: Sequence[str]) -> Q:
    """By what tiles call it: a moderated refusal is blocked, an answer that held nothing failed."""
    blocked = Q(state=AttemptState.REJECTED_FREE, code__in=BLOCKED_CODES)
    states = [state for state, said in TILE_STATES.items() if said in names and said != DONE]
    if "failed" in names:
        states.append(AttemptState.STORED)
    found = Q(state__in=states)
    if "blocked" in names:
        return found | blocked
    return found & ~blocked if "failed" in names else found


def _of_its_row(wanted: GalleryFilter) -> Q:
    """What the picture's own columns tell."""
    columns = {"model_id": wanted.model, "shape": wanted.shape, "quality": wanted.quality}
    found = Q(**{f"{name}__in": values for name, values in columns.items() if values})
    if wanted.by:
        found &= Q(owner__in=User.objects.filter(username__in=wanted.by).values("pk"))
    sizes = Q()
    for size in wanted.size:
        width, _, height = size.partition("x")
        sizes |= Q(width=int(width), height=int(height))
    return found & sizes


def _reach(wanted: GalleryFilter, below: int | None, above: int | None, table: str) -> Q:
    """Between the filter's days and the two keys, as a table says it."""
    low, high = reach_of(wanted, below, above)
    name = f"{table}{SORT_KEY}"
    found = Q() if low == LOWEST_KEY else Q(**{f"{name}__gte": low})
    return found if high == HIGHEST_KEY else found & Q(**{f"{name}__lte": high})


def reach_of(wanted: GalleryFilter, below: int | None, above: int | None) -> tuple[int, int]:
    """The lowest and the highest sort key between the filter's days and the two keys. Days are
    UTC's."""
    low = LOWEST_KEY if above is None else above + 1
    high = HIGHEST_KEY if below is None else below - 1
    if wanted.since:
        low = max(low, day_begins(wanted.since))
    if wanted.until and wanted.until < date.max:
        high = min(high, day_begins(wanted.until + timedelta(days=1)) - 1)
    return low, high


def day_begins(day: date) -> int:
    """The first sort key of a day."""
    return sort_key(datetime(day.year, day.month, day.day, tzinfo=UTC), SLOTS - 1)
