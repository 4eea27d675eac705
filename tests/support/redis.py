"""A Redis of the tests' own, on a free loopback port, without a password or a file."""

import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from generations.management.local.ports import free_port
from generations.management.local.redis_server import answers, find_program

START_SECONDS = 20.0


class PrivateRedis:
    """Inside the `with` it answers. It can be stopped, and started again empty on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [find_program(), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + START_SECONDS
        while not answers(self.url):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the tests' Redis did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """At once, as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        """Forget everything."""
        client = redis.Redis.from_url(self.url)
        client.flushall()
        client.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
