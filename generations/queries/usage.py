"""What was spent, on which models and by whom: the sums that the ledger keeps by day and month.

Money counts on the day that something was asked for, in UTC, as the budgets count it. What was
imported cost nothing here and isn't counted. While the sums are being filled, the attempts
themselves are counted, which takes long and says the same. Whose it is comes from `policy`.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import CharField, Count, DateField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, TruncMonth

from generations import ledger, wording
from generations.models import (
    CHARGED_STATES,
    Attempt,
    AttemptState,
    UsageChange,
    UsageSpan,
    UsageSum,
    User,
)
from generations.models.generation import HAS_FAILED, UNFINISHED
from generations.queries.days import DAY_KEYS, day_of
from generations.queries.filters import day_begins

S = AttemptState
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sums:
    """`unpriced` pictures were charged, and nobody knows how much."""

    made: int = 0
    kept: int = 0
    spent_micros: int = 0
    unpriced: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.made + other.made,
            self.kept + other.kept,
            self.spent_micros + other.spent_micros,
            self.unpriced + other.unpriced,
        )

    @property
    def spent_text(self) -> str:
        """“price unknown” where that is all there is to say, and never 0 for it."""
        if self.unpriced and not self.spent_micros:
            return "price unknown"
        return wording.sum_of_money(self.spent_micros)

    @property
    def made_text(self) -> str:
        return f"{self.made:,}"

    @property
    def kept_text(self) -> str:
        return f"{self.kept:,}"

    @property
    def unpriced_text(self) -> str:
        return f"{wording.count(self.unpriced, 'picture')} at an unknown price"

    @property
    def each_kept_text(self) -> str:
        """What a picture cost that is still in the gallery, with all that was thrown away."""
        if not self.kept or (self.unpriced and not self.spent_micros):
            return "–"
        least = "at least " if self.unpriced else ""
        return f"{least}{wording.sum_of_money(round(self.spent_micros / self.kept))}"


@dataclass(frozen=True, slots=True)
class Line:
    """What one person asked of one model on one day."""

    day: date
    owner_id: int
    model_id: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Usage:
    """All of one moment, so that the parts add up to the whole. Times are days or months."""

    by_time: Mapping[date, Sums]
    by_person: Mapping[tuple[int, str], Sums]  # and model

    @property
    def total(self) -> Sums:
        return sum(self.by_time.values(), Sums())

    @property
    def by_model(self) -> dict[str, Sums]:
        return grouped(((model, sums) for (_, model), sums in self.by_person.items()))


def usage_of(whose: Q, *, since: date, until: date, by_month: bool = False) -> Usage:
    """From the first day to the last one; of whole months where it is by month. Two queries."""
    if not ledger.is_filled():
        lines = counted_lines(whose, since=since, until=until)
        return Usage(
            grouped((_month_of(line.day) if by_month else line.day, line.sums) for line in lines),
            grouped(((line.owner_id, line.model_id), line.sums) for line in lines),
        )
    by_time: dict[date, Sums] = {}
    by_person: dict[tuple[int, str], Sums] = {}
    for time, owner, model, *numbers in _stored(whose, since, until, by_month=by_month):
        sums = Sums(*numbers)
        if time is None:
            by_person[owner, model] = by_person.get((owner, model), Sums()) + sums
        else:
            by_time[time] = by_time.get(time, Sums()) + sums
    return Usage(_busy(by_time), _busy(by_person))


def usage_lines(whose: Q, *, since: date, until: date) -> list[Line]:
    """A line for each day, person and model, oldest first; two queries."""
    if not ledger.is_filled():
        return counted_lines(whose, since=since, until=until)
    keys = ("time", "owner_id", "model_id")
    found: dict[tuple[date, int, str], Sums] = {}
    sums, changes = _rows(whose, since, until, by_month=False)
    for *key, made, kept, spent, unpriced in _added(sums, *keys).union(
        _added(changes, *keys), all=True
    ):
        place = tuple(key)
        found[place] = found.get(place, Sums()) + Sums(made, kept, spent, unpriced)
    return [Line(*key, sums) for key, sums in sorted(found.items()) if sums != Sums()]


def _stored(whose: Q, since: date, until: date, *, by_month: bool) -> QuerySet[Any, Any]:
    """By time without a person, and by person without a time; what isn't added up yet, beside it.

    One statement: what the ledger adds up meanwhile is read once, here or there.
    """
    timeless = Value(None, DateField())
    nobodys, no_model = Value(0), Value("", CharField())
    parts = []
    for rows in _rows(whose, since, until, by_month=by_month):
        parts.append(_added(rows.annotate(who=nobodys, what=no_model), "time", "who", "what"))
        parts.append(_added(rows.annotate(no_time=timeless), "no_time", "owner_id", "model_id"))
    return parts[0].union(*parts[1:], all=True)


def _rows(
    whose: Q, since: date, until: date, *, by_month: bool
) -> tuple[QuerySet[UsageSum], QuerySet[UsageChange]]:
    span = UsageSpan.MONTH if by_month else UsageSpan.DAY
    time = Cast(TruncMonth("day"), DateField()) if by_month else F("day")
    sums = UsageSum.objects.filter(whose, span=span).annotate(time=F("starts_on"))
    changes = UsageChange.objects.filter(whose).annotate(time=time)
    of_days = Q(time__range=(since, until))
    return sums.filter(of_days), changes.filter(of_days)


def _added(rows: QuerySet[Any], *keys: str) -> QuerySet[Any, Any]:
    names = ("made", "kept", "spent_micros", "unpriced")
    sums = {f"sum_{name}": Sum(name) for name in names}
    return rows.order_by().values_list(*keys).annotate(**sums)


def counted_lines(whose: Q, *, since: date, until: date) -> list[Line]:
    """`usage_lines` from the attempts themselves, which are read one by one; two queries."""
    of_days = Q(
        sort_key__gte=day_begins(since),
        sort_key__lt=day_begins(until + timedelta(days=1)),
        generation__imported_at=None,
    )
    found: dict[tuple[int, int, str], Sums] = {}  # by person, day and model
    # Person by person: that is the order of the index.
    rows = Attempt.objects.filter(whose, of_days, owner__in=User.objects.values("pk"))
    for *key, made, spent, unpriced in _grouped(rows).annotate(
        made=Sum("slot_count", filter=Q(state=S.STORED)),
        spent=Sum("cost_micros"),
        unpriced=Sum("slot_count", filter=Q(state__in=CHARGED_STATES, cost_micros=None)),
    ):
        found[tuple(key)] = Sums(made or 0, 0, spent or 0, unpriced or 0)
    hanging = rows.filter(
        images__is_hidden=False, images__trashed_at__isnull=True, images__copied_at__isnull=True
    )
    for *key, kept in _grouped(hanging).annotate(kept=Count("images")):
        place = tuple(key)
        found[place] = found.get(place, Sums()) + Sums(kept=kept)
    lines = [
        Line(day_of(day * DAY_KEYS), owner, model, sums)
        for (owner, day, model), sums in found.items()
        if sums != Sums()
    ]
    return sorted(lines, key=lambda line: (line.day, line.owner_id, line.model_id))


def _grouped(rows: QuerySet[Attempt]) -> QuerySet[Any, Any]:
    """In the order of the index, which spares the database most of the sorting."""
    days = rows.order_by().annotate(on_day=F("sort_key") / DAY_KEYS)
    return days.values_list("owner_id", "on_day", "generation__model_id")


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _busy(sums: dict[Key, Sums]) -> dict[Key, Sums]:
    return {key: each for key, each in sums.items() if each != Sums()}


def grouped(sums: Iterable[tuple[Key, Sums]]) -> dict[Key, Sums]:
    """In the order in which the keys first appear."""
    found: dict[Key, Sums] = {}
    for key, each in sums:
        found[key] = found.get(key, Sums()) + each
    return found


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is out just now: on its way, or unknown until somebody finds out."""

    on_its_way: int = 0
    unknown: int = 0
    micros: int = 0
    unpriced: int = 0

    @property
    def text(self) -> str:
        if self.unpriced and not self.micros:
            return "price unknown"
        return wording.sum_of_money(self.micros)

    @property
    def of_text(self) -> str:
        parts = [
            f"{wording.count(self.on_its_way, 'picture')} on the way" if self.on_its_way else "",
            f"{self.unknown:,} with an unknown outcome" if self.unknown else "",
            f"{self.unpriced:,} at an unknown price" if self.unpriced and self.micros else "",
        ]
        return ", ".join(part for part in parts if part)


def reserved_now(whose: Q) -> Reserved:
    attempts = Attempt.objects.filter(whose)
    on_its_way = _out(attempts.filter(UNFINISHED))
    unknown = _out(attempts.filter(HAS_FAILED, state=S.UNKNOWN))
    return Reserved(
        on_its_way=on_its_way[0],
        unknown=unknown[0],
        micros=on_its_way[1] + unknown[1],
        unpriced=on_its_way[2] + unknown[2],
    )


def _out(rows: QuerySet[Attempt]) -> tuple[int, int, int]:
    """Pictures, what is reserved for them, and how many of them at an unknown price."""
    sums = rows.filter(generation__imported_at=None).aggregate(
        pictures=Sum("slot_count"),
        micros=Sum("reserved_micros"),
        unpriced=Sum("slot_count", filter=Q(reserved_micros=None)),
    )
    return sums["pictures"] or 0, sums["micros"] or 0, sums["unpriced"] or 0
