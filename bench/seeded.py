"""Seeded databases, each with a process of its own that asks it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.sandbox import Sandbox

BASE_DIR = Path(__file__).resolve().parents[1]
PREPARE = """
import django, sys; django.setup()
from django.core.management import call_command
from django.db import connection
from generations.management.seeding import pool
from generations.pipeline.catalog import refresh_catalog
pool.LARGEST = 10
call_command("migrate", verbosity=0)
refresh_catalog()
call_command("seed_demo", images=int(sys.argv[1]), years=float(sys.argv[2]), seed=1)
call_command("collectstatic", verbosity=0, interactive=False)
with connection.cursor() as cursor:
    cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
"""


ASK = "import django; django.setup(); from bench import asker; asker.main()"


def seed(environment: dict[str, str], count: int, *, years: float) -> None:
    """Tables, models, galleries and static files; said how long it took."""
    began = time.monotonic()
    prepare = [sys.executable, "-c", PREPARE, str(count), str(years)]
    with Sandbox() as provider:
        subprocess.run(
            prepare,
            env=environment | {"SANDBOX_URL": provider.url},
            cwd=BASE_DIR,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    print(f"{count:,} pictures seeded in {time.monotonic() - began:.0f} s", flush=True)


class Asker:
    """The process that asks one database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._process = subprocess.Popen(
            [sys.executable, "-c", ASK],
            env=environment,
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.names: list[str] = self._answer()

    def ask(self, name: str, repeats: int) -> dict[str, Any]:
        assert self._process.stdin
        print(json.dumps({"name": name, "repeats": repeats}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
