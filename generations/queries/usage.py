"""What was spent, on which models and by whom: added up from the attempts themselves.

Money counts on the day that something was asked for, in UTC, as the budgets count it. What was
imported cost nothing here and isn't counted.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Count, F, Q, QuerySet, Sum

from generations import policy, wording
from generations.models import Attempt, AttemptState, CatalogModel, User
from generations.models.generation import HAS_FAILED, UNFINISHED
from generations.queries.days import DAY_KEYS, day_of
from generations.queries.filters import day_begins

S = AttemptState
CHARGED = (S.STORED, S.CHARGED_UNUSABLE, S.RESOLVED_CHARGED)
Key = TypeVar("Key", bound=Hashable)


def own(user: User) -> QuerySet[Attempt]:
    """Whatever the person asked for, for whichever gallery."""
    return policy.own_attempts(user)


def everybody(user: User) -> QuerySet[Attempt]:
    """The whole installation's, for staff; nothing for anybody else."""
    # Person by person: that is the order of the index.
    return policy.operated_attempts(user).filter(owner__in=User.objects.values("pk"))


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


def usage_lines(attempts: QuerySet[Attempt], *, since: date, until: date) -> list[Line]:
    """From the first day to the last one, oldest first; two queries."""
    of_days = Q(
        sort_key__gte=day_begins(since),
        sort_key__lt=day_begins(until + timedelta(days=1)),
        generation__imported_at=None,
    )
    found: dict[tuple[int, int, str], Sums] = {}  # by person, day and model
    rows = attempts.filter(of_days)
    for *key, made, spent, unpriced in _grouped(rows).annotate(
        made=Sum("slot_count", filter=Q(state=S.STORED)),
        spent=Sum("cost_micros"),
        unpriced=Sum("slot_count", filter=Q(state__in=CHARGED, cost_micros=None)),
    ):
        found[tuple(key)] = Sums(made or 0, 0, spent or 0, unpriced or 0)
    hanging = rows.filter(images__is_hidden=False, images__trashed_at__isnull=True)
    for *key, kept in _grouped(hanging).annotate(kept=Count("images")):
        place = tuple(key)
        found[place] = found.get(place, Sums()) + Sums(kept=kept)
    lines = [
        Line(day_of(day * DAY_KEYS), owner, model, sums)
        for (owner, day, model), sums in sorted(found.items())
        if sums != Sums()
    ]
    return sorted(lines, key=lambda line: line.day)


def _grouped(rows: QuerySet[Attempt]) -> QuerySet[Any, Any]:
    """In the order of the index, which spares the database most of the sorting."""
    days = rows.order_by().annotate(day=F("sort_key") / DAY_KEYS)
    return days.values_list("owner_id", "day", "generation__model_id")


def total(lines: Iterable[Line]) -> Sums:
    return sum((line.sums for line in lines), Sums())


def sums_by(lines: Iterable[Line], key: Callable[[Line], Key]) -> dict[Key, Sums]:
    """In the order in which the keys first appear."""
    found: dict[Key, Sums] = {}
    for line in lines:
        place = key(line)
        found[place] = found.get(place, Sums()) + line.sums
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


def reserved_now(attempts: QuerySet[Attempt]) -> Reserved:
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


def model_names(model_ids: Iterable[str]) -> dict[str, str]:
    """What people call them; a model that is gone keeps its id."""
    wanted = set(model_ids)
    rows = CatalogModel.objects.filter(model_id__in=wanted)
    return {each: each for each in wanted} | dict(rows.values_list("model_id", "name"))


def usernames(owner_ids: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=set(owner_ids)).values_list("pk", "username"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `share` of the most that one of them cost, for a bar of a hundred."""

    name: str
    sums: Sums
    share: float
    person: str = ""


def rows_by_model(lines: Sequence[Line], names: dict[str, str]) -> list[Row]:
    """The dearest first."""
    sums = sums_by(lines, lambda line: line.model_id)
    return _rows({(names[model], ""): each for model, each in sums.items()})


def rows_by_person(
    lines: Sequence[Line], names: dict[str, str], people: dict[int, str]
) -> list[Row]:
    """Each person's models, the dearest first."""
    sums = sums_by(lines, lambda line: (line.model_id, line.owner_id))
    return _rows({(names[model], people[owner]): each for (model, owner), each in sums.items()})


def _rows(sums: dict[tuple[str, str], Sums]) -> list[Row]:
    most = max((each.spent_micros for each in sums.values()), default=0)
    rows = [
        Row(name, each, round(each.spent_micros * 100 / most, 1) if most else 0, person)
        for (name, person), each in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.sums.spent_micros, -row.sums.made, row.name))
