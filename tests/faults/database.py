"""What the database says, in plain SQL: the count must not lean on the code that is tested."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

ERRORS = (sqlite3.Error, psycopg.Error)
FINAL = frozenset(
    (
        *("stored", "rejected_free", "charged_unusable", "unknown", "canceled"),
        *("resolved_charged", "resolved_free"),
    )
)


@dataclass(frozen=True)
class AttemptRow:
    id: str
    generation: str
    first_slot: int
    slot_count: int
    state: str
    code: str
    worker: str
    is_automatic: bool
    previous: str
    was_sent: bool
    reserved_micros: int | None

    @property
    def is_ended(self) -> bool:
        return self.state in FINAL

    @property
    def is_explained(self) -> bool:
        """At its end, or held with a reason that the page shows."""
        return self.is_ended or (self.state == "held" and bool(self.code))


@dataclass(frozen=True)
class ImageRow:
    attempt: str
    key: str
    sha256: str
    is_finished: bool


class Database:
    """Reads only, each time on a fresh connection: the server may have been away."""

    def __init__(self, url: str, var_dir: Path) -> None:
        self._url = url
        self._path = var_dir / "meshgallery.sqlite3"

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Raises one of ERRORS while the database is away."""
        if self._url:
            with psycopg.connect(self._url, connect_timeout=5) as connection:
                return connection.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self._path, timeout=20)) as file:
            return file.execute(query).fetchall()

    def attempts(self) -> list[AttemptRow]:
        rows = self.select(
            "SELECT id, generation_id, first_slot, slot_count, state, code, worker, is_automatic,"
            " previous_id, sent_at, reserved_micros FROM generations_attempt ORDER BY created_at"
        )
        return [
            AttemptRow(
                *(text_id(cells[0]), text_id(cells[1]), *cells[2:7], bool(cells[7])),
                previous=text_id(cells[8]) if cells[8] else "",
                was_sent=cells[9] is not None,
                reserved_micros=cells[10],
            )
            for cells in rows
        ]

    def images(self) -> list[ImageRow]:
        rows = self.select("SELECT attempt_id, key, sha256, sizes_done FROM generations_image")
        return [ImageRow(text_id(row[0]), row[1], row[2], bool(row[3])) for row in rows]

    def generations(self) -> dict[tuple[str, str], list[tuple[str, int]]]:
        """By person and submit token: the ids and how many pictures each asks for."""
        rows = self.select(
            "SELECT username, submit_token, generations_generation.id, n"
            " FROM generations_generation JOIN generations_user"
            " ON generations_user.id = generations_generation.owner_id"
        )
        found: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for person, token, generation, n in rows:
            found.setdefault((person, token), []).append((text_id(generation), n))
        return found

    def ledger(self) -> dict[str, dict[str, int | None]]:
        """By attempt: the amount of each kind of entry it has."""
        rows = self.select("SELECT attempt_id, kind, micros FROM generations_ledgerentry")
        found: dict[str, dict[str, int | None]] = {}
        for attempt, kind, micros in rows:
            found.setdefault(text_id(attempt), {})[kind] = micros
        return found

    def overrun_grants(self) -> int:
        """Budget grants that left less than nothing."""
        return sum(
            left is not None and left < 0
            for row in self.select("SELECT left_micros, left_pictures FROM generations_reservation")
            for left in row
        )

    def wrong_periods(self) -> int:
        """Budget periods whose four counters aren't the sums of their reservations."""
        sums: dict[int, list[int]] = {}
        for period, is_open, *amounts in self.select(
            "SELECT period_id, is_open, micros, pictures, spent_micros, spent_pictures"
            " FROM generations_reservation"
        ):
            counters = sums.setdefault(period, [0, 0, 0, 0])
            for place in (0, 1) if is_open else (2, 3):
                counters[place] += amounts[place]
        periods = self.select(
            "SELECT id, reserved_micros, reserved_pictures, spent_micros, spent_pictures"
            " FROM generations_budgetperiod"
        )
        return sum(counters != sums.get(period, [0] * 4) for period, *counters in periods)

    def reservations(self) -> list[tuple[str, bool]]:
        """The attempt of each, and whether it is still open."""
        rows = self.select("SELECT attempt_id, is_open FROM generations_reservation")
        return [(text_id(attempt), bool(is_open)) for attempt, is_open in rows]


def text_id(value: Any) -> str:
    return str(UUID(str(value)))


def is_open_money(state: str) -> bool:
    """Whether an attempt in this state still has its reservation."""
    return state not in FINAL or state == "unknown"
