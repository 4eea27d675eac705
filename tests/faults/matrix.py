"""Runs rows and tells what came of them: on the terminal, and as docs/faults.md."""

import json
import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.bench import Bench, bench_for
from tests.faults.counts import Counts
from tests.faults.crew import manage
from tests.faults.rows import Row, all_rows
from tests.faults.servers import Servers
from tests.support.stack import BASE_DIR

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
HEAD = """# What faults do

Written by `make faults`, last on {date}, on {cores} shared cores; with `ROWS="…"` it renews the
lines of those rows. Each row starts the real processes with a database, store and broker of its
own, lets several people submit prompts through the form, breaks something, waits until all is calm,
and then counts three ways: what the database says, what the provider billed, what lies in the
store.

A row holds when no request was sent twice, everything billed is kept, unknown or known to be
unusable, every acknowledged prompt is in the database and at an end, the money matches the states,
and every picture's bytes are the provider's. *Unknown* is no loss: the answer died on its way
together with a process or a connection, the money stays held, and a person decides.

"""
COLUMNS = (
    *("fault", "runs", "prompts in", "billed", "kept", "unknown", "lost", "twice", "stuck"),
    *("seconds to recover", "verdict"),
)


@dataclass
class Result:
    """One row of the table: the sum of its runs."""

    row: Row
    runs: int = 0
    injected: int = 0
    counts: list[Counts] = field(default_factory=list)
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    def add(self, bench: Bench) -> None:
        self.runs += 1
        self.injected += bench.injected
        self.seconds = max(self.seconds, bench.seconds_to_recover)
        self.broken += bench.broken
        if bench.counted:
            self.counts.append(bench.counted)

    def total(self, name: str) -> int:
        return sum(getattr(each, name) for each in self.counts)

    @property
    def cells(self) -> list[str]:
        names = ("prompts", "billed", "stored", "unknown", "lost")
        twice = self.total("repeated") + self.total("paid_twice")
        return [
            self.row.label,
            f"{self.runs}",
            *(f"{self.total(name)}" for name in names),
            f"{twice}",
            f"{self.total('stuck')}",
            f"{self.seconds:.1f}",
            self.verdict,
        ]

    @property
    def verdict(self) -> str:
        if self.broken:
            return f"**broken**: {'; '.join(dict.fromkeys(self.broken))}"
        return f"holds ({self.injected}×)" if self.injected else "holds"


def run_row(row: Row, servers: Servers, *, load: int = 0, is_short: bool = False) -> Bench:
    """The bench after the fault, counted and judged; `bench.broken` is empty if all held."""
    with bench_for(row, servers, load=load, is_short=is_short) as bench:
        try:
            row.inject(bench)
            bench.broken += bench.count().broken_rules() + bench.breaches()
            bench.broken += breaches(bench)
        except Exception as error:  # noqa: BLE001  # the other rows are to run all the same
            bench.broken.append(f"{type(error).__name__}: {error}")
    return bench


def breaches(bench: Bench) -> list[str]:
    """What `manage.py audit` says afterwards: the product's own count of its promises."""
    command = manage("audit", "--json", "--sandbox", bench.servers.sandbox.url)
    done = subprocess.run(command, cwd=BASE_DIR, env=bench.env, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        return [f"audit failed: {done.stderr.decode()[-300:]}"]
    results = [each for each in json.loads(done.stdout) if each["status"] in ("breach", "failed")]
    return [
        f"audit {each['id']}: {each['count']} {'; '.join(each['examples'])}{each['note']}"
        for each in results
    ]


def run_rows(rows: Iterable[Row], *, runs: int = 1) -> list[Result]:
    results = []
    print(line(COLUMNS), line("---" for _ in COLUMNS), sep="\n", flush=True)
    with Servers() as servers:
        for row in rows:
            result = Result(row)
            for _ in range(runs):
                began = time.monotonic()
                bench = run_row(row, servers)
                result.add(bench)
                if bench.broken:
                    keep(bench, servers)
                print(f"{line(result.cells)} {time.monotonic() - began:.0f} s", flush=True)
            results.append(result)
    return results


def keep(bench: Bench, servers: Servers) -> None:
    """The logs of a row that broke outlive the servers' folder."""
    kept = Path(f"{servers.folder}-row-{bench.row.number}-{bench.port}")
    bench.var_dir.rename(kept)
    print(f"what broke is in {kept}", flush=True)


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(results: Iterable[Result]) -> None:
    """Renew these rows' lines of the page; the others stay as they were last measured."""
    text = PAGE.read_text() if PAGE.exists() else ""
    lines = {label_of(old): old for old in text.splitlines() if old.startswith("|")}
    lines |= {label_of(new): new for new in (line(each.cells) for each in results)}
    labels = [row.label for row in all_rows() if row.label in lines]
    table = [line(COLUMNS), line("---" for _ in COLUMNS), *(lines[label] for label in labels)]
    head = HEAD.format(date=f"{datetime.now(UTC):%d %B %Y}", cores=os.cpu_count())
    PAGE.write_text(head + "\n".join(table) + "\n")


def label_of(text: str) -> str:
    return text.split(" | ")[0].removeprefix("| ")
