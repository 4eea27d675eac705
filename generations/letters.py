"""Letters, sent by a thread: how long a page takes must not tell whether one was written."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_log = logging.getLogger(__name__)
PAUSE_SECONDS = 0.3  # the page is on its way by then: writing the letter doesn't slow it down

_postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")
_last: list[Future[None]] = []


def post(send: Callable[[], object]) -> None:
    """Soon, in order; what fails is logged. It may not ask the database."""
    _last[:] = [_postman.submit(_send, send)]


def drain(seconds: float) -> None:
    """Wait until everything posted so far has been sent."""
    for each in _last:
        each.result(seconds)


def _send(send: Callable[[], object]) -> None:
    time.sleep(PAUSE_SECONDS)
    try:
        send()
    except Exception as error:  # noqa: BLE001  # whatever a mail server may do
        _log.error("A letter couldn't be sent: %s", type(error).__name__)
