"""Stops, pauses and wrong clocks: what happens to machines that nobody broke."""

from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_database import billed
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept

HOUR = 3600


@row(32, "one worker's clock an hour ahead, another's an hour behind")
def wrong_clocks(bench: Bench) -> None:
    bench.start(workers=0)
    for shift in (HOUR, -HOUR):
        bench.start_workers(1, env={"CLOCK_SHIFT": f"{shift}", "WORKER_CONCURRENCY": "4"})
        bench.injected += 1
    bench.submit(f"{FIXTURE} [[slow=3]] a fox number %d", count=bench.load // 2)
    bench.submit(PROMPT, count=bench.load - bench.load // 2)
    bench.wait_for_calm(CALM_SECONDS)
    workers = {attempt.worker for attempt in bench.rows.attempts()}
    bench.expect(len(workers) == 2, f"{len(workers)} workers took part")
    expect_all_kept(bench)


@row(39, "deploy: workers asked to stop under load, new ones started")
def deploy(bench: Bench) -> None:
    bench.start(workers=2, env={"WORKER_CONCURRENCY": "8"})
    submitted = bench.submit_meanwhile(f"{FIXTURE} [[slow=2]] a fox number %d")
    old = bench.crew.named("worker")
    bench.until(lambda: billed(bench) >= bench.load // 6, 60, "calls are in flight")
    for part in old:
        part.terminate()
        bench.injected += 1
    bench.start_workers(2)
    submitted.join()
    bench.wait_for_calm(CALM_SECONDS)
    bench.until(lambda: not any(part.is_running for part in old), 30, "the old ones ended")
    bench.tend()
    bench.expect(all(part.ends == [0] for part in old), "an old worker did not end by itself")
    expect_all_kept(bench)


@row(40, "impatient deploy: asked to stop, killed before the answers came", database="sqlite")
def impatient_deploy(bench: Bench) -> None:
    bench.start(workers=2, env={"WORKER_CONCURRENCY": "4"})
    slow = bench.load // 2
    submitted = bench.submit_meanwhile(f"{FIXTURE} [[slow=20]] a fox number %d", count=slow)
    bench.until(lambda: billed(bench) == min(8, slow), 60, "as many in flight as there is room for")
    old = bench.crew.named("worker")
    for part in old:
        part.terminate()
    bench.let_pass(bench.long(9))
    for part in old:
        part.kill()
        bench.injected += 1
    in_flight = billed(bench)
    submitted.join()
    bench.over()
    bench.expect(all(part.process is None or not part.is_running for part in old), "not killed")
    bench.start_workers(2)
    bench.submit(PROMPT, count=bench.load - slow)
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    bench.expect(counts.unknown <= in_flight, f"{counts.unknown} unknown of {in_flight} in flight")
    bench.expect(counts.stored == bench.load - counts.unknown, f"{counts.stored} kept")


@row(41, "worker stopped for 90 s with its calls in flight, then woken")
def paused(bench: Bench) -> None:
    """The sweeper calls its attempts unknown meanwhile; the answers still count."""
    bench.start(workers=2)
    prompt = f"{FIXTURE} [[slow={6 if bench.is_short else 15}]] a fox number %d"
    submitted = bench.submit_meanwhile(prompt, threads=16)
    bench.until(lambda: billed(bench) == bench.load, 60, "all were sent")
    bench.crew["worker-0"].pause()
    bench.crew["worker-1"].pause()
    bench.injected = 2
    submitted.join()
    bench.start_workers(1)
    bench.until(bench.is_calm, 60, "all were called unknown")
    called_unknown = bench.in_state("unknown")
    bench.expect(called_unknown > bench.load // 2, f"only {called_unknown} were called unknown")
    bench.let_pass(bench.long(90))
    for name in ("worker-0", "worker-1"):
        bench.crew[name].resume()
    bench.over()
    bench.until(lambda: bench.in_state("stored") == bench.load, CALM_SECONDS, "all came after all")
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
