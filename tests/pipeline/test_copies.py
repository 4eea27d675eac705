"""A host that is lost with its disk, after the answer had come."""

from collections.abc import Callable
from typing import Any

import pytest

from generations import lifecycle
from generations.models import AnswerCopy, Attempt, Generation, Image, User
from generations.pipeline import copies, ingest, keeper, run, spool, stopping
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


@pytest.fixture(autouse=True)
def with_copies(settings: Any) -> None:
    settings.SPOOL_COPY = True


def received(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """Answered and marked so; then its host dies and its disk with it."""
    with monkeypatch.context() as patch:
        patch.setattr(run, "decide", lambda attempt, trouble=None: None)
        run.run_next(generation.pk)
    attempt = generation.attempts.select_related("generation").get()
    spool.remove(attempt.pk)
    Attempt.objects.update(lease_until=None)
    return attempt


def test_another_host_stores_what_a_lost_one_had_received(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = received(submit(alice), monkeypatch)
    monkeypatch.setattr(stopping, "host_name", lambda: "another-host")
    keeper.store_received(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == "stored"
    assert Image.objects.count() == 1
    assert not AnswerCopy.objects.exists()
    assert sandbox.ledger()["requests"] == 1


def test_without_a_copy_the_host_is_waited_for(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = received(submit(alice), monkeypatch)
    AnswerCopy.objects.all().delete()
    monkeypatch.setattr(stopping, "host_name", lambda: "another-host")
    keeper.store_received(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.state == "received"


def test_copies_of_what_has_ended_are_removed(alice: User, submit: Submit) -> None:
    ended, waiting = (submit(alice).attempts.get() for _ in range(2))
    for attempt in (ended, waiting):
        AnswerCopy.objects.create(attempt=attempt, content=b"x")
    lifecycle.move(ended, lifecycle.S.CANCELED)
    copies.forget_ended()
    assert list(AnswerCopy.objects.values_list("attempt", flat=True)) == [waiting.pk]


def test_a_copy_is_kept_until_the_picture_is_stored(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    store = ingest.store

    def look(*args: Any, **options: Any) -> None:
        seen.extend(bytes(row.content) for row in AnswerCopy.objects.all())
        store(*args, **options)

    monkeypatch.setattr(ingest, "store", look)
    generation = submit(alice)
    run.run_next(generation.pk)
    kept = spool.find(generation.attempts.get().pk)
    assert kept
    assert seen == [kept.path.read_bytes()]
    assert not AnswerCopy.objects.exists()


def test_the_copy_of_an_unknown_answer_is_evidence(alice: User, submit: Submit) -> None:
    attempt = lifecycle.claim("w", generation=submit(alice).pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    AnswerCopy.objects.create(attempt=attempt, content=b"x")
    lifecycle.declare_unknown(attempt, code="malformed")
    copies.forget_ended()
    assert AnswerCopy.objects.exists()
