"""One row's surroundings: its processes, its people, its counters."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generations.management.local.ports import answers, free_port
from generations.storage.base import Store
from generations.storage.files import FileStore
from generations.storage.s3 import S3Store
from generations.storage.s3_client import S3Settings
from tests.faults import counts
from tests.faults.counts import Counts
from tests.faults.crew import Crew, Part, launcher, manage
from tests.faults.database import ERRORS, Database
from tests.faults.people import Person, Receipt
from tests.faults.proxy import Proxy
from tests.faults.rows import Row
from tests.faults.servers import API_KEY, FIXTURE, PASSWORD, PEOPLE, Servers
from tests.support.redis import PrivateRedis
from tests.support.stack import BASE_DIR, clean_environment

__all__ = ["FIXTURE", "Bench", "KillAt", "Meanwhile", "bench_for"]

READY_SECONDS = 60.0
LONG_SHORTENED = 4.0  # seconds of an outage in the short form


@dataclass(frozen=True)
class KillAt:
    """Where workers die: at the `every`-th time a process gets there, `times` deaths in all."""

    point: str
    every: int = 4
    times: int = 6


class Meanwhile:
    """A submission that goes on while the row does other things."""

    def __init__(self, bench: "Bench", futures: list[Future[Receipt]]) -> None:
        self._bench = bench
        self._futures = futures

    @property
    def is_over(self) -> bool:
        return all(future.done() for future in self._futures)

    def join(self, seconds: float = 240.0) -> list[Receipt]:
        self._bench.until(lambda: self.is_over, seconds, "the prompts were submitted")
        self._bench.submitted_at = time.monotonic()
        return [future.result() for future in self._futures]


@dataclass
class Bench:
    """What a row works with; see the package's own words on how to write one."""

    row: Row
    servers: Servers
    load: int
    is_short: bool
    var_dir: Path
    redis: PrivateRedis
    database_url: str
    s3: S3Settings | None
    crew: Crew = field(default_factory=Crew)
    receipts: list[Receipt] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    injected: int = 0
    submitted_at: float = field(default_factory=time.monotonic)
    seconds_to_recover: float = 0.0
    counted: Counts | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.rows = Database(self.database_url, self.var_dir)
        names = PEOPLE[:2] if self.is_short else PEOPLE  # to sign in costs a second of a core
        self.people = [Person(name, PASSWORD, self.url) for name in names]
        self._over_at = 0.0
        self._asks_fixture_alone = True
        self._stack = contextlib.ExitStack()
        self._threads: list[ThreadPoolExecutor] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What every process of ours gets."""
        return {
            **clean_environment(),
            "VAR_DIR": str(self.var_dir),
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "MESH_API_KEY": API_KEY,
            "MESH_API_BASE_URL": self.servers.sandbox.url,
            "LEASE_SECONDS": "2",
            "SWEEP_SECONDS": "1",
            **self._s3_env(),
            **self.row.env,
        }

    def _s3_env(self) -> dict[str, str]:
        if self.s3 is None:
            return {}
        return {
            "S3_BUCKET": self.s3.bucket,
            "S3_ENDPOINT_URL": self.s3.endpoint_url,
            "S3_ACCESS_KEY_ID": self.s3.access_key_id,
            "S3_SECRET_ACCESS_KEY": self.s3.secret_access_key,
        }

    @property
    def store(self) -> Store:
        """Where the pictures are, read past the processes under test."""
        return S3Store(self.s3) if self.s3 else FileStore(self.var_dir / "pictures")

    # Processes

    def add(
        self,
        name: str,
        command: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        keeps_alive: bool = True,
    ) -> Part:
        """A process of the crew, started."""
        log_path = self.var_dir / "logs" / f"{name}.log"
        part = Part(name, command, {**self.env, **(env or {})}, log_path, keeps_alive)
        self.crew[name] = part
        part.start()
        return part

    def start(
        self,
        *,
        workers: int = 1,
        beats: int = 1,
        kill: KillAt | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Web, workers and beat; returns when the people are signed in.

        With `kill` the workers take one picture at a time, so that a death concerns exactly one.
        """
        self.add("web", manage("web"), env=env)
        self.add_background(workers=workers, beats=beats, kill=kill, env=env)
        self.let_people_in()

    def add_background(
        self,
        *,
        workers: int = 1,
        beats: int = 1,
        kill: KillAt | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Workers and beat alone, without waiting for them."""
        for number in range(beats):
            self.add(f"beat-{number}", manage("beat"), env=env)
        self.start_workers(workers, kill=kill, env=env)

    def start_workers(
        self, count: int, *, kill: KillAt | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        env = dict(env or {})
        if kill:
            env |= {
                "KILL_AT": kill.point,
                "KILL_EVERY": f"{kill.every}",
                "KILL_TIMES": f"{kill.times}",
                "KILL_DIR": str(self.kill_dir),
            }
            env.setdefault("WORKER_CONCURRENCY", "1")
        command = launcher("worker") if kill or "CLOCK_SHIFT" in env else manage("worker")
        for _ in range(count):
            self.add(f"worker-{len(self.crew.named('worker'))}", command, env=env)

    @property
    def kill_dir(self) -> Path:
        return self.var_dir / "kills"

    def deaths(self) -> int:
        """How many processes have killed themselves at their point."""
        return len(list(self.kill_dir.iterdir())) if self.kill_dir.is_dir() else 0

    def let_people_in(self) -> None:
        """Wait for the web server and sign everybody in."""
        self.until(lambda: answers("127.0.0.1", self.port), READY_SECONDS, "web listens")
        pool = self._pool(len(self.people))
        signed_in = [pool.submit(each.sign_in) for each in self.people]
        self.until(lambda: all(each.done() for each in signed_in), READY_SECONDS, "sign-in")
        for each in signed_in:
            each.result()

    def proxy(self, port: int) -> Proxy:
        """A line to a port of loopback that can be made bad."""
        return self._stack.enter_context(Proxy(port))

    # Prompts

    def submit(self, prompt: str, *, count: int = 0, threads: int = 8) -> list[Receipt]:
        """Submit `count` prompts, or the whole load, and wait until all are acknowledged."""
        return self.submit_meanwhile(prompt, count=count, threads=threads).join()

    def submit_meanwhile(
        self, prompt: str, *, count: int = 0, threads: int = 8, pause_seconds: float = 0.0
    ) -> Meanwhile:
        """The same in the background; each thread pauses after each prompt."""
        if FIXTURE not in prompt:
            self._asks_fixture_alone = False
        pool = self._pool(threads)
        futures = [
            pool.submit(self._submit_one, number, prompt, pause_seconds)
            for number in range(count or self.load)
        ]
        return Meanwhile(self, futures)

    def _submit_one(self, number: int, prompt: str, pause_seconds: float) -> Receipt:
        person = self.people[number % len(self.people)]
        receipt = person.submit(prompt.replace("%d", f"{number}"))
        self.receipts.append(receipt)
        time.sleep(pause_seconds)
        return receipt

    def _pool(self, threads: int) -> ThreadPoolExecutor:
        self._threads.append(ThreadPoolExecutor(threads))
        return self._threads[-1]

    # Waiting and judging

    def tend(self) -> None:
        self.crew.tend()

    def until(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait, and tend the crew meanwhile. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not is_so():
            self.tend()
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds:g} s: {what}")
            time.sleep(0.05)

    def let_pass(self, seconds: float) -> None:
        """For outages: so much time, with the crew tended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tend()
            time.sleep(0.05)

    def long(self, seconds: float) -> float:
        """So long in the full form; a few seconds in the short one."""
        return min(seconds, LONG_SHORTENED) if self.is_short else seconds

    def over(self) -> None:
        """The fault is over: from here on the seconds to recover count."""
        self._over_at = time.monotonic()

    def in_state(self, *states: str) -> int:
        """How many attempts are in one of these states; -1 while the database is away."""
        try:
            return sum(each.state in states for each in self.rows.attempts())
        except ERRORS:
            return -1

    def is_calm(self) -> bool:
        try:
            attempts = self.rows.attempts()
        except ERRORS:
            return False
        return bool(attempts) and all(each.is_ended for each in attempts)

    def wait_for_calm(self, seconds: float) -> None:
        """Until every attempt has ended. What hasn't by then is counted as stuck."""
        with contextlib.suppress(TimeoutError):
            self.until(self.is_calm, seconds, "calm")
        began = self._over_at or self.submitted_at
        self.seconds_to_recover = max(0.0, time.monotonic() - began)

    def count(self) -> Counts:
        """The counters as they are now."""
        is_known = self._asks_fixture_alone
        self.counted = counts.count(
            self.rows,
            self.receipts,
            self.servers.sandbox.ledger(),
            self.store,
            known_sha256=self.servers.fixture_sha256 if is_known else "",
        )
        return self.counted

    def breaches(self) -> list[str]:
        """What the product's own audit finds, with the provider's bill before it."""
        audit = subprocess.run(
            manage("audit", "--sandbox", self.servers.sandbox.url),
            cwd=BASE_DIR,
            env=self.env,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if audit.returncode == 0:
            return []
        lines = audit.stdout.strip().splitlines()
        found = [line for line in lines if "BREACH" in line] or lines[-1:]
        return [f"audit: {' '.join(line.split())}" for line in found]

    def expect(self, holds: bool, otherwise: str) -> None:
        """The row's own number."""
        if not holds:
            self.broken.append(otherwise)

    def server_errors(self) -> int:
        """How often a person met a 5xx, or nobody at all, on submitting."""
        return sum(
            status == 0 or status >= 500 for receipt in self.receipts for status in receipt.statuses
        )

    def submit_seconds(self) -> float:
        """How long a submission took, all but the slowest twentieth: the machine is shared."""
        slowest_first = sorted((each.slowest_seconds for each in self.receipts), reverse=True)
        return slowest_first[len(slowest_first) // 20]

    def end(self) -> None:
        self.crew.end()
        for pool in self._threads:
            pool.shutdown(wait=False, cancel_futures=True)
        self._stack.close()


@contextmanager
def bench_for(
    row: Row, servers: Servers, *, load: int = 0, is_short: bool = False
) -> Iterator[Bench]:
    """The row's surroundings; its folder stays when something in it did not hold."""
    folder = servers.folder / f"row-{row.number}-{time.monotonic_ns()}"
    database_url = servers.prepare(row.database, folder / "var")
    assert servers.fixture_sha256  # asked for, and paid for, before the bill is counted
    servers.sandbox.reset()
    with PrivateRedis(folder) as redis:
        bench = Bench(
            row,
            servers,
            load or row.prompts,
            is_short,
            folder / "var",
            redis,
            database_url,
            servers.bucket() if row.store == "s3" else None,
        )
        try:
            yield bench
        finally:
            bench.end()
    if not bench.broken:
        shutil.rmtree(folder, ignore_errors=True)
