"""What the pages of an inspection show."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from generations import policy, wording
from generations.models import Image, Inspection, User
from generations.queries.picture import Picture, picture
from generations.ratios import ratio_class

PAGE = 60
SMALL = 320
MOST = 50


@dataclass(frozen=True, slots=True)
class Look:
    """One inspection in words."""

    inspection: Inspection
    who: str
    whose: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Card:
    url: str
    src: str
    ratio_class: str
    alt: str
    maker: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A picture as whoever inspects it sees it; `about` is all that is known of it."""

    about: Picture
    src: str
    srcset: str
    original_url: str
    maker: str


def looks_by(user: User) -> list[Look]:
    """What a superuser looked into, newest first."""
    living = set(policy.open_inspections(user).values_list("pk", flat=True))
    rows = policy.own_inspections(user).select_related("inspector", "person", "team")
    return [_look(row, is_open=row.pk in living) for row in rows.order_by("-created_at")[:MOST]]


def looks_at(user: User) -> list[Look]:
    """Who looked into somebody's own gallery, newest first."""
    rows = policy.inspections_of(user).select_related("inspector", "person", "team")
    return [_look(row, is_open=False) for row in rows.order_by("-created_at")[:MOST]]


def _look(row: Inspection, *, is_open: bool) -> Look:
    whose = row.team.name if row.team else row.person.username if row.person else ""
    return Look(row, row.inspector.username, whose, is_open)


def inspected_page(
    user: User, inspection: Inspection, *, after: int | None = None
) -> tuple[Sequence[Card], int | None]:
    """A page of the gallery, newest first, and the next one's cursor."""
    rows = policy.inspected_images(user, inspection).select_related("generation", "owner")
    if after is not None:
        rows = rows.filter(sort_key__lt=after)
    found = list(rows.order_by("-sort_key")[: PAGE + 1])
    page = found[:PAGE]
    return [_card(each, inspection) for each in page], (
        page[-1].sort_key if len(found) > PAGE else None
    )


def _card(image: Image, inspection: Inspection) -> Card:
    url = reverse("inspected_image", args=[inspection.pk, image.pk])
    return Card(
        url=url,
        src=f"{url}{SMALL}" if image.edges else "",
        ratio_class=ratio_class(image.width, image.height),
        alt=image.alt_text or wording.one_line(image.generation.prompt)[:200],
        maker=image.owner.username if image.team_id else "",
    )


def inspected(image: Image, inspection: Inspection) -> Inspected:
    """`image` with its generation, attempt and owner selected."""
    url = reverse("inspected_image", args=[inspection.pk, image.pk])
    edges = {edge: width for edge, width, _ in image.edges}
    return Inspected(
        about=picture(image),
        src=f"{url}{max(edges)}" if edges else "",
        srcset=", ".join(f"{url}{edge} {width}w" for edge, width in edges.items()),
        original_url=f"{url}original",
        maker=image.owner.username,
    )
