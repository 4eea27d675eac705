"""Signals as counted events, and a sleep they cut short."""

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from generations.management.local.errors import StopAsked

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Wakeup:
    """While entered, Ctrl-C and SIGTERM only count in `stops_asked`, and `sleep` returns early.

    While `raising` is true the first of them interrupts whatever runs with `StopAsked`.
    """

    def __init__(self) -> None:
        self.stops_asked = 0
        self.raising = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            self._set(number, self._count)
        # A child's end only has to wake us: subprocess reaps it.
        self._set(signal.SIGCHLD, lambda *_: None)
        return self

    def _set(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        self._before[number] = signal.signal(number, handler)

    def _count(self, *_: object) -> None:
        self.stops_asked += 1
        if self.raising:
            self._interrupt()

    def _interrupt(self) -> None:
        self.raising = False
        raise StopAsked

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """What is inside is done whole; a stop asked for meanwhile interrupts right behind it.

        For starting a process: an exception between the fork and the assignment would lose the
        child, and Python drops one that is raised in what it does around a fork.
        """
        was_raising, self.raising = self.raising, False
        try:
            yield
        finally:
            self.raising = was_raising
        if was_raising and self.stops_asked:
            self._interrupt()

    def sleep(self, seconds: float) -> None:
        ready, _, _ = select.select([self._read], [], [], max(0.0, seconds))
        if ready:
            os.read(self._read, 4096)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)
