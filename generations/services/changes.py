"""What doing something to many pictures came to, and what takes it back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar
from uuid import UUID

from generations import policy
from generations.models import User

T = TypeVar("T")

BATCH = 1000  # pictures in one transaction
MOST_TAKEN_BACK = 1000  # rows that were deleted and can be made anew


@dataclass(frozen=True, slots=True)
class Added:
    """Rows that one change made: of this kind and holder, numbered from `first` to `last`."""

    kind: str
    holder: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows that one change deleted: each picture, and its place where places matter."""

    kind: str
    holder: str
    places: tuple[tuple[UUID, int], ...]


@dataclass(frozen=True, slots=True)
class Trashed:
    """All that one change threw away carries its microsecond."""

    moment: str  # ISO


@dataclass(frozen=True, slots=True)
class Copied:
    """All that one change hung in another gallery carries its microsecond."""

    moment: str  # ISO


Undo = Added | Removed | Trashed | Copied


@dataclass(frozen=True, slots=True)
class Change:
    """So many done; others were so already; the rest is gone, or was never this person's."""

    done: int = 0
    unchanged: int = 0
    missing: int = 0
    undo: Undo | None = field(default=None, compare=False)

    def __add__(self, other: "Change") -> "Change":
        return replace(
            self,
            done=self.done + other.done,
            unchanged=self.unchanged + other.unchanged,
            missing=self.missing + other.missing,
        )


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def batches_of(user: User, ids: Iterable[UUID]) -> Iterator[Sequence[UUID]]:
    """Each picture once. Many take a while: from the second batch on what the person may do is read
    anew, since somebody may have taken them out of a team."""
    for number, batch in enumerate(batches(dict.fromkeys(ids))):
        if number:
            policy.forget_memberships(user)
        yield batch
