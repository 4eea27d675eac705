"""Rings the broker by task name. A ring may get lost or come twice: the rows are the queue."""

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Iterable
from functools import cache
from uuid import UUID

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import Connection, Producer
from kombu.exceptions import OperationalError

from generations.volatile import ask

RUN_ATTEMPT = "generations.run_attempt"
STORE_ATTEMPT = "generations.store_attempt"
FINISH_IMAGE = "generations.finish_image"
MODERATE = "generations.moderate"

_log = logging.getLogger(__name__)
_BREAK_SECONDS = 2.0
ERRORS = (OperationalError, OSError, redis.RedisError)


class _Ringer:
    """A thread that talks to the broker, so that nobody else ever waits for it."""

    def __init__(self) -> None:
        self.wanted: queue.SimpleQueue[tuple[str, UUID]] = queue.SimpleQueue()
        self.producer: Producer | None = None
        threading.Thread(target=self._work, name="bell", daemon=True).start()

    def _work(self) -> None:
        while True:
            task, row_id = self.wanted.get()
            # A connection may have died since the last ring: the second try has a fresh one.
            if not any(self._has_rung(task, row_id) for _ in range(2)):
                _log.warning("The broker is away; the sweeper will ring.")
                self._forget_for_a_while()

    def _has_rung(self, task: str, row_id: UUID) -> bool:
        try:
            self.producer = self.producer or current_app.amqp.Producer(_connection())
            current_app.send_task(task, args=[str(row_id)], producer=self.producer, retry=False)
        except ERRORS:
            with contextlib.suppress(*ERRORS):
                if self.producer:
                    self.producer.connection.release()
            self.producer = None
            return False
        return True

    def _forget_for_a_while(self) -> None:
        """What is rung meanwhile would only pile up: the rows are the queue."""
        time.sleep(_BREAK_SECONDS)
        while not self.wanted.empty():
            self.wanted.get()


def _connection() -> Connection:
    limits = {"socket_connect_timeout": 1, "socket_timeout": 2}
    return Connection(current_app.conf.broker_url, transport_options=limits)


@cache
def _ringer(pid: int) -> _Ringer:
    return _Ringer()  # one for each process: a fork takes no threads along


def ring(task: str, ids: Iterable[UUID]) -> bool:
    """Whether there is a broker to be rung; who gets lost on the way is rung by the sweeper."""
    if not settings.REDIS_URL:
        return False
    for row_id in ids:
        _ringer(os.getpid()).wanted.put((task, row_id))
    return True


def ring_on_commit(task: str, ids: Iterable[UUID]) -> None:
    wanted = list(ids)
    if wanted:
        transaction.on_commit(lambda: ring(task, wanted))


def is_quiet() -> bool:
    """Whether the broker answers and has no ring queued."""
    return ask("llen", settings.CELERY_TASK_DEFAULT_QUEUE) == 0
