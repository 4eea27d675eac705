"""Redis forgets, dies or is full: a doorbell that nobody depends on."""

import psutil
import redis

from generations import bell
from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept

QUEUE = "mesh"


def command(bench: Bench, *words: str) -> object:
    client = redis.Redis.from_url(bench.redis.url, socket_timeout=5)
    try:
        return client.execute_command(*words)
    finally:
        client.close()


def submit_into_queue(bench: Bench) -> None:
    """All prompts rung and none taken: no worker runs yet."""
    bench.start(workers=0, beats=0)
    bench.submit(PROMPT)
    bench.until(lambda: command(bench, "LLEN", QUEUE) == bench.load, 30, "all rings are queued")


def run_what_was_queued(bench: Bench) -> None:
    bench.injected = 1
    bench.over()
    bench.add_background()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)


@row(10, "Redis flushed with all prompts queued")
def flushed(bench: Bench) -> None:
    submit_into_queue(bench)
    bench.redis.flush()
    run_what_was_queued(bench)


@row(11, "Redis killed and started again empty", database="sqlite")
def killed_and_empty(bench: Bench) -> None:
    submit_into_queue(bench)
    bench.redis.stop()
    bench.redis.start()
    assert command(bench, "LLEN", QUEUE) == 0
    run_what_was_queued(bench)


def submit_during(bench: Bench) -> None:
    """Prompts spread over the outage, not all at its start."""
    seconds = bench.long(120)
    half = bench.load // 2
    bench.submit(PROMPT, count=half, threads=2)
    bench.let_pass(seconds)
    bench.submit(PROMPT, count=bench.load - half, threads=2)
    bench.injected = 1


def expect_prompt_answers(bench: Bench) -> None:
    errors = bench.server_errors()
    bench.expect(errors == 0, f"people met {errors} server errors")
    seconds = bench.submit_seconds()
    bench.expect(seconds < 1, f"submissions took up to {seconds:.1f} s")
    expect_all_kept(bench)


@row(12, "Redis down for 2 min while people submit")
def down(bench: Bench) -> None:
    bench.start()
    bench.redis.stop()
    submit_during(bench)
    page = bench.people[0].get("/").text
    bench.expect('data-state="waiting"' in page, "the page doesn't say that they wait")
    bench.redis.start()
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_prompt_answers(bench)


@row(13, "Redis full")
def full(bench: Bench) -> None:
    """At its limit it refuses every write and still answers reads."""
    bench.start()
    command(bench, "CONFIG", "SET", "maxmemory-policy", "noeviction")
    command(bench, "CONFIG", "SET", "maxmemory", "1mb")
    submit_during(bench)
    bench.expect(refuses_writes(bench), "Redis was never full")
    command(bench, "CONFIG", "SET", "maxmemory", "0")
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_prompt_answers(bench)


def refuses_writes(bench: Bench) -> bool:
    try:
        command(bench, "SET", "room", "x")
    except redis.ResponseError:
        return True
    return False


@row(33, "every ring delivered five times more")
def delivered_often(bench: Bench) -> None:
    from celery import Celery

    bench.start(workers=2)
    submitted = bench.submit_meanwhile(PROMPT)
    rings = Celery(broker=bench.redis.url, set_as_current=False)
    rung: set[str] = set()
    while not submitted.is_over or len(rung) < bench.load:
        bench.tend()
        for attempt in bench.rows.attempts():
            if attempt.id not in rung:
                rung.add(attempt.id)
                for _ in range(5):
                    rings.send_task(bell.RUN_ATTEMPT, args=[attempt.id], queue=QUEUE, retry=False)
    submitted.join()
    bench.injected = 5 * len(rung)
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
    counts = bench.count()
    bench.expect(counts.billed == bench.load, f"{counts.billed} billed")


@row(34, "two beats")
def two_beats(bench: Bench) -> None:
    bench.start(beats=2)
    bench.submit(PROMPT)
    bench.injected = 1
    bench.wait_for_calm(CALM_SECONDS)
    running = [psutil.Process(part.pid).is_running() for part in bench.crew.named("beat")]
    bench.expect(running == [True, True], "there were no two beats")
    expect_all_kept(bench)


@row(35, "no beat, and the rings lost")
def no_beat(bench: Bench) -> None:
    """The workers' own sweep finds the rows."""
    bench.start(beats=0, workers=0)
    bench.submit(f"{FIXTURE} a hare number %d")
    bench.redis.flush()
    bench.injected = 1
    bench.over()
    bench.start_workers(1)
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
