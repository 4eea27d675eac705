"""The provider hangs, drips, resets, breaks off or sends a bomb."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept

DEADLINE = 6.0
SHORT_PATIENCE = {"MESH_DEADLINE_SECONDS": f"{DEADLINE:g}", "MESH_SILENCE_SECONDS": "30"}
LATE_SHARE = 0.05
NOTED_SECONDS = 0.5  # what a shared machine takes to write down that a call ended
CROWD_SECONDS = 5.0  # and until it has done so for all sixty that end at once
MEGABYTE = 1024 * 1024


def expect_unknown_at_the_deadline(bench: Bench, prompt: str) -> None:
    """All of them end as unknown by the wall clock, and the worker is free for the next one."""
    bench.start()
    bench.submit(prompt)
    bench.injected = bench.load
    bench.wait_for_calm(DEADLINE + 60)
    counts = bench.count()
    bench.expect(counts.unknown == bench.load, f"{counts.unknown} of {bench.load} unknown")
    lasted = sorted(call_seconds(bench)) or [0.0]
    median, longest = lasted[len(lasted) // 2], lasted[-1]
    limit = DEADLINE * (1 + LATE_SHARE) + NOTED_SECONDS
    bench.expect(DEADLINE - 0.1 <= median <= limit, f"half of them lasted {median:.1f} s")
    bench.expect(longest <= limit + CROWD_SECONDS, f"the longest lasted {longest:.1f} s")
    bench.submit(PROMPT, count=1)
    bench.wait_for_calm(30)
    bench.expect(bench.count().stored == 1, "the worker was not free afterwards")


def call_seconds(bench: Bench) -> list[float]:
    """From sending to the end, by the database's clock."""
    ended = "SELECT sent_at, finished_at FROM generations_attempt WHERE state = 'unknown'"
    return [(end - begin).total_seconds() for begin, end in bench.rows.select(ended)]


@row(24, "provider hangs", env=SHORT_PATIENCE)
def hangs(bench: Bench) -> None:
    expect_unknown_at_the_deadline(bench, "a fox number %d [[hang=request]]")


@row(25, "provider resets after the request")
def resets(bench: Bench) -> None:
    bench.start()
    bench.submit(f"{FIXTURE} [[slow=0.2]] [[rst=request]] a fox number %d")
    bench.injected = bench.load
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    bench.expect(counts.unknown == bench.load, f"{counts.unknown} of {bench.load} unknown")
    bench.expect(counts.billed == bench.load, f"{counts.billed} billed")


@row(26, "answer drips, a byte a second", env=SHORT_PATIENCE)
def drips(bench: Bench) -> None:
    expect_unknown_at_the_deadline(bench, f"{FIXTURE} a fox number %d [[drip=1]]")


@row(27, "pings and nothing else", env=SHORT_PATIENCE)
def pings(bench: Bench) -> None:
    expect_unknown_at_the_deadline(bench, "a fox number %d [[pings=0.2]]")


KEPT, UNKNOWN = "stored", "unknown"
STREAMS = {
    "[[cut=request]]": UNKNOWN,
    "[[cut=head]]": UNKNOWN,
    "[[cut=processing]]": UNKNOWN,
    "[[cut=half]]": UNKNOWN,
    "[[rst=half]]": UNKNOWN,
    "[[cut=after_image]]": KEPT,
    "[[rst=after_image]]": KEPT,
    "[[cut=body]]": KEPT,
    "[[cut=no_done]]": KEPT,
    "[[crlf]]": KEPT,
    "[[cr]]": KEPT,
    "[[mixed]]": KEPT,
    "[[split]]": KEPT,
    "[[noblank]]": KEPT,
    "[[multiline]]": KEPT,
    "[[bom]]": KEPT,
    "[[event]]": KEPT,
    "[[junk]]": KEPT,
    "[[done_twice]]": KEPT,
    "[[after_done]]": KEPT,
    "[[json]]": KEPT,
    "[[nolength]]": KEPT,
    "[[events=20000]]": KEPT,
    "[[short]]": KEPT,
}


@row(28, "odd, cut and broken streams", prompts=2 * len(STREAMS))
def streams(bench: Bench) -> None:
    """Each form as often as the load allows; what becomes of it is known beforehand."""
    bench.start()
    times = max(1, bench.load // len(STREAMS))
    for directive in STREAMS:
        bench.submit(f"a fox number %d [[size=128x128]] {directive}", count=times)
    bench.injected = times * len(STREAMS)
    bench.wait_for_calm(CALM_SECONDS)
    for prompt, state in ends(bench):
        directive = prompt.split()[-1]
        bench.expect(state == STREAMS[directive], f"{directive} ended as {state}")


def ends(bench: Bench) -> Iterator[tuple[str, str]]:
    yield from bench.rows.select(
        "SELECT prompt, state FROM generations_attempt JOIN generations_generation"
        " ON generations_generation.id = generations_attempt.generation_id"
    )


@row(31, "500, 502, 503 and 504")
def server_errors(bench: Bench) -> None:
    """Never sent again by itself: the provider may have worked."""
    bench.start()
    for status in (500, 502, 503, 504):
        bench.submit(f"{FIXTURE} a fox number %d [[status={status}]]", count=bench.load // 4)
    bench.injected = bench.load
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    bench.expect(counts.unknown == bench.load, f"{counts.unknown} of {bench.load} unknown")
    requests = bench.servers.sandbox.ledger()["requests"]
    bench.expect(requests == bench.load, f"{requests} requests")


@row(47, "twenty decompression bombs", prompts=20)
def bombs(bench: Bench) -> None:
    """The original is kept, nobody decodes it, and what decodes the others stays small."""
    bench.start()
    bench.submit(PROMPT, count=4)
    bench.until(lambda: bench.in_state("stored") == 4, 60, "four pictures before")
    with watching_memory(bench) as grown:
        bench.submit("[[bomb]] a fox number %d", count=bench.load)
        bench.injected = bench.load
        bench.wait_for_calm(CALM_SECONDS)
    problems = [row[0] for row in bench.rows.select("SELECT problem FROM generations_image")]
    unshown = problems.count("too_many_pixels")
    bench.expect(unshown == bench.load, f"{unshown} of {bench.load} kept without a preview")
    bench.expect(bench.crew["worker-0"].ends == [], "a worker died")
    bench.expect(max(grown) < 200 * MEGABYTE, f"memory grew by {max(grown) // MEGABYTE} MB")
    bench.load += 4
    expect_all_kept(bench)


@contextmanager
def watching_memory(bench: Bench) -> Iterator[list[int]]:
    """By how much web and worker, with their children, are larger than before."""
    before = memory(bench)
    grown = [0]
    tend = bench.crew.tend

    def measure() -> None:
        tend()
        grown.append(memory(bench) - before)

    bench.crew.tend = measure  # type: ignore[method-assign]
    try:
        yield grown
    finally:
        bench.crew.tend = tend  # type: ignore[method-assign]


def memory(bench: Bench) -> int:
    parents = [psutil.Process(bench.crew[name].pid) for name in ("web", "worker-0")]
    every = [each for parent in parents for each in (parent, *parent.children(recursive=True))]
    return sum(each.memory_info().rss for each in every if each.is_running())
