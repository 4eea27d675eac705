"""`make bench`: every goal measured again, each in its own process, into docs/performance.md.

`make bench ONLY="G6 G12"` measures some goals and leaves the page's other rows as they are.
"""

import json
import subprocess
import sys

from bench import table
from bench.rows import Row

GOALS = {
    "polls": ("G8",),
    "held": ("G3",),
    "pictures": ("G4", "G5"),
    "told": ("G10",),
    "reviews": ("G13",),
    "refusals": ("G16",),
    "listings": ("G7",),
    "galleries": ("G6", "G12"),
    "operation": ("G14", "G15"),
}


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


def wanted(only: list[str]) -> list[str]:
    """The modules of these goals, or of these names; all of them for none."""
    known = {*GOALS, *(goal for goals in GOALS.values() for goal in goals)}
    if strange := {*only} - known:
        sys.exit(f"There is no {', '.join(sorted(strange))}; there are {', '.join(sorted(known))}.")
    return [name for name, goals in GOALS.items() if not only or {name, *goals} & {*only}]


def main() -> None:
    rows = []
    for name in wanted(sys.argv[1:]):
        print(f"measuring {name} ({', '.join(GOALS[name])}) …", flush=True)
        found = measure(name)
        table.show(found)
        rows += found
        table.write(found)
    if not all(row.is_met for row in rows):
        sys.exit("a goal is missed")


if __name__ == "__main__":
    main()
