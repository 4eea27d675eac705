"""G14 and G15: what staff read of a million paid pictures, on PostgreSQL and on SQLite.

G14 is the page of everybody's usage, against its floor: the sums over the attempts themselves. G15
is the slowest page of the administration. Both are CPU of the tree, asking process and database
server: what a page costs whatever else the machine has to do.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench.galleries import LARGE, SETTINGS, database_in
from bench.rows import Row, cpu_seconds
from bench.seeded import BASE_DIR, seed
from tests.support.postgres import Cluster
from tests.support.redis import PrivateRedis

USAGE = "/usage/?of=all&days={}"
MOST_SECONDS, MOST_SHARE, MOST_ADMIN_SECONDS = 0.3, 0.1, 0.2
PAY = "import django; django.setup(); from bench import paid; paid.main()"
ASK = "import django; django.setup(); from bench import operated; operated.main()"
DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


class Operator:
    """The process that asks."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", ASK],
            env=environment,
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.known: dict[str, Any] = self._answer()

    def ask(self, what: str, at: object) -> Any:
        assert self._process.stdin
        print(json.dumps({"what": what, "at": str(at)}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def operating(kind: str) -> Iterator[Operator]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(PrivateRedis(folder))
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "meshgallery.settings",
            "VAR_DIR": str(folder),
            "REDIS_URL": redis.url,
            "DATABASE_URL": f"sqlite:///{folder}/paid.sqlite3",
        }
        if kind == "postgresql":
            cluster = Cluster()
            cluster.settings = (*cluster.settings, *SETTINGS)
            stack.enter_context(cluster)
            environment["DATABASE_URL"] = database_in(cluster, "paid")
        seed(environment, LARGE, years=3)
        subprocess.run([sys.executable, "-c", PAY], env=environment, cwd=BASE_DIR, check=True)
        operator = Operator(environment)
        stack.callback(operator.close)
        yield operator


def run() -> list[Row]:
    rows = []
    for kind, name in DATABASES.items():
        with operating(kind) as operator:
            rows += measured(operator, name)
    return rows


def measured(operator: Operator, name: str) -> list[Row]:
    return [*_usage(operator, name), _administration(operator, name)]


def _cpu(operator: Operator, what: str, at: object, *, times: int) -> float:
    """Median CPU seconds of the tree, once warm."""
    operator.ask(what, at)
    spent = []
    for _ in range(times):
        before = cpu_seconds(psutil.Process())
        operator.ask(what, at)
        spent.append(cpu_seconds(psutil.Process()) - before)
    return median(spent)


def _usage(operator: Operator, name: str) -> list[Row]:
    took = {days: _cpu(operator, "get", USAGE.format(days), times=9) for days in (365, 90, 30)}
    counted = _cpu(operator, "counted", 365, times=2)
    others = ", ".join(f"{days} days {took[days] * 1e3:.0f} ms" for days in (90, 30))
    what = f"everybody's 12 months of {LARGE:,} pictures on {name}"
    return [
        Row("G14", f"{what}, CPU", took[365] * 1e3, MOST_SECONDS * 1e3, "ms", others),
        Row(
            "G14",
            f"{what}, CPU against the sums over the rows",
            took[365] / counted,
            MOST_SHARE,
            context=f"those alone {counted:.2f} s",
        ),
    ]


def _administration(operator: Operator, name: str) -> Row:
    """Each page of each list, as `operated.addresses` names them."""
    took = {at: _cpu(operator, "get", at, times=3) for at in operator.known["addresses"]}
    slowest = max(took, key=took.__getitem__)
    what = f"slowest of {len(took)} pages of the administration on {name}, CPU"
    context = f"{slowest}; median {median(took.values()) * 1e3:.0f} ms"
    context += f"; {operator.known['entries']:,} ledger entries"
    return Row("G15", what, took[slowest] * 1e3, MOST_ADMIN_SECONDS * 1e3, "ms", context)


if __name__ == "__main__":
    from bench import table

    table.show(run())
