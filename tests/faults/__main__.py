"""`make faults`: the whole matrix. ROWS="3 18" runs some, RUNS=5 each so often; `soak` the soak."""

import os
import signal
import sys

from tests.faults import matrix
from tests.faults.rows import all_rows


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and take the servers along
    rows = all_rows()
    if arguments == ["soak"]:
        rows = [row for row in rows if row.is_soak]
    elif arguments:
        chosen = {int(number) for number in arguments}
        rows = [row for row in rows if row.number in chosen]
        if missing := chosen - {row.number for row in rows}:
            print(f"There is no row {', '.join(map(str, sorted(missing)))}.")
            return 2
    results = matrix.run_rows(rows, runs=int(os.environ.get("RUNS") or 1))
    matrix.write(results)
    broken = [result.row.number for result in results if result.broken]
    print(f"broken: {broken}" if broken else "every row holds")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
