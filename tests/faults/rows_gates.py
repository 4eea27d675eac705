"""Limits and refusals that concern everybody: one finds out, the others wait."""

import time

from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_killed import expect_all_kept

LIMIT, WINDOW_SECONDS = 5, 3


@row(29, "429 beyond five requests in three seconds")
def rate_limited(bench: Bench) -> None:
    bench.start()
    limited = f"[[rate={LIMIT}/{WINDOW_SECONDS}]] [[status=429]] [[retry_after={WINDOW_SECONDS}]]"
    bench.submit(f"{FIXTURE} {limited} a fox number %d", threads=16)
    bench.wait_for_calm(300)
    expect_all_kept(bench)
    counts = bench.count()
    bench.injected = counts.rejected
    refused_to_one = counts.rejected / bench.load
    bench.expect(refused_to_one < 1, f"{counts.rejected} refused for {bench.load} prompts")


@row(30, "401 for everybody, for half a minute")
def key_refused(bench: Bench) -> None:
    until = time.time() + bench.long(30)
    bench.start()
    prompt = f"{FIXTURE} [[status=401]] [[until={until:.0f}]] a fox number %d"
    bench.submit(prompt, threads=16)
    bench.until(lambda: time.time() > until, 120, "the key is good again")
    counts = bench.count()
    bench.injected = counts.rejected
    bench.expect(counts.rejected <= 16 + 4, f"{counts.rejected} were burned")
    bench.over()
    bench.wait_for_calm(180)
    expect_all_kept(bench)
