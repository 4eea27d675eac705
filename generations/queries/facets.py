"""What a person may narrow their gallery by, and what it is narrowed by just now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from generations import policy
from generations.models import Album, Image, Shape, Tag, User
from generations.queries.cards import TILE_STATES
from generations.queries.catalog import model_names
from generations.queries.filters import DONE, GalleryFilter

MOST_CHOICES = 24  # values of one facet; more wouldn't be a choice any more
MOST_OWN = 200  # tags, albums
STATES = (DONE, *dict.fromkeys(state for state in TILE_STATES.values() if state != DONE), "blocked")
WORDS = {DONE: "Pictures", "held": "On hold", "unknown": "Outcome unknown"}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on; its address is the gallery without it."""

    label: str
    url: str


def facets_of(wanted: GalleryFilter, user: User) -> list[Facet]:
    """What this person's pictures differ in: a few index seeks for each value there is."""
    images = policy.gallery_images(user, wanted.team).order_by()
    names = model_names()
    models = {value: names.get(value, value) for value in _values(images, "model_id")}
    shapes = {each.value: each.label for each in Shape if images.filter(shape=each).exists()}
    qualities = {value: quality_name(value) for value in _values(images, "quality")}
    facets = [
        _facet("model", "Model", models, wanted.model),
        _facet("shape", "Orientation", shapes, wanted.shape),
        _facet("size", "Size", {each: _size(each) for each in _sizes(images)}, wanted.size),
        _facet("quality", "Quality", qualities, wanted.quality),
        _facet("tag", "Tag", _own(policy.tags_of(user, wanted.team)), map(str, wanted.tag)),
        _facet("album", "Album", _own(policy.albums_of(user, wanted.team)), [str(wanted.album)]),
        _facet("by", "Made by", _makers(images) if wanted.team else {}, wanted.by),
        _facet("state", "Shown", {each: state_name(each) for each in STATES}, wanted.state),
    ]
    return [facet for facet in facets if facet.choices]


def _facet(name: str, label: str, found: dict[str, str], on: Any) -> Facet:
    chosen = set(on)
    return Facet(name, label, [Choice(key, word, key in chosen) for key, word in found.items()])


def _values(images: QuerySet[Image], column: str) -> list[str]:
    """A column's values by one index seek each, however many pictures have them."""
    found: list[str] = []
    while len(found) < MOST_CHOICES:
        rest = images.filter(**{f"{column}__gt": found[-1] if found else ""}).order_by(column)
        value = rest.values_list(column, flat=True).first()
        if value is None:
            break
        found.append(value)
    return found


def _makers(images: QuerySet[Image]) -> dict[str, str]:
    """Everybody who made a picture of the team's, also who has left it."""
    people = User.objects.filter(Exists(images.filter(owner=OuterRef("pk"))))
    names = people.order_by("username").values_list("username", flat=True)[:MOST_OWN]
    return {name: name for name in names}


def _sizes(images: QuerySet[Image]) -> list[str]:
    found: list[tuple[int, int]] = []
    while len(found) < MOST_CHOICES:
        width, height = found[-1] if found else (0, 0)
        rest = images.filter(Q(width__gt=width) | Q(width=width, height__gt=height))
        size = rest.order_by("width", "height").values_list("width", "height").first()
        if size is None:
            break
        found.append(size)
    return [f"{width}x{height}" for width, height in found if width and height]


def _own(rows: QuerySet[Tag] | QuerySet[Album]) -> dict[str, str]:
    return {
        str(pk): name for pk, name in rows.order_by("name").values_list("pk", "name")[:MOST_OWN]
    }


def chips_of(wanted: GalleryFilter, user: User, *, group: str | None) -> list[Chip]:
    """Every filter that is on, in words; asks the database only for names of tags and albums."""
    names = model_names() if wanted.model else {}
    tags = _names(policy.visible_tags(user), list(wanted.tag))
    albums = _names(policy.visible_albums(user), [wanted.album] if wanted.album else [])
    said: list[tuple[str, Any, str]] = [("q", None, f"“{wanted.q}”")] if wanted.q else []
    said += [("model", each, names.get(each, each)) for each in wanted.model]
    said += [("state", each, state_name(each)) for each in wanted.state]
    said += [("shape", each, Shape(each).label) for each in wanted.shape]
    said += [("size", each, _size(each)) for each in wanted.size]
    said += [("quality", each, f"{quality_name(each)} quality") for each in wanted.quality]
    said += [("since", None, f"From {_day(wanted.since)}")] if wanted.since else []
    said += [("until", None, f"Until {_day(wanted.until)}")] if wanted.until else []
    said += [("fav", None, "Favourites")] if wanted.fav else []
    said += [("tag", each, f"#{tags.get(each, 'a tag that is gone')}") for each in wanted.tag]
    said += [
        ("album", None, albums.get(each, "An album that is gone"))
        for each in [wanted.album]
        if each
    ]
    said += [("by", each, f"By {each}") for each in wanted.by]
    return [
        Chip(label, address(wanted.without(name, value), group=group))
        for name, value, label in said
    ]


def _names(rows: QuerySet[Any], wanted: Sequence[Any]) -> dict[Any, str]:
    return dict(rows.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def address(wanted: GalleryFilter, *, group: str | None = None) -> str:
    """A team's gallery has an address of its own."""
    query = replace(wanted, team="").as_query(group=group)
    gallery = reverse("team", args=[wanted.team]) if wanted.team else reverse("gallery")
    return f"{gallery}?{query}" if query else gallery


def quality_name(quality: str) -> str:
    return quality.upper() if quality == "hd" else quality.capitalize()


def state_name(state: str) -> str:
    return WORDS.get(state, state.capitalize())


def _size(size: str) -> str:
    return size.replace("x", " × ")


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"
