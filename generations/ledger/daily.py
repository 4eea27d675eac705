"""What was spent by day and by month: kept by adding up what the database's triggers noted.

Nobody who pays waits here: a change is a row of its own, and only `add_up` and `mend` write sums,
one after the other. A sum and the changes that aren't in it yet are read by one statement, so
they are right at any moment (`generations.queries.usage`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from generations.models import Attempt, UsageChange, UsageFilled, UsageSum, User, usage_triggers
from generations.models.generation import SLOTS
from generations.transactions import writing

BATCH = 20_000  # changes added up in one transaction
NUMBERS = ("made", "kept", "spent_micros", "unpriced")
KEYS = ("span", "starts_on", "owner_id", "space", "model_id")
_keys, _numbers = ", ".join(KEYS), ", ".join(NUMBERS)
_sums = ", ".join(f"sum({name}) AS {name}" for name in NUMBERS)
_minus = ", ".join(f"-{name}" for name in NUMBERS)
_grown = ", ".join(f"{name} = generations_usagesum.{name} + excluded.{name}" for name in NUMBERS)
_month = {
    "sqlite": "date(day, 'start of month')",
    "postgresql": "date_trunc('month', day)::date",
}

# A day's numbers belong to the day and to its month.
SPREAD = """
SELECT 'day' AS span, day AS starts_on, owner_id, space, model_id, {numbers} FROM {rows} UNION ALL
SELECT 'month', {month}, owner_id, space, model_id, {numbers} FROM {rows}"""
ADD = f"""
INSERT INTO generations_usagesum ({_keys}, {_numbers})
SELECT {_keys}, {_numbers} FROM ({{found}}) AS found WHERE true
ON CONFLICT ({_keys}) DO UPDATE SET {_grown}"""  # noqa: S608  # here and below: names alone
GROUPED = f"SELECT {_keys}, {_sums} FROM ({{rows}}) AS spread GROUP BY {_keys}"  # noqa: S608

# What the rows of one person and one stretch of time say, with what the sums and changes say
# taken away from it. Both are of one moment, so what is being written meanwhile is in both.
RIGHT = """
SELECT {day} AS day, call.owner_id, call.space, run.model_id, {numbers}
FROM generations_attempt call JOIN generations_generation run ON run.id = call.generation_id
WHERE call.owner_id = %s AND call.sort_key >= %s AND call.sort_key < %s
  AND run.imported_at IS NULL"""
DRIFT = f"""
WITH rows_say (day, owner_id, space, model_id, {_numbers}) AS ({{right}}),
     noted AS (SELECT * FROM generations_usagechange
               WHERE owner_id = %s AND day >= %s AND day < %s)
SELECT {_keys}, {_sums} FROM (
  {{spread_right}} UNION ALL {{spread_noted}} UNION ALL
  SELECT {_keys}, {_minus} FROM generations_usagesum
  WHERE owner_id = %s AND starts_on >= %s AND starts_on < %s) AS all_rows
GROUP BY {_keys}
HAVING {" OR ".join(f"sum({name}) <> 0" for name in NUMBERS)}"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Stretch:
    """A calendar year of one person, in UTC: what is compared and counted anew at once."""

    owner_id: int
    year: int

    @property
    def _days(self) -> tuple[str, str]:
        return f"{self.year:04}-01-01", f"{self.year + 1:04}-01-01"

    @property
    def parameters(self) -> tuple[int | str, ...]:
        keys = [
            int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 * SLOTS
            for year in (self.year, self.year + 1)
        ]
        return (self.owner_id, *keys, *(self.owner_id, *self._days) * 2)

    def __str__(self) -> str:
        return f"{self.year} of person {self.owner_id}"


def is_filled() -> bool:
    """Whether the sums hold everything."""
    return UsageFilled.objects.exists()


def add_up() -> int:
    """Add what was noted to the sums; how many changes. Bounded: the next turn goes on."""
    if not UsageChange.objects.exists():
        return 0
    with writing(), connection.cursor() as cursor:
        _take_turn(cursor)
        if connection.vendor == "postgresql":  # in one statement: what is noted meanwhile stays
            taken = (
                "WITH taken AS (DELETE FROM generations_usagechange WHERE id IN"
                " (SELECT id FROM generations_usagechange ORDER BY id LIMIT %s) RETURNING *),"
                " added AS ({add} RETURNING 1) SELECT count(*) FROM taken"
            )
            cursor.execute(taken.format(add=_addition("taken")), [BATCH])
            return int(cursor.fetchone()[0])
        last = UsageChange.objects.order_by("pk").values_list("pk", flat=True)[:BATCH]
        upto = max(last, default=0)
        some = "(SELECT * FROM generations_usagechange WHERE id <= %s) AS taken"
        cursor.execute(_addition(some), [upto, upto])
        return UsageChange.objects.filter(pk__lte=upto)._raw_delete(using="default")


def _addition(rows: str) -> str:
    return ADD.format(found=GROUPED.format(rows=_spread(rows, _numbers)))


def _spread(rows: str, numbers: str) -> str:
    return SPREAD.format(rows=rows, numbers=numbers, month=_month[connection.vendor])


def _take_turn(cursor: Any) -> None:
    """One writer of sums at a time; who pays and who reads doesn't care."""
    if connection.vendor == "postgresql":
        cursor.execute("LOCK TABLE generations_usagesum IN SHARE ROW EXCLUSIVE MODE")


def stretches() -> Iterator[Stretch]:
    """Every person and year of which there are attempts, or sums."""
    known = UsageSum.objects.order_by().values_list("owner_id", flat=True).distinct()
    for owner_id in sorted({*User.objects.values_list("pk", flat=True), *known}):
        keys = Attempt.objects.filter(owner=owner_id).aggregate(Min("sort_key"), Max("sort_key"))
        days = UsageSum.objects.filter(owner_id=owner_id).aggregate(
            Min("starts_on"), Max("starts_on")
        )
        noted = UsageChange.objects.filter(owner_id=owner_id).aggregate(Min("day"), Max("day"))
        found = [_year_of(key) for key in keys.values() if key is not None]
        found += [day.year for day in (*days.values(), *noted.values()) if day is not None]
        if found:
            yield from (Stretch(owner_id, year) for year in range(min(found), max(found) + 1))


def _year_of(sort_key: int) -> int:
    return datetime.fromtimestamp(sort_key // SLOTS // 1_000_000, UTC).year


def drift_of(stretch: Stretch) -> list[tuple[str, date]]:
    """The days and months whose sums aren't what the rows say. One query, one moment."""
    with connection.cursor() as cursor:
        found = f"SELECT span, starts_on FROM ({_drift()}) AS drift"  # noqa: S608
        cursor.execute(found, stretch.parameters)
        return [(span, _date(starts_on)) for span, starts_on in cursor.fetchall()]


def _date(day: date | str) -> date:
    """SQLite has texts for days."""
    return date.fromisoformat(day) if isinstance(day, str) else day


def mend(stretch: Stretch) -> None:
    """Set these sums to what the rows say. May run at any time, while others pay."""
    with writing(), connection.cursor() as cursor:
        _take_turn(cursor)
        cursor.execute(ADD.format(found=_drift()), stretch.parameters)


def _drift() -> str:
    vendor = connection.vendor
    day = usage_triggers.DAY[vendor].format(row="call")
    right = RIGHT.format(day=day, numbers=usage_triggers.numbers_of("call"))
    return DRIFT.format(
        right=right,
        spread_right=_spread("rows_say", _numbers),
        spread_noted=_spread("noted", _minus),
    )


def fill() -> None:
    """Count everything anew, a person's year at a time; until it is done pages count attempts.

    May be cut off, run again and run twice at once. What is noted meanwhile counts once.
    """
    while add_up():
        pass
    for stretch in stretches():
        mend(stretch)
    with writing():
        UsageSum.objects.filter(**dict.fromkeys(NUMBERS, 0)).delete()
        UsageFilled.objects.get_or_create()
