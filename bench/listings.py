"""G7: a signed-in page of 60 pictures against Wagtail's listing of 30, both of 20,000 on SQLite.

Wagtail comes from PyPI into an environment that is thrown away, and makes its renditions before
anything is measured. Both answer to Django's test client in a process of their own; what counts is
the CPU of the tree, taken in turns.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from bench.rows import Row, interleaved
from bench.seeded import Asker, seed
from tests.support.redis import PrivateRedis

PICTURES = int(os.environ.get("BENCH_LISTED", "20000"))
ROUNDS, REPEATS = 21, 4
SITE = Path(__file__).with_name("wagtail_site.py")
LISTING, RESULTS = "/admin/images/", "/admin/images/results/?p=2"

Ask = Callable[[str], None]


@contextmanager
def wagtail() -> Iterator[Ask]:
    """Asks the peer for an address once."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "env", "bin", "python")
        subprocess.run([sys.executable, "-m", "venv", Path(folder, "env")], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "wagtail"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        with subprocess.Popen(
            [python, SITE, folder, str(PICTURES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as site:
            assert site.stdin
            assert site.stdout
            requests, answers = site.stdin, site.stdout
            assert answers.readline() == "ready\n"

            def ask(address: str) -> None:
                print(address, file=requests, flush=True)
                assert int(answers.readline()) > 10_000

            yield ask
            requests.close()


@contextmanager
def ours() -> Iterator[Asker]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        redis = stack.enter_context(PrivateRedis(Path(folder)))
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "meshgallery.settings",
            "VAR_DIR": folder,
            "REDIS_URL": redis.url,
        }
        seed(environment, PICTURES, years=3)
        asker = Asker(environment)
        stack.callback(asker.close)
        yield asker


def run() -> list[Row]:
    with ours() as asker, wagtail() as ask:

        def asked(name: str) -> Callable[[], None]:
            return lambda: asker.ask(f"page: {name}", 1) and None

        works = [
            asked("page"),
            lambda: ask(LISTING),
            asked("next page"),
            lambda: ask(RESULTS),
        ]
        for work in works * 3:
            work()
        page, listing, following, results = interleaved(
            works, root=psutil.Process(), rounds=ROUNDS, repeats=REPEATS
        )
    context = f"{page * 1e3:.1f} ms against {listing * 1e3:.1f}, CPU; {PICTURES:,} pictures each"
    next_context = f"{following * 1e3:.1f} ms against {results * 1e3:.1f}"
    what = "page of 60 against Wagtail's image listing of 30"
    return [
        Row("G7", what, page / listing, 0.5, context=context),
        Row("G7", "next page's fragment, likewise", following / results, 0.6, context=next_context),
    ]


if __name__ == "__main__":
    from bench import table

    table.show(run())
