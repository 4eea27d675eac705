"""Keeps a set of children running, and stops them in order."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from generations.management.local.errors import CannotStart
from generations.management.local.processes import Child, rotate
from generations.management.local.wakeup import Wakeup

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
IDLE_SECONDS = 5.0


@dataclass
class Watched:
    child: Child
    started_at: float = 0.0
    delay_seconds: float = FIRST_DELAY_SECONDS
    due_at: float | None = None
    """When to start it again; None while it runs."""


@dataclass
class Supervisor:
    wakeup: Wakeup
    say: Callable[[str], None]
    watched: list[Watched] = field(default_factory=list)

    def start(self, *children: Child) -> None:
        for child in children:
            rotate(child.log_path)
            watched = Watched(child)
            self.watched.append(watched)
            self._launch(watched)

    def children(self, *names: str) -> list[Child]:
        return [each.child for each in self.watched if each.child.name in names]

    def _launch(self, watched: Watched) -> None:
        with self.wakeup.uninterrupted():
            watched.child.start()
            watched.started_at, watched.due_at = time.monotonic(), None
            if spoken := watched.child.spoken:
                threading.Thread(target=self._pass_on, args=(spoken,), daemon=True).start()

    def _pass_on(self, spoken: IO[bytes]) -> None:
        with contextlib.suppress(ValueError):  # closed under us at the very end
            for line in spoken:
                self.say(line.decode(errors="replace").rstrip())

    def wait_for(self, condition: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Sleep until the condition holds. A child that ends meanwhile is a reason not to start."""
        until = time.monotonic() + seconds
        while not condition():
            for watched in self.watched:
                if not watched.child.is_running:
                    raise CannotStart(ended_early(watched.child))
            if time.monotonic() > until:
                logs = self.watched[0].child.log_path.parent
                raise CannotStart(f"{what} did not answer within {seconds:g} s: see {logs}.")
            self.wakeup.sleep(0.02)

    def watch(self, each_time: Callable[[], None]) -> None:
        """Until a stop is asked for, start again what ended by itself, each time a bit later."""
        while not self.wakeup.stops_asked:
            each_time()
            for watched in self.watched:
                self._look_after(watched)
            self.wakeup.sleep(self._seconds_to_next())

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.due_at is not None:
            if now >= watched.due_at:
                self._launch(watched)
        elif not watched.child.is_running:
            self._plan_restart(watched, now)

    def _plan_restart(self, watched: Watched, now: float) -> None:
        if now - watched.started_at > STEADY_SECONDS:
            watched.delay_seconds = FIRST_DELAY_SECONDS
        child, delay = watched.child, watched.delay_seconds
        self.say(
            f"{child.name} ended by itself ({child.exit_text()});"
            f" starting it again in {delay:g} s. Its log: {child.log_path}"
        )
        child.end()
        watched.due_at = now + delay
        watched.delay_seconds = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _seconds_to_next(self) -> float:
        due = [watched.due_at for watched in self.watched if watched.due_at is not None]
        return min([IDLE_SECONDS, *(at - time.monotonic() for at in due)])

    def stop(self, *names: str) -> None:
        """Ask the named children to end, then kill what is left of them.

        Waits as long as the most patient of them may take, but no longer once a second stop was
        asked for.
        """
        children = self.children(*names)
        self.watched = [each for each in self.watched if each.child not in children]
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + max([child.stop_seconds for child in children], default=0)
        while any(child.is_running for child in children) and time.monotonic() < until:
            if self.wakeup.stops_asked >= 2:
                hurry(children)
                break
            self.wakeup.sleep(min(0.1, until - time.monotonic()))
        for child in children:
            child.end()


def hurry(children: list[Child], *, seconds: float = 1.5) -> None:
    """Ask once more, and give those who then tidy up at once a moment for it."""
    time.sleep(0.1)  # two signals in the same instant would count as one
    for child in children:
        child.ask_to_stop()
    until = time.monotonic() + seconds
    while any(child.is_running for child in children) and time.monotonic() < until:
        time.sleep(0.02)


def ended_early(child: Child) -> str:
    words = child.last_words()
    said = f" Its last words: {words}" if words else ""
    return f"{child.name} ended at once ({child.exit_text()}); its log is {child.log_path}.{said}"
