"""What the sweeper and the keeper do with what others left behind."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import bell, lifecycle, storage
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import housekeeping, run, sizes, spool
from generations.pipeline.ingest import sizes as ingest_sizes
from generations.storage.base import StoreUnavailable
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]
LONG_AGO = Now() - timedelta(minutes=5)


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def sent(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("a worker that dies", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    return attempt


def expire(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=LONG_AGO)


def answered_but_not_stored(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """The answer is whole in the spool, and the process ended before it could do more."""
    with monkeypatch.context() as patch:
        patch.setattr(run, "_received", lambda attempt, answer, recording: answer.finish())
        run.run_next(generation.pk)
    attempt = only(generation)
    expire(attempt)
    return attempt


def test_dead_worker_before_sending_costs_a_turn(alice: User, submit: Submit) -> None:
    generation = submit(alice)
    attempt = lifecycle.claim("a worker that dies", generation=generation.pk)
    assert attempt
    expire(attempt)
    housekeeping.sweep()
    assert only(generation).state == "ready"


def test_dead_worker_after_sending_leaves_an_unknown_outcome(alice: User, submit: Submit) -> None:
    attempt = sent(submit(alice))
    housekeeping.sweep()
    assert only(attempt.generation).state == "sending"
    expire(attempt)
    housekeeping.sweep()
    found = only(attempt.generation)
    assert (found.state, found.code) == ("unknown", "worker_lost")


def test_whole_answer_of_a_dead_worker_is_stored_without_a_second_call(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice)
    attempt = answered_but_not_stored(generation, monkeypatch)
    assert only(generation).state == "accepted"
    housekeeping.sweep()
    assert only(generation).state == "received"
    housekeeping.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_late_answer_beats_unknown(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice)
    attempt = answered_but_not_stored(generation, monkeypatch)
    lifecycle.declare_unknown(attempt, code="worker_lost")
    housekeeping.keep_spool()
    housekeeping.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_storage_that_is_away_delays_a_picture(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice)

    def away(*_: object, **__: object) -> bool:
        raise StoreUnavailable("The store is away.")

    with monkeypatch.context() as patch:
        patch.setattr(type(storage.get_store()), "put_new", away)
        run.run_next(generation.pk)
    attempt = only(generation)
    assert (attempt.state, attempt.code) == ("received", "storage_away")
    expire(attempt)
    housekeeping.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_storing_twice_makes_one_picture(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    run.run_next(generation.pk)
    attempt = only(generation)
    Attempt.objects.filter(pk=attempt.pk).update(
        state="received", lease_until=None, finished_at=None
    )
    housekeeping.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert Image.objects.count() == 1
    assert only(generation).ledger.filter(kind="settle").count() == 1


def test_missing_sizes_are_made_from_the_stored_original(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ingest_sizes, "finish_later", lambda image, path: None)
        run.run_next(submit(alice).pk)
    image = Image.objects.get()
    assert not image.sizes_done
    housekeeping.finish_image(image.pk)
    image.refresh_from_db()
    assert (image.sizes_done, [edge for edge, _, _ in image.edges]) == (True, [320, 640, 1600])


def test_ready_rows_are_rung_again_when_their_ring_was_lost(
    redis_url: str, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(bell, "ring", lambda task, ids: rung.append((task, list(ids))) or True)
    generation = submit(alice)
    attempt = only(generation)
    rung.clear()
    housekeeping.ring_ready()
    assert rung == []
    Attempt.objects.update(rung_at=Now() - timedelta(seconds=4))
    housekeeping.ring_ready()
    housekeeping.ring_ready()
    assert rung == [(bell.RUN_ATTEMPT, [attempt.pk])]


def test_spool_forgets_what_is_long_stored(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    housekeeping.keep_spool()
    assert len(spool.attempt_ids()) == 1
    Attempt.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    housekeeping.keep_spool()
    assert list(spool.directory().iterdir()) == []


def test_trash_is_emptied_after_thirty_days(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=29))
    housekeeping.empty_trash()
    assert Image.objects.count() == 1
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    housekeeping.empty_trash()
    assert Image.objects.count() == 0
    assert list(storage.get_store().keys()) == []


def test_spool_keeps_the_answer_as_it_came(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    attempt = submit(alice).attempts.get()
    run.run_next()
    stored = spool.find(attempt.pk)
    assert stored
    assert stored.is_whole
    raw = b"".join(stored.chunks())
    attempt.refresh_from_db()
    assert attempt.answer_sha256 == hashlib.sha256(raw).hexdigest()
    assert attempt.answer_bytes == len(raw)
    assert stored.path.stat().st_mode & 0o777 == 0o600
