"""The product's processes as separate children that can be killed, paused and started again."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generations.management.local.processes import bound_to
from tests.support.stack import BASE_DIR

STOP_SECONDS = 30.0


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(BASE_DIR / "manage.py"), *arguments)


def launcher(module: str, *arguments: str) -> tuple[str, ...]:
    """A command of ours that changes something before it becomes the product's."""
    return (sys.executable, "-m", f"tests.faults.{module}", *arguments)


@dataclass
class Part:
    """One process. Start it from the main thread: the kernel ends it with the one that did."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log_path: Path
    keeps_alive: bool = False
    ends: list[int] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=bound_to(os.getpid()),
            )

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tend(self) -> None:
        """Note that it ended, and start it again if it is kept alive."""
        if self.process is None or self.is_running:
            return
        self.ends.append(self.process.returncode)
        self._send(signal.SIGKILL)  # what it left behind in its group
        self.process = None
        if self.keeps_alive:
            self.start()

    def _send(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """It and its children, at once; not started again before the next `tend`."""
        self._send(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, as a deploy sends it: to the process alone. It is not started again."""
        self.keeps_alive = False
        if self.process and self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        self.keeps_alive = False
        self.resume()
        self.kill()
        self.process = None


class Crew(dict[str, Part]):
    """All processes of one row, by name."""

    def tend(self) -> None:
        for part in list(self.values()):
            part.tend()

    def named(self, beginning: str) -> list[Part]:
        return [part for name, part in self.items() if name.startswith(beginning)]

    def end(self) -> None:
        for part in self.values():
            part.end()
