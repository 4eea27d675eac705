"""What a benchmark hands over: a goal's number against its floor or peer, measured in one run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import psutil


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `value` is to be at most (or, `at_least`, at least) `limit`."""

    goal: str
    what: str
    value: float
    limit: float
    unit: str = "×"
    context: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def cpu_seconds(root: psutil.Process) -> float:
    """User and system time of a process and everything below it that is still alive."""
    tree = [root, *root.children(recursive=True)]
    return sum(time.clock_gettime(_cpu_clock(process.pid)) for process in tree)


def _cpu_clock(pid: int) -> int:
    """Linux's name for a process's own clock, in nanoseconds; /proc counts steps of 10 ms."""
    return ~pid << 3 | 2


def memory_mb(root: psutil.Process) -> float:
    """Resident memory of the whole tree, what it shares counted once (PSS)."""
    tree = [root, *root.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in tree) / 1e6


def interleaved(
    works: Sequence[Callable[[], None]], *, root: psutil.Process, rounds: int, repeats: int
) -> list[float]:
    """Median CPU seconds of one call for each of `works`, taken in turns: they share the noise.

    Each round begins with another: what comes after the same one always costs a few percent more.
    """
    spent: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for turn in range(len(works)):
            place = (number + turn) % len(works)
            before = cpu_seconds(root)
            for _ in range(repeats):
                works[place]()
            spent[place].append((cpu_seconds(root) - before) / repeats)
    return [median(costs) for costs in spent]


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.05)
