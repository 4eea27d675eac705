"""The rows as people read them: on the terminal, and as docs/performance.md."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.rows import Row

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`. Ratios are the result; absolute figures are context, from {cores} shared
cores, last on {date}. `make bench ONLY="G6 G12"` measures some of it anew.

| goal | what | measured | wanted | met | context |
| --- | --- | --- | --- | --- | --- |
"""


def number(value: float, unit: str) -> str:
    text = f"{value:.2f}" if value < 100 else f"{value:,.0f}"
    return f"{text} {unit}".replace(" ×", "×")


def line(row: Row) -> str:
    sign = "≥" if row.at_least else "≤"
    cells = [
        row.goal,
        row.what,
        number(row.value, row.unit),
        f"{sign} {number(row.limit, row.unit)}",
        "yes" if row.is_met else "**no**",
        row.context,
    ]
    return f"| {' | '.join(cells)} |"


def show(rows: Iterable[Row]) -> None:
    for row in rows:
        print(line(row), flush=True)


def write(rows: Sequence[Row]) -> None:
    """The page with these rows in place of their goals' earlier ones, by goal."""
    measured = {row.goal for row in rows}
    kept = [each for each in _lines() if _goal(each) not in measured]
    lines = sorted([*kept, *map(line, rows)], key=lambda each: int(_goal(each)[1:]))
    head = HEAD.format(cores=os.cpu_count(), date=f"{datetime.now(UTC):%d %B %Y}")
    PAGE.write_text(head + "\n".join(lines) + "\n")


def _lines() -> list[str]:
    return [each for each in PAGE.read_text().splitlines() if each.startswith("| G")]


def _goal(written: str) -> str:
    return written.split()[1]
