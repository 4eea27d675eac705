"""An installation of an early release comes along with its rows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

pytestmark = [pytest.mark.db]

NAME = "an_early_one"


@pytest.fixture
def empty_database(
    transactional_db: None, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a database of the kind that the tests run on, with nothing in it."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/early.sqlite3"
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {NAME}")
        yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{NAME}"))
        cursor.execute(f"DROP DATABASE {NAME}")


def test_early_rows_are_found_after_every_migration(empty_database: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.management.old_rows"],
        env=os.environ | {"DATABASE_URL": empty_database, "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {
        "spaces": [0, 0, 0],
        "pages": {
            "/": 1,
            "/?q=lighthouse": 1,
            "/?q=tall": 1,
            "/?shape=landscape": 1,
            "/?q=nothing": 0,
            "/usage/": 0,
        },
        "picture": 200,
        "money": [40_000, 40_000],
        "usage": [["day", 1, 40_000], ["month", 1, 40_000]],
    }
