"""Turns at what costs memory: base64 and pictures, when many answers end in the same second."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

AT_ONCE = 2
SMALL_BYTES = 256 * 1024  # costs no memory to speak of

_turns = threading.BoundedSemaphore(AT_ONCE)
_copies = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_inside = 0


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn, without a database connection meanwhile."""
    global _inside
    connection.close()
    with _lock:
        _inside += 1
    try:
        with _turns:
            yield
    finally:
        with _lock:
            _inside -= 1


@contextmanager
def turn_for(size: int) -> Iterator[None]:
    """A turn; at once for what is small. An answer of addresses is, and they expire: it must not
    wait until the pictures before it are in a slow store."""
    if size <= SMALL_BYTES:
        connection.close()
        yield
        return
    with turn():
        yield


@contextmanager
def copying() -> Iterator[None]:
    """A turn to copy an answer to the database. A slow store doesn't hold these up: what came has
    to be written down at once."""
    connection.close()
    with _copies:
        yield


def is_calm() -> bool:
    """Nobody has a turn or waits for one."""
    return _inside == 0
