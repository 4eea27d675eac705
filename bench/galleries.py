"""G6 and G12: galleries of a thousand, of ten thousand and of a million pictures on PostgreSQL.

Each database has its own asking process, and they are asked in turns. G6 is CPU of the whole tree
(asker and database server) for a page as a browser gets it; G12 is the wall time of the queries.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psutil

from bench.rows import Row, interleaved
from bench.seeded import Asker, seed
from tests.support.postgres import Cluster
from tests.support.redis import PrivateRedis

SMALL, MIDDLE, LARGE = 1_000, 10_000, int(os.environ.get("BENCH_PICTURES", "1000000"))
# A thousand pictures as dense in time as a million in three years: their pages have as many days.
YEARS = {SMALL: 0.003, MIDDLE: 3, LARGE: 3}
SETTINGS = ("shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off")
ROUNDS, REPEATS = 31, 4
ASKED_ROUNDS, ASKED_REPEATS = 21, 5
MOST_QUERIES = 5


@contextmanager
def asking(*sizes: int) -> Iterator[dict[int, Asker]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(PrivateRedis(folder))
        cluster = Cluster()
        cluster.settings = (*cluster.settings, *SETTINGS)
        stack.enter_context(cluster)
        askers = {}
        for size in sizes:
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": "meshgallery.settings",
                "DATABASE_URL": database_in(cluster, f"pictures_{size}"),
                "VAR_DIR": str(folder),
                "REDIS_URL": redis.url,
            }
            seed(environment, size, years=YEARS[size])
            askers[size] = Asker(environment)
            stack.callback(askers[size].close)
        yield askers


def database_in(cluster: Cluster, name: str) -> str:
    import psycopg

    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


def run() -> list[Row]:
    with asking(SMALL, MIDDLE, LARGE) as askers:
        return [*_pages(askers), *_questions(askers)]


def _pages(askers: dict[int, Asker]) -> list[Row]:
    small, large = askers[SMALL], askers[LARGE]

    def asked(asker: Asker, name: str) -> Callable[[], None]:
        return lambda: asker.ask(f"page: {name}", 1) and None

    works = [asked(small, "page"), asked(large, "page"), asked(large, "deep page")]
    for work in works * 3:
        work()
    first_small, first_large, deep = interleaved(
        works, root=psutil.Process(), rounds=ROUNDS, repeats=REPEATS
    )
    asked_first, queries = (large.ask("page: page", 1)["queries"] for _ in range(2))
    shared = f"{asked_first} where what is the same for everybody was read, as once in two seconds"
    context = f"{first_large * 1e3:.1f} ms CPU, database and all; of {SMALL:,}"
    context += f" {first_small * 1e3:.1f}, deep {deep * 1e3:.1f}"
    return [
        Row(
            "G6",
            f"page of 60 of {LARGE:,}, CPU against one of {SMALL:,}",
            first_large / first_small,
            1.1,
            context=context,
        ),
        Row("G6", f"deep page of {LARGE:,}, CPU against the first", deep / first_large, 1.1),
        Row("G6", "queries of a signed-in page", queries, MOST_QUERIES, "queries", shared),
    ]


def _questions(askers: dict[int, Asker]) -> list[Row]:
    names = [name for name in askers[LARGE].names if not name.startswith("page: ")]
    took = {(size, name): list[float]() for size in (MIDDLE, LARGE) for name in names}
    found = {}
    for _ in range(ASKED_ROUNDS):
        for name in names:
            for size in (MIDDLE, LARGE):
                answer = askers[size].ask(name, ASKED_REPEATS)
                took[size, name] += answer["seconds"]
                found[size, name] = answer["rows"]
    rows, growths = [], {}
    for name in names:
        middle, large = median(took[MIDDLE, name]), median(took[LARGE, name])
        few, many = found[MIDDLE, name], found[LARGE, name]
        context = f"{large / middle:.2f}× of {MIDDLE:,}"
        if few == many:
            growths[name] = large / middle
        else:  # more is brought, whatever the size
            context += f", which holds {few} rows for this page, not {many}"
        rows.append(Row("G12", f"{name}, of {LARGE:,}", large * 1e3, 2.0, "ms", context))
    most = max(growths, key=growths.__getitem__)
    what = f"what grows most against {MIDDLE:,}, of what brings as much in both"
    return [*rows, Row("G12", what, growths[most], 1.5, context=most)]


if __name__ == "__main__":
    from bench import table

    table.show(run())
