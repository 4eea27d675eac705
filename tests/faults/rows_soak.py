"""Everything at once, for a while: the long row."""

import random
import time

from celery import Celery

from generations import bell
from tests.faults.bench import FIXTURE, Bench, Meanwhile
from tests.faults.crew import Part
from tests.faults.database import ERRORS
from tests.faults.rows import row
from tests.faults.rows_redis import QUEUE

WORKERS = 4
SOAK_NUMBER = 100
PROMPTS = 400
CHAOS_SECONDS = 120.0
S3_AWAY_SECONDS = 60.0
PAUSE_SECONDS = 5.0  # more than two leases
CALM_SECONDS = 60.0
FEWEST = 8  # of kills and pauses, or it was no soak


class Chaos:
    """What goes wrong next, by chance, and what has gone wrong so far."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.chance = random.Random(SOAK_NUMBER)  # the same faults each time; their moments differ
        self.kills = self.pauses = self.restarts = self.flushes = 0
        self.paused: dict[str, float] = {}
        self.rung: set[str] = set()
        self.rings = Celery(broker=bench.redis.url, set_as_current=False)

    def ring_twice(self) -> None:
        """Every attempt's ring once more."""
        try:
            attempts = self.bench.rows.attempts()
        except ERRORS:
            return
        for attempt in attempts:
            if attempt.id not in self.rung:
                self.rung.add(attempt.id)
                self.rings.send_task(bell.RUN_ATTEMPT, args=[attempt.id], queue=QUEUE, retry=False)

    def strike(self) -> None:
        part = self.bench.crew[f"worker-{self.chance.randrange(WORKERS)}"]
        self.chance.choices(
            [self.kill, self.pause, self.flush, self.restart], weights=[10, 6, 3, 1]
        )[0](part)

    def kill(self, part: Part) -> None:
        self.paused.pop(part.name, None)
        part.kill()
        self.kills += 1

    def pause(self, part: Part) -> None:
        part.pause()
        self.paused[part.name] = time.monotonic()
        self.pauses += 1

    def flush(self, part: Part) -> None:
        self.bench.redis.flush()
        self.flushes += 1

    def restart(self, part: Part) -> None:
        self.bench.servers.postgres.stop()
        self.bench.servers.postgres.start()
        self.restarts += 1

    def wake(self, *, after_seconds: float) -> None:
        for name, since in list(self.paused.items()):
            if time.monotonic() - since > after_seconds:
                self.bench.crew[name].resume()
                del self.paused[name]

    @property
    def total(self) -> int:
        return self.kills + self.pauses + self.restarts + self.flushes


@row(SOAK_NUMBER, "soak: all of it at random", store="s3", prompts=PROMPTS, is_soak=True)
def soak(bench: Bench) -> None:
    bench.start(workers=WORKERS, env={"WORKER_CONCURRENCY": "16"})
    prompt = f"{FIXTURE} [[slow=1.5]] a fox number %d"
    submitted = bench.submit_meanwhile(prompt, threads=4, pause_seconds=1.0)
    chaos = rage(bench, submitted)
    bench.injected = chaos.total
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    wait_for_late_answers(bench)
    counts = bench.count()
    ended = counts.stored + counts.unknown
    bench.expect(ended == bench.load, f"{ended} of {bench.load} kept or unknown")
    bench.expect(min(chaos.kills, chaos.pauses) >= FEWEST, "too little went wrong")
    bench.expect(min(chaos.restarts, chaos.flushes) >= 1, "too little went wrong")


def rage(bench: Bench, submitted: Meanwhile) -> Chaos:
    """Break something every second; the store is away for a minute in the middle."""
    chaos = Chaos(bench)
    began = time.monotonic()
    s3 = bench.servers.seaweed
    while (seconds := time.monotonic() - began) < CHAOS_SECONDS or not submitted.is_over:
        is_away = 20 < seconds < 20 + S3_AWAY_SECONDS
        if is_away == s3.is_running:
            s3.stop() if is_away else s3.start()
        if seconds < CHAOS_SECONDS:
            chaos.strike()
        bench.let_pass(1.0)
        chaos.wake(after_seconds=PAUSE_SECONDS)
        chaos.ring_twice()
    if chaos.restarts == 0:
        chaos.restart(bench.crew["worker-0"])
    chaos.wake(after_seconds=0)
    submitted.join()
    return chaos


def wait_for_late_answers(bench: Bench) -> None:
    """A worker woken late may still bring what had been called unknown."""
    bench.let_pass(5)
    bench.until(bench.is_calm, CALM_SECONDS, "calm again")
