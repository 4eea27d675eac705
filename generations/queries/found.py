"""The newest of what a filter finds, at a cost that doesn't grow with the gallery.

An index gives the order wherever there is one, and only ids are carried until the page is known.
Two cases need more. Words have no order: PostgreSQL is asked for the newest stretch of time first
and for ever longer ones before it until the page is full; with SQLite the newest pictures are
looked through first, which finds enough of every common word, and all of a small gallery. Of
several values of one facet each has its own stretch of the index, so each brings its newest; of
many values the gallery's own order is quicker, and SQLite can't read that long a question.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet

from generations import policy
from generations.models import Image, ImageText, User
from generations.models.words import scope_of, stretch_of
from generations.queries.filters import (
    SORT_KEY,
    GalleryFilter,
    images_wanted,
    is_by_stretches,
    newest_first,
    order_of,
    reach_of,
)
from generations.queries.search import Look, Newest, Stretches

FIRST_LOOK = 2000  # SQLite: pictures among which words are searched before all are
LOOKED_AT = 600  # PostgreSQL: pictures whose words are looked at one by one
TURNS = (1, 2, 8)  # stretches of time searched in one go; then all that are left
MOST_STRETCHES = 8
FACETS = ("model", "shape", "quality", "size")


def newest_wanted(
    wanted: GalleryFilter,
    user: User,
    *,
    below: int | None = None,
    above: int | None = None,
    most: int,
) -> QuerySet[Image]:
    """At most so many, newest first, between the two sort keys."""
    if is_by_stretches(wanted):
        return _by_stretches(wanted, user, below, above, most)
    if order_of(wanted).startswith("text"):
        ids, is_all = _among_the_newest(wanted, user, below, above, most)
        if is_all or len(ids) == most:
            return Image.objects.filter(pk__in=ids).order_by("-sort_key")
    parts = [
        newest_first(images_wanted(part, user, below=below, above=above), part)[:most]
        for part in _by_value(wanted)
    ]
    if len(parts) == 1 and order_of(wanted) == SORT_KEY:
        return parts[0]
    return Image.objects.filter(pk__in=_united(parts)).order_by("-sort_key")[:most]


def _united(parts: list[QuerySet[Image]]) -> QuerySet[Any, Any]:
    """The pictures' ids, in no order."""
    ids: list[QuerySet[Any, Any]] = [part.values("pk") for part in parts]
    if len(ids) > 1:  # SQLite takes a limit inside a union only one level down
        ids = [Image.objects.filter(pk__in=each).values("pk") for each in ids]
    return reduce(QuerySet.union, ids)


def next_above(wanted: GalleryFilter, user: User, *, above: int) -> UUID | None:
    """The oldest of what is newer than a sort key."""
    turns: Iterable[Stretches | None] = [None]
    if is_by_stretches(wanted):
        turns = _turns(wanted, user, None, above, is_upwards=True)
    elif order_of(wanted).startswith("text"):
        found, is_all = _just_above(wanted, user, above)
        if found or is_all:
            return found
    for among in turns:
        images = images_wanted(wanted, user, above=above, among=among)
        if found := images.order_by(order_of(wanted)).values_list("pk", flat=True).first():
            return found
    return None


def _by_stretches(
    wanted: GalleryFilter, user: User, below: int | None, above: int | None, most: int
) -> QuerySet[Image]:
    if replace(wanted, q="", since=None, until=None).is_empty and _shows_all(wanted, user):
        newest = Newest(*reach_of(wanted, below, above), most=most, looked_at=LOOKED_AT)
        images = images_wanted(wanted, user, below=below, above=above, among=newest)
        return newest_first(images, wanted)[:most]
    ids: list[UUID] = []
    for among in _turns(wanted, user, below, above):
        images = images_wanted(wanted, user, below=below, above=above, among=among)
        found = newest_first(images, wanted).values_list("pk", flat=True)
        ids += found[: most - len(ids)]
        if len(ids) == most:
            break
    return Image.objects.filter(pk__in=ids).order_by("-sort_key")


def _shows_all(wanted: GalleryFilter, user: User) -> bool:
    """Whether whatever hangs in the gallery is seen: so many found are then so many shown."""
    return not wanted.is_outside and not (wanted.team and policy.shown_to(user))


def _turns(
    wanted: GalleryFilter,
    user: User,
    below: int | None,
    above: int | None,
    *,
    is_upwards: bool = False,
) -> Iterator[Stretches]:
    """The stretches that hold texts of this person's between the keys, those at one end first."""
    low, high = reach_of(wanted, below, above)
    texts = ImageText.objects.filter(scope=_scope(wanted, user))
    ends = texts.aggregate(oldest=Min("sort_key"), newest=Max("sort_key"))
    if ends["oldest"] is None:
        return
    first, last = stretch_of(max(low, ends["oldest"])), stretch_of(min(high, ends["newest"]))
    for size in (*TURNS, last - first + 1):
        if first > last:
            return
        if is_upwards:
            yield Stretches(first, min(first + size - 1, last))
            first += size
        else:
            yield Stretches(max(last - size + 1, first), last)
            last -= size


def _scope(wanted: GalleryFilter, user: User) -> str:
    return scope_of(policy.space_for(user, wanted.team) or 0)


def _just_above(wanted: GalleryFilter, user: User, above: int) -> tuple[UUID | None, bool]:
    """The same among the next few pictures, and whether there are no others."""
    texts = ImageText.objects.filter(scope=_scope(wanted, user), sort_key__gt=above)
    following = texts.order_by("sort_key").values("sort_key")[:FIRST_LOOK]
    stretch = following.aggregate(last=Max("sort_key"), count=Count("sort_key"))
    if not stretch["count"]:
        return None, True
    below = stretch["last"] + 1
    look = Look(below, texts=FIRST_LOOK)
    images = images_wanted(wanted, user, below=below, above=above, among=look)
    found = images.order_by(order_of(wanted)).values_list("pk", flat=True).first()
    return found, stretch["count"] < FIRST_LOOK


def _by_value(wanted: GalleryFilter) -> list[GalleryFilter]:
    """The filter once for each value of a facet that has several, where an index helps."""
    is_several = range(2, MOST_STRETCHES + 1)
    several = next((name for name in FACETS if len(getattr(wanted, name)) in is_several), None)
    return wanted.by_value(several) if several and order_of(wanted) == SORT_KEY else [wanted]


def _among_the_newest(
    wanted: GalleryFilter, user: User, below: int | None, above: int | None, most: int
) -> tuple[list[UUID], bool]:
    """What the newest few pictures hold of it, and whether there are no others."""
    texts = ImageText.objects.filter(scope=_scope(wanted, user))
    if below is not None:
        texts = texts.filter(sort_key__lt=below)
    newest = texts.order_by("-sort_key").values("sort_key")[:FIRST_LOOK]
    stretch = newest.aggregate(since=Min("sort_key"), count=Count("sort_key"))
    if not stretch["count"]:
        return [], True
    since = max(stretch["since"], (above or 0) + 1)
    look = Look(below, texts=FIRST_LOOK)
    images = images_wanted(wanted, user, below=below, above=since - 1, among=look)
    ids = list(newest_first(images, wanted).values_list("pk", flat=True)[:most])
    return ids, stretch["count"] < FIRST_LOOK
