"""A page's tiles under their days, each day with what it holds and what that cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, When
from django.urls import reverse
from django.utils import timezone

from generations import policy, wording
from generations.models import User
from generations.models.generation import SLOTS
from generations.models.image import ORIGINAL
from generations.queries.cards import Card
from generations.queries.filters import EVERYTHING, GalleryFilter
from generations.queries.found import newest_wanted

DAY_KEYS = 86_400_000_000 * SLOTS  # a day, in sort keys
# A copy cost nothing more: its price is told where the picture was made.
COST = Case(When(ORIGINAL, then=F("attempt__cost_micros") / F("attempt__slot_count")))
MOST_COUNTED = 240  # pictures under one page's headers
SUMS = """
WITH shown(sort_key, micros) AS ({})
SELECT sort_key / %s, count(*), sum(micros) FROM shown GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours of one submission."""

    generation_id: UUID
    prompt: str
    url: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    date: date
    summary: str  # “9 pictures · $0.36”
    cards: Sequence[Card]
    runs: Sequence[Run] = ()

    @property
    def newest(self) -> int:
        return self.cards[0].sort_key


def days_of(
    cards: Sequence[Card],
    user: User,
    wanted: GalleryFilter = EVERYTHING,
    *,
    by_run: bool = False,
) -> list[Day]:
    """The cards, newest first, under their days, which say what they hold and what that cost.

    What is not the whole gallery was picked from far apart: it stands under its months.
    """
    is_whole = wanted.is_empty
    summaries = _summaries(cards, user, wanted) if cards and is_whole else {}
    today = timezone.now().date()
    label = wording.day if is_whole else wording.month
    begins = day_of if is_whole else month_of
    return [
        Day(
            label=label(day, today=today),
            date=day,
            summary=summaries.get(day, ""),
            cards=(of_day := list(each)),
            runs=_runs(of_day) if by_run else (),
        )
        for day, each in groupby(cards, key=lambda card: begins(card.sort_key))
    ]


def day_of(sort_key: int) -> date:
    return datetime.fromtimestamp(sort_key // SLOTS / 1_000_000, UTC).date()


def month_of(sort_key: int) -> date:
    return day_of(sort_key).replace(day=1)


def _runs(cards: Sequence[Card]) -> list[Run]:
    return [
        Run(
            generation_id=generation,
            prompt=wording.one_line(of_run[0].prompt),
            url=reverse("generation", args=[generation]),
            cards=of_run,
        )
        for generation, each in groupby(cards, key=lambda card: card.generation_id)
        if (of_run := list(each))
    ]


def _summaries(cards: Sequence[Card], user: User, wanted: GalleryFilter) -> Mapping[date, str]:
    """One query for all days of a page, of which only so many pictures are looked at."""
    newest, oldest = cards[0].sort_key, cards[-1].sort_key
    first, last = oldest // DAY_KEYS * DAY_KEYS, (newest // DAY_KEYS + 1) * DAY_KEYS
    found = newest_wanted(wanted, user, below=last, above=first - 1, most=MOST_COUNTED)
    sql, parameters = found.values_list("sort_key", COST).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(sql), [*parameters, DAY_KEYS])
        sums = {day_of(day * DAY_KEYS): (count, int(micros or 0)) for day, count, micros in cursor}
    if sum(count for count, _ in sums.values()) == MOST_COUNTED:
        del sums[min(sums)]  # there may be more of it
    shows_cost = policy.sees_costs(user, wanted.team)
    return {
        day: _summary(count, micros if shows_cost else 0) for day, (count, micros) in sums.items()
    }


def _summary(count: int, micros: int) -> str:
    pictures = wording.count(count, "picture")
    return f"{pictures} · {wording.usd(micros)}" if micros else pictures
