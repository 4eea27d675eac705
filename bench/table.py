"""The rows as people read them: on the terminal, and as docs/performance.md."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench.rows import Row

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`. Ratios are the result; absolute figures are context, from {cores} shared
cores on {date}.

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


def write(rows: Iterable[Row]) -> None:
    head = HEAD.format(cores=os.cpu_count(), date=f"{datetime.now(UTC):%d %B %Y}")
    PAGE.write_text(head + "\n".join(map(line, rows)) + "\n")
