"""Pictures that came as addresses: fetched whatever the store and the others do."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from generations import storage
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import keeper, links, run, sizes, spool, turns
from generations.storage.base import StoreUnavailable
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]
LONG_AGO = Now() - timedelta(minutes=5)


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def expire(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=LONG_AGO)


def run_and_hang_up(generation: Generation) -> None:
    try:
        run.run_next(generation.pk)
    finally:
        connection.close()


def test_link_that_expires_while_storage_is_away_costs_nothing(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice, prompt="a fox [[as=url]]")

    def away(*_: object, **__: object) -> bool:
        raise StoreUnavailable("The store is away.")

    monkeypatch.setattr(links, "WAITS", (0.0,))
    with monkeypatch.context() as patch:
        patch.setattr(type(storage.get_store()), "put_new", away)
        run.run_next(generation.pk)
    assert (only(generation).state, only(generation).code) == ("received", "storage_away")
    sandbox.reset()  # forgets its addresses: they are 404 from now on
    expire(only(generation))
    keeper.store_received(only(generation).pk)
    assert (only(generation).state, Image.objects.count()) == ("stored", 1)
    Attempt.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    sizes.drain(20)
    keeper.keep_spool()
    assert list(spool.directory().glob("*fetched*")) == []


def test_dead_link_leaves_the_turns_to_others(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice, prompt="a fox [[url_500=99]]")
    seen: list[bool] = []
    monkeypatch.setattr(links, "WAITS", (0.0,))
    fetch = links._fetch

    def watched(*args: Any) -> str:
        seen.append(turns.is_calm())
        return fetch(*args)

    monkeypatch.setattr(links, "_fetch", watched)
    run.run_next(generation.pk)
    assert seen == [True]
    waiting = only(generation)
    assert (waiting.state, waiting.code) == ("received", "download_unavailable")
    Attempt.objects.update(received_at=timezone.now() - timedelta(hours=25))
    expire(only(generation))
    keeper.store_received(only(generation).pk)
    assert (only(generation).state, only(generation).code) == ("charged_unusable", "link_expired")


def test_address_is_fetched_though_all_turns_are_taken(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    """It expires while others wait for a slow store."""
    generation = submit(alice, prompt="a fox [[as=url]] [[size=64x64]]")
    with ThreadPoolExecutor(1) as pool, ExitStack() as others:
        for _ in range(turns.AT_ONCE):
            others.enter_context(turns.turn())
        storing = pool.submit(run_and_hang_up, generation)
        until = time.monotonic() + 15
        while not list(spool.directory().glob("*fetched*")) and time.monotonic() < until:
            time.sleep(0.02)
        fetched = list(spool.directory().glob("*fetched*"))
        assert (len(fetched), storing.done(), Image.objects.count()) == (1, False, 0)
    assert only(generation).state == "stored"
