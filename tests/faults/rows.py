"""What a row of the matrix is, and where all of them are found."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import tests.faults

if TYPE_CHECKING:
    from tests.faults.bench import Bench

PROMPTS = 60


@dataclass(frozen=True)
class Row:
    """One fault: its number in the matrix, what it does, and its surroundings."""

    number: int
    title: str
    inject: "Callable[[Bench], None]"
    database: str
    store: str
    prompts: int
    env: Mapping[str, str] = field(default_factory=dict)
    is_soak: bool = False

    @property
    def label(self) -> str:
        return self.title if self.is_soak else f"{self.number} {self.title}"


ROWS: dict[int, Row] = {}


def row(
    number: int,
    title: str,
    *,
    database: str = "postgres",
    store: str = "files",
    prompts: int = PROMPTS,
    env: Mapping[str, str] | None = None,
    is_soak: bool = False,
) -> "Callable[[Callable[[Bench], None]], Callable[[Bench], None]]":
    """Make a function a row of the matrix."""

    def register(inject: "Callable[[Bench], None]") -> "Callable[[Bench], None]":
        if number in ROWS:
            raise ValueError(f"row {number} is there already")
        ROWS[number] = Row(number, title, inject, database, store, prompts, env or {}, is_soak)
        return inject

    return register


def all_rows() -> list[Row]:
    """Every row of every module named rows_*, in the matrix's order."""
    for module in pkgutil.iter_modules(tests.faults.__path__):
        if module.name.startswith("rows_"):
            importlib.import_module(f"{tests.faults.__name__}.{module.name}")
    return [ROWS[number] for number in sorted(ROWS)]
