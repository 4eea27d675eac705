"""No room: on the spool's disk, or for what the store doesn't take."""

import resource
import time

from tests.faults.bench import Bench
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, expect_all_kept

LARGE = "[[fixture=1.5MB]]"
CAP_MB = 64
TURN_SECONDS = 12.0  # a little more than until the next try after one that found no room
FILE_LIMIT_BYTES = 1_000_000


def limit_files(bench: Bench, limit: int) -> None:
    """How long a file the worker may write, from now on."""
    for part in bench.crew.named("worker"):
        resource.prlimit(part.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def billed(bench: Bench) -> int:
    return int(bench.servers.sandbox.ledger()["billed"])


def spool_bytes(bench: Bench) -> int:
    files = (bench.var_dir / "spool").glob("*.done")
    return sum(path.stat().st_size for path in files)


@row(22, "store takes nothing: sending stops at the spool's cap", store="s3")
def store_full(bench: Bench) -> None:
    bench.start(env={"SPOOL_MAX_MB": f"{CAP_MB}"})
    bench.servers.seaweed.stop()
    bench.submit(f"{LARGE} [[slow=0.2]] a fox number %d")
    bench.until(lambda: has_settled(bench), 120, "nothing more is sent")
    before = billed(bench)
    bench.let_pass(bench.long(10))
    bench.injected = before
    bench.expect(before == billed(bench), "more was paid for while the spool was at its cap")
    bench.expect(0 < before < bench.load, f"{before} of {bench.load} were sent")
    held_mb = spool_bytes(bench) / 1e6
    bench.expect(held_mb <= CAP_MB, f"{held_mb:.0f} MB in the spool")
    bench.servers.seaweed.start()
    bench.over()
    bench.wait_for_calm(180)
    expect_all_kept(bench)


def has_settled(bench: Bench) -> bool:
    """Nobody is on the way, and whoever was put back has had another turn in vain."""
    before = billed(bench)
    bench.let_pass(TURN_SECONDS)
    return before == billed(bench) and bench.in_state("claimed", "sending", "accepted") == 0


@row(23, "spool's disk full: refused before sending")
def disk_full(bench: Bench) -> None:
    bench.start()
    limit_files(bench, FILE_LIMIT_BYTES)
    bench.submit(f"{LARGE} [[slow=0.2]] a fox number %d")
    end = time.monotonic() + bench.long(10)
    bench.until(lambda: time.monotonic() > end, 60, "the disk stays full")
    bench.injected = bench.load
    bench.expect(billed(bench) == 0, f"{billed(bench)} paid for without room")
    limit_files(bench, resource.RLIM_INFINITY)
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
