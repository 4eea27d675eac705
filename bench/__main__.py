"""`make bench`: every goal measured again, each in its own process, into docs/performance.md."""

import json
import subprocess
import sys

from bench import table
from bench.rows import Row

MODULES = ("polls", "held", "pictures")


def measure(name: str) -> list[Row]:
    """The module's rows; in its own process, so that one's memory and settings aren't another's."""
    code = (
        f"import json, dataclasses; from bench import {name};"
        f"print('rows:' + json.dumps([dataclasses.asdict(row) for row in {name}.run()]))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = next(line for line in done.stdout.splitlines() if line.startswith("rows:"))
    return [Row(**row) for row in json.loads(found.removeprefix("rows:"))]


def main() -> None:
    rows = []
    for name in sys.argv[1:] or MODULES:
        print(f"measuring {name} …", flush=True)
        found = measure(name)
        table.show(found)
        rows += found
    if not sys.argv[1:]:
        table.write(rows)
    if not all(row.is_met for row in rows):
        sys.exit("a goal is missed")


if __name__ == "__main__":
    main()
