"""The token a poll carries, and the version in Redis."""

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from generations import volatile, watch
from generations.watch import Token, Watched

ATTEMPT = uuid4()


def token(**fields: Any) -> Token:
    values = {
        "user_id": 7,
        "space": 7,
        "session": watch.session_digest("session-key"),
        "version": "v1",
        "watched": (Watched(ATTEMPT, 3),),
    }
    return Token(**(values | fields))


def test_token_survives_signing() -> None:
    made = token(eta=1_900_000_000)
    assert Token.read(made.sign()) == made


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + "0",
        lambda text: "x" + text,
        lambda _: "",
        lambda _: "a.b",
        lambda _: "é.ü",
    ],
)
def test_token_that_is_not_ours_is_none(spoil: Any) -> None:
    signed = replace(token(), user_id=8).sign()
    assert Token.read(spoil(signed)) is None or spoil(signed) == signed


def test_token_of_another_secret_is_none(settings: Any) -> None:
    signed = token().sign()
    settings.SECRET_KEY = "another secret that is long enough for this"
    assert Token.read(signed) is None


def test_idle_needs_the_same_version_session_and_time(redis_url: str) -> None:
    version = watch.ensure_version(7)
    assert token(version=version).is_idle("session-key")
    assert not token(version="older").is_idle("session-key")
    assert not token(version=version).is_idle("another-session")
    assert not token(version=version).is_idle("")
    assert not token(version=version, until=int(time.time()) - 1).is_idle("session-key")
    watch.bump(7)
    assert not token(version=version).is_idle("session-key")


def test_version_lost_with_redis_never_comes_back(redis_url: str, redis_server: Any) -> None:
    version = watch.ensure_version(7)
    redis_server.flush()
    assert watch.version(7) == ""
    assert not token(version=version).is_idle("session-key")
    assert watch.ensure_version(7) not in {"", version}


def test_merged_token_watches_everything_once_and_is_never_idle(redis_url: str) -> None:
    version = watch.ensure_version(7)
    other = Watched(uuid4(), 1)
    older = token(version=version, began=100)
    newer = token(version=version, began=200, watched=(Watched(ATTEMPT, 4), other))
    merged = Token.merge([older, newer])
    assert merged.watched == (Watched(ATTEMPT, 4), other)
    assert merged.began == 100
    assert not merged.is_idle("session-key")
    assert Token.merge([older]) == older


def test_without_redis_nothing_is_idle_and_nothing_fails(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    volatile.try_again()
    watch.bump(7)
    assert watch.ensure_version(7) == ""
    assert not token(version="").is_idle("session-key")


def test_next_poll_is_rare_before_the_expected_end_and_dense_near_it() -> None:
    now = int(time.time())
    assert token(eta=now + 20).next_poll_seconds() == 2.5
    assert token(eta=now).next_poll_seconds() == 0.4
    assert token(eta=now - 100).next_poll_seconds() == 4.0
    assert token(began=now).next_poll_seconds() == 0.5
    assert token(began=now - 3000).next_poll_seconds() == 3.0
