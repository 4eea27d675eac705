"""Child processes that never outlive us, each with its own log file."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOGS_KEPT = 3
LINUX = sys.platform == "linux"
# Loaded here: between fork and exec nothing may be imported.
LIBC = ctypes.CDLL(None, use_errno=True) if LINUX else None


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends.

    That is why children are started from the main thread alone: a helper thread's end would kill
    them. Elsewhere than on Linux the kernel has no such promise and this does nothing.
    """
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


def bound_to(parent_pid: int) -> Callable[[], None]:
    """What `subprocess.Popen` is to do in the child before it becomes the program."""

    def prepare() -> None:
        die_with_parent(parent_pid)

    return prepare


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def rotate(path: Path) -> None:
    """Move the last run's log out of the way: web.log becomes web.log.1, and so on."""
    for number in range(LOGS_KEPT, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        with contextlib.suppress(FileNotFoundError):
            newer.replace(older)


@dataclass
class Child:
    """One program of the stack. It can be started again after it ended."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    stop_seconds: float = 5.0
    stop_signal: signal.Signals = signal.SIGTERM
    speaks: bool = False
    """What it writes to stdout is meant for the person at the terminal; see `spoken`."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log_path(self) -> Path:
        return Path(settings.VAR_DIR) / "logs" / f"{self.name}.log"

    def start(self) -> None:
        self.log_path.parent.mkdir(exist_ok=True, mode=0o700)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.speaks else log,
                stderr=log,
                # Its own session: the terminal's Ctrl-C reaches us, and we decide the order.
                start_new_session=True,
                preexec_fn=bound_to(os.getpid()),
            )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def spoken(self) -> IO[bytes] | None:
        return self.process.stdout if self.process else None

    def exit_text(self) -> str:
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def last_words(self) -> str:
        """The last line of its log: most often the reason."""
        with contextlib.suppress(OSError):
            lines = self.log_path.read_text(errors="replace").strip().splitlines()
            return lines[-1].strip() if lines else ""
        return ""

    def ask_to_stop(self) -> None:
        self.send(self.stop_signal)

    def send(self, number: signal.Signals) -> None:
        if self.is_running and self.process:
            self.process.send_signal(number)

    def end(self) -> None:
        """Kill what is left of it, its own children included, and reap it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
