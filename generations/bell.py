"""Rings the broker by task name. A ring may get lost or come twice: the rows are the queue."""

import logging
import time
from collections.abc import Iterable
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from generations.volatile import ask

RUN_ATTEMPT = "generations.run_attempt"
STORE_ATTEMPT = "generations.store_attempt"
FINISH_IMAGE = "generations.finish_image"

_log = logging.getLogger(__name__)
_BREAK_SECONDS = 2.0


class _Breaker:
    closed_until = 0.0


def ring(task: str, ids: Iterable[UUID]) -> bool:
    """Whether every ring went out. When the broker is away the sweeper rings later."""
    if not settings.REDIS_URL or time.monotonic() < _Breaker.closed_until:
        return False
    try:
        with current_app.producer_pool.acquire(block=True, timeout=2) as producer:
            for row_id in ids:
                current_app.send_task(task, args=[str(row_id)], producer=producer, retry=False)
    except (OperationalError, OSError) as error:
        _Breaker.closed_until = time.monotonic() + _BREAK_SECONDS
        _log.warning("The broker is away (%s); the sweeper will ring.", type(error).__name__)
        return False
    return True


def ring_on_commit(task: str, ids: Iterable[UUID]) -> None:
    wanted = list(ids)
    if wanted:
        transaction.on_commit(lambda: ring(task, wanted))


def is_quiet() -> bool:
    """Whether the broker answers and has no ring queued."""
    return ask("llen", settings.CELERY_TASK_DEFAULT_QUEUE) == 0
