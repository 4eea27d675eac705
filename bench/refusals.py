"""G16: a refusal takes as long for somebody else's thing as for one that was never there.

Each address is asked for both in turns, through every middleware, in one process on SQLite; medians
of the time that passes. Sign-in is asked with the real password hash, for a name and for no name.
"""

import json
import os
import subprocess
import sys
import tempfile

from bench.rows import Row

ROUNDS, SLOW_ROUNDS = 600, 31
MOST = 1.05  # either way; below what noise of a network leaves


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mesh-refusals-") as folder:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "meshgallery.settings",
            "VAR_DIR": folder,
            "DEBUG": "on",
            "ALLOWED_HOSTS": "testserver",
        }
        command = [sys.executable, "-m", "bench.refused", str(ROUNDS), str(SLOW_ROUNDS)]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("found:"))
    found: dict[str, tuple[float, float]] = json.loads(line.removeprefix("found:"))
    return [_row(name, *each) for name, each in found.items()]


def _row(name: str, foreign: float, missing: float) -> Row:
    ratio = foreign / missing
    context = f"{foreign * 1000:.2f} ms, {missing * 1000:.2f} for one that nobody has"
    what = f"refusal of a foreign {name} against a missing one, either way"
    if name == "sign-in":
        what = "refused sign-in of a known name against an unknown one, either way"
    return Row("G16", what, max(ratio, 1 / ratio), MOST, "×", context)


if __name__ == "__main__":
    from bench import table

    table.show(run())
