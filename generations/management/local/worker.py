"""The worker: Celery with threads, and a stop that loses no paid picture it can still get."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import bootsteps, current_app
from celery.apps.worker import Worker
from celery.worker import state
from django.conf import settings

from generations.management.local import alive
from generations.management.local.celery_setup import leave_logging_alone
from generations.management.local.processes import LIBC
from generations.pipeline import stopping
from generations.pipeline import worker as pipeline_worker

M_ARENA_MAX = -8  # glibc's malloc.h
# After the calls in flight were abandoned, their tasks only write down what became of them.
TIDY_SECONDS = 5.0
HURRIED_TIDY_SECONDS = 1.2


class Pulse(bootsteps.StartStopStep):
    """Signs of life from the loop that takes tasks."""

    requires = {"celery.worker.components:Timer"}

    def start(self, worker: Any) -> None:
        self.timer = worker.timer.call_repeatedly(alive.BEAT_SECONDS, touch)

    def stop(self, worker: Any) -> None:
        self.timer.cancel()


def touch() -> None:
    alive.touch("worker", Path(settings.RUN_DIR))


class GentleStop:
    """The first signal: no new work, wait for what is in flight. The second: stop now."""

    def __init__(self, *, grace_seconds: float, say: Callable[[str], None]) -> None:
        self.grace_seconds = grace_seconds
        self.say = say
        self.hurry = threading.Event()
        self.asked = False

    def on_signal(self, *_: object) -> None:
        if self.asked:
            self.hurry.set()
            return
        self.asked = True
        # A handler may interrupt code that holds a lock: the work is a thread's.
        threading.Thread(target=self.wind_down, name="gentle-stop", daemon=True).start()

    def wind_down(self) -> None:
        stopping.request_stop()
        state.should_stop = os.EX_OK
        if count := stopping.in_flight():
            self.say(waiting_text(count, self.grace_seconds))
        self.wait_for_calls()
        if left := stopping.in_flight():
            self.say(f"{pictures(left)} left as “unknown”: the provider may still bill them.")
            stopping.abandon("The worker was stopped before the answer came.")
        time.sleep(HURRIED_TIDY_SECONDS if self.hurry.is_set() else TIDY_SECONDS)
        os._exit(os.EX_OK)  # a task that doesn't end: all it did is on disk

    def wait_for_calls(self) -> None:
        until = time.monotonic() + self.grace_seconds
        while stopping.in_flight() and time.monotonic() < until:
            if self.hurry.wait(0.1):
                return


def pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count} pictures are"


def waiting_text(count: int, grace_seconds: float) -> str:
    return f"{pictures(count)} still being drawn, waiting up to {grace_seconds:g} s…"


def make_worker(gentle_stop: GentleStop) -> Worker:
    class OurWorker(Worker):
        def install_platform_tweaks(self, worker: Any) -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, gentle_stop.on_signal)

    return OurWorker(
        app=current_app,
        hostname=f"worker-{os.getpid()}@%h",
        pool_cls="threads",
        concurrency=settings.WORKER_CONCURRENCY,
        loglevel="WARNING",
        redirect_stdouts=False,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def share_arenas() -> None:
    """Two heaps for all threads. By default glibc gives hundreds of threads a heap of their own."""
    if LIBC is not None and hasattr(LIBC, "mallopt"):
        LIBC.mallopt(M_ARENA_MAX, 2)


def work(*, grace_seconds: float, say: Callable[[str], None]) -> int:
    """Take tasks until SIGTERM or SIGINT; the exit code."""
    leave_logging_alone()
    share_arenas()
    current_app.steps["worker"].add(Pulse)
    worker = make_worker(GentleStop(grace_seconds=grace_seconds, say=say))
    pipeline_worker.started()
    try:
        worker.start()
    finally:
        pipeline_worker.stopped()
        alive.forget("worker", Path(settings.RUN_DIR))
    return int(worker.exitcode or 0)
