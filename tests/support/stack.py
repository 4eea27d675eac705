"""The real thing for a test: `manage.py run` on its own folder and port."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from generations.management.local.ports import free_port

BASE_DIR = Path(__file__).resolve().parents[2]
READY_SECONDS = 90.0
STOP_SECONDS = 40.0
# What the person running the tests has set must not leak into the stack under test.
OURS = (
    *(
        "DJANGO_SETTINGS_MODULE",
        "DATABASE_URL",
        "REDIS_URL",
        "SANDBOX_URL",
        "PUBLIC_URL",
        "HOST",
        "PORT",
        "VAR_DIR",
    ),
    *("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DEMO_USERNAME", "DEMO_PASSWORD", "EMAIL_URL"),
    *("S3_BUCKET", "S3_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL", "S3_REGION"),
    *("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "MESH_API_KEY", "MESH_API_BASE_URL"),
    *("SPOOL_COPY", "SPOOL_MAX_MB"),
    *("LEASE_SECONDS", "SWEEP_SECONDS", "WORKER_CONCURRENCY", "SIGNUP_OPEN", "UNKNOWN_PRICE"),
    "MODERATION",
)


def clean_environment() -> dict[str, str]:
    unwanted = {*OURS, *(f"{name}_FILE" for name in OURS)}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith("MESH_")
    }


class Stack:
    """Started and ready inside the `with`; nothing of it is left afterwards, whatever happens."""

    def __init__(
        self,
        var_dir: Path,
        env: Mapping[str, str] | None = None,
        *,
        arguments: tuple[str, ...] = (),
    ) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.env = {
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            **(env or {}),
        }
        self.arguments = arguments
        self.output_path = var_dir.with_name(f"{var_dir.name}.out")
        self.process: subprocess.Popen[bytes] | None = None
        self.seen: list[psutil.Process] = []
        self.beside = contextlib.ExitStack()  # what a test has running beside it ends with it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.env['PORT']}"

    @property
    def username(self) -> str:
        return self.env.get("DEMO_USERNAME", "demo")

    @property
    def password(self) -> str:
        return self.env.get("DEMO_PASSWORD") or (self.var_dir / "demo_password").read_text().strip()

    @property
    def redis_url(self) -> str:
        return (self.var_dir / "run" / "redis.url").read_text().strip()

    @property
    def sandbox_url(self) -> str:
        return (self.var_dir / "run" / "sandbox.url").read_text().strip()

    @property
    def output(self) -> str:
        """What the person at the terminal has seen so far."""
        return self.output_path.read_text() if self.output_path.exists() else ""

    @property
    def logs(self) -> str:
        """Terminal and log files together, for the message of a failing test."""
        parts = [f"--- terminal ---\n{self.output}"]
        for path in sorted((self.var_dir / "logs").glob("*.log")):
            parts.append(f"--- {path.name} ---\n{path.read_text(errors='replace')}")
        return "\n".join(parts)

    def log(self, name: str) -> str:
        return (self.var_dir / "logs" / f"{name}.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        try:
            self.launch()
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def launch(self) -> None:
        """Start it without waiting."""
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(BASE_DIR / "manage.py"), "run", *self.arguments],
                cwd=BASE_DIR,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Until it has told the person at the terminal how to use it."""
        self.wait_for_output("Ctrl-C", seconds=READY_SECONDS)

    def wait_for_output(self, text: str, *, seconds: float = 30.0) -> None:
        until = time.monotonic() + seconds
        while text not in self.output:
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"the stack ended\n{self.logs}")
            if time.monotonic() > until:
                raise AssertionError(f"“{text}” was not said in {seconds} s\n{self.logs}")
            time.sleep(0.02)

    def status(self, path: str) -> int:
        """The HTTP status of a page, 0 when nobody answers."""
        caller = http.client.HTTPConnection("127.0.0.1", int(self.env["PORT"]), timeout=10)
        try:
            caller.request("GET", path)
            return caller.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            caller.close()

    def processes(self) -> list[psutil.Process]:
        """Everything it started that lives now, grandchildren too."""
        if self.process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.process.pid).children(recursive=True)
            self.seen += [each for each in found if each not in self.seen]
            return found
        return []

    def child(self, words: str) -> psutil.Process:
        """Its direct child whose command line holds these words."""
        assert self.process
        for each in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if words in " ".join(each.cmdline()):
                    return each
        raise AssertionError(f"no {words} is running\n{self.logs}")

    def survivors(self, *, seconds: float = 5.0) -> list[str]:
        """Command lines of what it started and that outlived it."""
        _, alive = psutil.wait_procs(self.seen, timeout=seconds)
        return [" ".join(each.cmdline()) for each in alive if each.is_running()]

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.processes()
        if self.process:
            self.process.send_signal(number)

    def wait(self, *, seconds: float = STOP_SECONDS) -> int:
        """Its exit code."""
        assert self.process
        return self.process.wait(seconds)

    def stop(self) -> int:
        """Stop it as Ctrl-C does; the exit code."""
        self.signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """Its process group and every group its children made, at once."""
        self.beside.close()
        self.processes()
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for each in self.seen:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self.process and self.process.poll() is None:
                self.stop()
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"the stack did not stop\n{self.logs}") from late
        finally:
            self.kill()
