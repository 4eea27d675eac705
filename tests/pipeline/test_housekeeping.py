"""What the sweeper and the keeper do with what others left behind."""

import hashlib
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

from generations import bell, lifecycle, storage
from generations.mesh import AnswerHead
from generations.models import (
    AnswerCopy,
    Attempt,
    Generation,
    Image,
    UsageChange,
    UsageSum,
    User,
)
from generations.pipeline import (
    housekeeping,
    journal,
    keeper,
    run,
    sizes,
    spool,
    stopping,
    turns,
)
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


def test_a_cancel_cut_short_by_a_crash_is_finished(alice: User, submit: Submit) -> None:
    wished, other = submit(alice), submit(alice)
    Generation.objects.filter(pk=wished.pk).update(cancel_requested_at=LONG_AGO)
    housekeeping.sweep()
    assert (only(wished).state, only(other).state) == ("canceled", "ready")


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
    keeper.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_late_answer_beats_unknown(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice)
    attempt = answered_but_not_stored(generation, monkeypatch)
    lifecycle.declare_unknown(attempt, code="worker_lost")
    keeper.keep_spool()
    keeper.store_received(attempt.pk)
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
    keeper.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_storing_twice_makes_one_picture(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    run.run_next(generation.pk)
    attempt = only(generation)
    Attempt.objects.filter(pk=attempt.pk).update(
        state="received", lease_until=None, finished_at=None
    )
    keeper.store_received(attempt.pk)
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


@pytest.mark.parametrize(("is_charged", "state"), [(True, "stored"), (False, "resolved_free")])
def test_what_somebody_resolved_keeps_its_picture(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    is_charged: bool,
    state: str,
) -> None:
    attempt = answered_but_not_stored(submit(alice), monkeypatch)
    lifecycle.declare_unknown(attempt, code="worker_lost")
    lifecycle.resolve_unknown(attempt, is_charged=is_charged)
    Attempt.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    keeper.keep_spool()
    keeper.store_received(attempt.pk)
    assert only(attempt.generation).state == state
    assert spool.find(attempt.pk)
    assert attempt.ledger.filter(kind="settle").count() == int(is_charged)


def test_a_late_refusal_changes_nothing_about_what_somebody_resolved(
    alice: User, submit: Submit
) -> None:
    attempt = sent(submit(alice))
    lifecycle.declare_unknown(attempt, code="worker_lost")
    lifecycle.resolve_unknown(attempt, is_charged=True)
    assert not run.mark_received(attempt, digest="", size=0)
    assert only(attempt.generation).state == "resolved_charged"


def test_spool_forgets_what_is_long_stored(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    keeper.keep_spool()
    assert len(spool.attempt_ids()) == 1
    Attempt.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    keeper.keep_spool()
    assert [path.name for path in spool.directory().iterdir()] == [journal.NAME]


def cut_after_the_last_byte(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """As if the worker had died when all was received, before the file got its final name."""
    with monkeypatch.context() as patch:
        patch.setattr(run, "_received", lambda attempt, answer, recording: answer.keep_part())
        run.run_next(generation.pk)
    attempt = only(generation)
    expire(attempt)
    return attempt


@pytest.mark.parametrize("is_unknown", [False, True])
def test_part_that_holds_the_picture_is_stored_without_a_second_call(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    is_unknown: bool,
) -> None:
    generation = submit(alice)
    attempt = cut_after_the_last_byte(generation, monkeypatch)
    if is_unknown:
        lifecycle.declare_unknown(attempt, code="worker_lost")
        keeper.keep_spool()
    housekeeping.sweep()
    keeper.store_received(attempt.pk)
    assert only(generation).state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_answer_judged_unknown_stays_so(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    generation = submit(alice, prompt="a fox [[status=500]]")
    run.run_next(generation.pk)
    before = only(generation)
    for _ in range(3):
        keeper.keep_spool()
        housekeeping.sweep()
        keeper.store_received(before.pk)
    after = only(generation)
    assert (after.state, after.state_since) == ("unknown", before.state_since)


def test_worker_that_woke_too_late_leaves_the_other_ones_answer_alone(
    alice: User, submit: Submit
) -> None:
    attempt = submit(alice).attempts.get()
    early, late = spool.SpoolFile(attempt.pk, 1), spool.SpoolFile(attempt.pk, 2)
    late.write_head(AnswerHead(200, {}))
    late.write(b"paid")
    early.discard()
    late.finish()
    found = spool.find(attempt.pk)
    assert found
    assert b"".join(found.chunks()) == b"paid"


def test_answer_lost_with_its_file_ends_as_unknown(alice: User, submit: Submit) -> None:
    attempt = sent(submit(alice))
    run.mark_received(attempt, digest="", size=0)
    expire(attempt)
    keeper.store_received(attempt.pk)
    assert (only(attempt.generation).state, only(attempt.generation).code) == (
        "unknown",
        "answer_missing",
    )


def test_answer_on_another_host_is_left_to_it(alice: User, submit: Submit) -> None:
    attempt = sent(submit(alice))
    run.mark_received(attempt, digest="", size=0)
    Attempt.objects.update(spool_host="another-host", lease_until=LONG_AGO)
    keeper.store_received(attempt.pk)
    assert only(attempt.generation).state == "received"


def test_odd_files_in_the_spool_disturb_nobody(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    attempt = sent(submit(alice))
    (spool.directory() / "notes.part").write_text("mine")
    (spool.directory() / f"{attempt.pk}.1.part").write_text('{"unknown": 1}\n')
    expire(attempt)
    keeper.keep_spool()
    housekeeping.sweep()
    assert only(attempt.generation).state == "unknown"


def test_claim_after_the_stop_sends_nothing(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = submit(alice)
    claim = lifecycle.claim

    def claim_while_stopping(*args: Any, **fields: Any) -> Attempt | None:
        stopping.request_stop()
        return claim(*args, **fields)

    monkeypatch.setattr(lifecycle, "claim", claim_while_stopping)
    run.run_next(generation.pk)
    assert (only(generation).state, only(generation).sent_at) == ("ready", None)
    assert sandbox.ledger()["requests"] == 0


def run_and_hang_up(generation: Generation) -> None:
    try:
        run.run_next(generation.pk)
    finally:
        connection.close()


def test_answer_is_written_down_though_all_turns_are_taken(
    sandbox: Sandbox, alice: User, submit: Submit, settings: Any
) -> None:
    """A worker's host may be lost while others wait for a slow store."""
    settings.SPOOL_COPY = True
    generation = submit(alice, prompt="a fox [[fixture=500kB]]")
    with ThreadPoolExecutor(1) as pool, ExitStack() as others:
        for _ in range(turns.AT_ONCE):
            others.enter_context(turns.turn())
        storing = pool.submit(run_and_hang_up, generation)
        until = time.monotonic() + 15
        while only(generation).state != "received" and time.monotonic() < until:
            time.sleep(0.02)
        assert (only(generation).state, storing.done()) == ("received", False)
        assert AnswerCopy.objects.count() == 1
    assert only(generation).state == "stored"


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


def test_sweep_adds_up_what_was_spent(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    assert UsageChange.objects.exists()
    housekeeping.sweep()
    assert not UsageChange.objects.exists()
    assert {row.span: row.spent_micros for row in UsageSum.objects.all()} == {
        "day": 40_000,
        "month": 40_000,
    }
