"""What every page asks for and hardly ever changes: kept by each process for two seconds.

Nothing that belongs to one person, and nothing that decides over money: that is read anew.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

FRESH_SECONDS = 2.0
_known: dict[str, tuple[float, Any]] = {}
Thing = TypeVar("Thing")


def lately(name: str, read: Callable[[], Thing]) -> Thing:
    """What `read` said within the last two seconds, else what it says now."""
    read_at, thing = _known.get(name, (0.0, None))
    if not read_at or time.monotonic() - read_at >= FRESH_SECONDS:
        now = time.monotonic()
        thing = read()
        _known[name] = (now, thing)
    return thing


def forget(**_: Any) -> None:
    """Also a signal's receiver: what this process changes by itself it sees at once."""
    _known.clear()
