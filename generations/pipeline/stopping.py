"""What this process has in flight, and how it stops."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from uuid import UUID

from generations.mesh import Call

_lock = threading.Lock()
_calls: dict[UUID, Call | None] = {}
_stopping = threading.Event()
_abandoned = ""
_name: tuple[int, str] = (0, "")


def host_name() -> str:
    return socket.gethostname()[:60]


def worker_name() -> str:
    """This process's name on the attempts it claims; another after a fork."""
    global _name
    if _name[0] != getpid():
        _name = (getpid(), f"{host_name()}:{getpid()}:{uuid.uuid4().hex[:6]}")
    return _name[1]


@contextmanager
def holding(attempt_id: UUID, call: Call | None = None) -> Iterator[None]:
    """While inside, the attempt's lease is renewed and its call can be aborted."""
    with _lock:
        _calls[attempt_id] = call
        if call and _abandoned:
            call.abort(_abandoned)
    try:
        yield
    finally:
        with _lock:
            _calls.pop(attempt_id, None)


def held_ids() -> list[UUID]:
    with _lock:
        return list(_calls)


def request_stop() -> None:
    """From now on nothing more is claimed."""
    _stopping.set()


def resume() -> None:
    global _abandoned
    _abandoned = ""
    _stopping.clear()


def is_stopping() -> bool:
    return _stopping.is_set()


def in_flight() -> int:
    """Attempts that this process is working on."""
    with _lock:
        return len(_calls)


def abandon(reason: str) -> None:
    """End every call at once. What had been sent becomes unknown; it is never sent again."""
    global _abandoned
    with _lock:
        _abandoned = reason
        calls = [call for call in _calls.values() if call]
    for call in calls:
        call.abort(reason)
