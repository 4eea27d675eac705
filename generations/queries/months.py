"""Which months a gallery has pictures in: two seeks, and one for each month between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists

from generations import policy
from generations.models import User
from generations.queries.days import day_of
from generations.queries.filters import GalleryFilter, day_begins

MOST_MONTHS = 240
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    date: date
    url: str  # the gallery from its last picture on; empty for a month without one


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    months: Sequence[Month]


def years_of(user: User, wanted: GalleryFilter, *, group: str | None = None) -> list[Year]:
    """Newest year first, its months as in a calendar. The filter only travels on in the links."""
    images = policy.gallery_images(user, wanted.team)
    keys = images.values_list("sort_key", flat=True)
    newest, oldest = keys.order_by("-sort_key").first(), keys.order_by("sort_key").first()
    if newest is None or oldest is None:
        return []
    begins = _months(day_of(oldest), day_of(newest))
    found = {
        f"m{number}": Exists(
            images.filter(sort_key__gte=day_begins(begin), sort_key__lt=day_begins(_next(begin)))
        )
        for number, begin in enumerate(begins)
    }
    row: Any = User.objects.values(**found).get(pk=user.pk)
    with_pictures = {begin for number, begin in enumerate(begins) if row[f"m{number}"]}
    years = sorted({begin.year for begin in begins}, reverse=True)
    return [
        Year(
            year,
            [_month(date(year, month, 1), with_pictures, wanted, group) for month in range(1, 13)],
        )
        for year in years
    ]


def _months(first: date, last: date) -> list[date]:
    begins = [last.replace(day=1)]
    while begins[-1] > first and len(begins) < MOST_MONTHS:
        before = begins[-1]
        begins.append(date(before.year - (before.month == 1), (before.month - 2) % 12 + 1, 1))
    return begins


def _next(begin: date) -> date:
    return date(begin.year + (begin.month == 12), begin.month % 12 + 1, 1)


def _month(
    begin: date, with_pictures: set[date], wanted: GalleryFilter, group: str | None
) -> Month:
    query = wanted.as_query(group=group, after=day_begins(_next(begin)))
    return Month(NAMES[begin.month - 1], begin, f"?{query}" if begin in with_pictures else "")
