"""How a promise is counted: each breach found is told to a tally, which keeps only a few."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

EXAMPLES = 5

Status = Literal["ok", "breach", "not counted", "failed"]


@dataclass(frozen=True, slots=True)
class Options:
    """`is_quick` leaves the pictures' bytes unread; `sandbox_url` is whose bill to compare with.

    `is_often` leaves out what nobody's payment depends on and a million pictures make long.
    """

    is_quick: bool = False
    is_often: bool = False
    sandbox_url: str = ""


class NotCounted(Exception):
    """This can't be counted here; the text says why."""


@dataclass(slots=True)
class Tally:
    """How many breaches, and the first few of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, subject: object, what: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{subject} {what}")

    def add_rows(self, rows: QuerySet[Any], what: str, *, subject: str = "pk") -> None:
        """Every row found is a breach."""
        first = list(rows.order_by("pk").values_list(subject, flat=True)[: EXAMPLES + 1])
        if len(first) <= EXAMPLES:
            for each in first:
                self.add(each, what)
            return
        for each in first[:EXAMPLES]:
            self.add(each, what)
        self.count += rows.count() - EXAMPLES


@dataclass(frozen=True, slots=True)
class Invariant:
    id: str
    sentence: str
    count: Callable[[Options, Tally], None]


@dataclass(frozen=True, slots=True)
class Result:
    id: str
    sentence: str
    status: Status
    count: int = 0
    examples: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_good(self) -> bool:
        return self.status in ("ok", "not counted")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def is_uuid(text: str) -> bool:
    """In the very form in which we write our ids."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
