"""Redis as something that may be away or have forgotten: an answer, or None, and never a wait."""

import time
from functools import cache

import redis
from django.conf import settings

_BREAK_SECONDS = 1.0


class _Breaker:
    """After a failure Redis is left alone for a second: its absence costs next to nothing."""

    closed_until = 0.0


def ask(command: str, *args: object, **options: object) -> object:
    """Redis's answer to a command, or None when it is away."""
    if not settings.REDIS_URL or time.monotonic() < _Breaker.closed_until:
        return None
    try:
        return getattr(_client(settings.REDIS_URL), command)(*args, **options)
    except redis.RedisError:
        _Breaker.closed_until = time.monotonic() + _BREAK_SECONDS
        return None


def try_again() -> None:
    """Ask at once, whatever happened a moment ago."""
    _Breaker.closed_until = 0.0


def is_reachable() -> bool:
    """Whether Redis answers now; for doctor and readyz."""
    try_again()
    return bool(ask("ping"))


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.3, socket_timeout=0.5, max_connections=256
    )
