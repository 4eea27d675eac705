"""The automatic check when many come at once, somebody dies at it, or nothing can be looked at."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from generations import bell, lifecycle, storage
from generations.mesh import Limits, Moderation
from generations.mesh.client import Moderations
from generations.models import (
    Attempt,
    Generation,
    Image,
    ModerationCheck,
    User,
)
from generations.pipeline import housekeeping, moderation, run, stopping, worker
from generations.services.generation import cancel_generation
from tests.mesh.server import serving, whole
from tests.pipeline.moderating import (
    FOX,
    GORE,
    Policy,
    Submit,
    checks,
    counts,
    look_at_pictures,
    make_due,
    of_prompt,
    see_through,
    told,
)
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


def test_nobody_asks_while_somebody_does(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three attempts of one prompt in three threads: one question, and all wait for its answer."""
    policy("block")
    generation = submit(alice, GORE, n=3)
    asked, may_answer = threading.Event(), threading.Event()
    original = Moderations.check
    held: list[tuple[bool, bool]] = []

    def slowly(self: Moderations, *args: Any, **options: Any) -> Moderation:
        held.append((connection.in_atomic_block, connection.connection is None))
        asked.set()
        may_answer.wait(10)
        return original(self, *args, **options)

    monkeypatch.setattr(Moderations, "check", slowly)
    threads = [threading.Thread(target=in_thread, args=(generation,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert asked.wait(10)
    until = time.monotonic() + 10
    while generation.attempts.filter(state="claimed").count() < 3 and time.monotonic() < until:
        time.sleep(0.02)
    may_answer.set()
    for thread in threads:
        thread.join(20)
    assert held == [(False, True)]
    assert told(generation) == [("rejected_free", "blocked_here")] * 3
    assert counts(sandbox) == (1, 0, 0)


def in_thread(generation: Generation) -> None:
    try:
        run.run_next(generation.pk)
    finally:
        connection.close()


@pytest.fixture
def short_leases(settings: Any) -> Iterator[None]:
    settings.LEASE_SECONDS = 0.6
    worker.start_heartbeat()
    yield
    worker.stopped()


def test_the_lease_is_kept_while_the_endpoint_thinks(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    short_leases: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy("flag")
    limits = Limits(first_byte_seconds=2, silence_seconds=2, deadline_seconds=2)
    monkeypatch.setattr(moderation, "LIMITS", limits)
    generation = submit(alice, f"{FOX} [[moderation=hang]]")
    thread = threading.Thread(target=in_thread, args=(generation,))
    thread.start()
    lost = []
    while thread.is_alive():
        lost += lifecycle.expire_claims()
        thread.join(0.1)
    assert lost == []
    assert generation.attempts.get().state == "stored"
    assert counts(sandbox) == (1, 1, 1)


def claimed_by_who_dies(generation: Generation) -> Attempt:
    attempt = lifecycle.claim(stopping.worker_name(), generation=generation.pk)
    assert attempt
    return attempt


def worker_dies() -> None:
    """Its lease has run out, and so has the time in which it could have asked."""
    Attempt.objects.filter(state="claimed").update(lease_until=lifecycle.in_seconds(-1))
    assert lifecycle.expire_claims()
    make_due()


@pytest.mark.parametrize("name", ["flag", "block"])
def test_killed_between_the_check_and_the_send(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, name: str
) -> None:
    policy(name)
    generation = submit(alice, FOX)
    assert moderation.lets_go(claimed_by_who_dies(generation))
    worker_dies()
    see_through(generation)
    assert counts(sandbox) == (1, 1, 1)
    assert told(generation) == []


@pytest.mark.parametrize("name", ["flag", "block"])
def test_killed_while_asking(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    policy(name)
    generation = submit(alice, FOX)
    attempt = claimed_by_who_dies(generation)
    with monkeypatch.context() as patched:
        patched.setattr(moderation, "_settle", die)
        with pytest.raises(Killed):
            moderation.lets_go(attempt)
    worker_dies()
    see_through(generation)
    assert counts(sandbox) == (2, 1, 1)
    assert checks(generation)[-1] == ("prompt", "clear", [], "")


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


def die(*args: object, **options: object) -> None:
    raise Killed


def test_a_fault_of_ours_sends_nothing_and_says_so(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy("flag")
    generation = submit(alice, FOX)
    with monkeypatch.context() as patched:
        patched.setattr(moderation, "look", lambda _: 1 / 0)
        see_through(generation)
    assert told(generation) == [("held", "our_fault")]
    make_due()
    see_through(generation)
    assert counts(sandbox) == (1, 1, 1)


def test_a_worker_that_is_told_to_stop_meanwhile_sends_nothing(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy("block")
    generation = submit(alice, FOX)
    original = Moderations.check

    def told_to_stop(self: Moderations, *args: Any, **options: Any) -> Moderation:
        stopping.request_stop()
        return original(self, *args, **options)

    monkeypatch.setattr(Moderations, "check", told_to_stop)
    assert run.run_next(generation.pk)
    assert told(generation) == [("ready", "")]
    assert counts(sandbox) == (1, 0, 0)
    stopping.resume()
    see_through(generation)
    assert counts(sandbox) == (1, 1, 1)


def test_a_canceled_prompt_is_left_alone(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    generation = submit(alice, f"{FOX} [[moderation=503]]")
    see_through(generation)
    cancel_generation(generation)
    make_due()
    see_through(generation)
    assert told(generation) == [("canceled", "check_away")]


def test_a_picture_nobody_can_look_at_waits_for_a_person_where_findings_block(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    for name, state in (("flag", "pending"), ("block", "flagged")):
        policy(name)
        generation = submit(alice, f"{FOX} [[truncated_image]]")
        see_through(generation)
        look_at_pictures()
        assert checks(generation)[0] == ("picture", "unchecked", [], "nothing_to_check")
        image = Image.objects.get(generation=generation)
        assert (image.review_state, image.is_withheld) == (state, name == "block")


def test_an_erased_prompt_is_not_asked_about(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("flag")
    generation = submit(alice, f"{FOX} [[moderation=503]][[times=1]]")
    see_through(generation)
    Generation.objects.update(prompt="")
    make_due()
    moderation.look(of_prompt(generation).pk)
    assert checks(generation)[-1] == ("prompt", "unchecked", [], "nothing_to_check")
    assert counts(sandbox)[0] == 1


def test_patience_with_a_picture_ends_before_a_person(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, settings: Any
) -> None:
    policy("block")
    generation = submit(alice, FOX)
    see_through(generation)
    with serving(whole(b"no", status="503 Service Unavailable")) as away:
        settings.MESH_API_BASE_URL = away.url
        look_at_pictures()
        assert checks(generation)[0] == ("picture", "waiting", [], "unavailable")
        row = ModerationCheck.objects.exclude(image=None).get()
        row.created_at -= moderation.PATIENCE
        row.save(update_fields=["created_at"])
        make_due()
        look_at_pictures()
    assert checks(generation)[0] == ("picture", "unchecked", [], "unavailable")
    image = Image.objects.get()
    assert (image.review_state, image.is_withheld) == ("flagged", True)


def test_a_store_that_is_away_puts_the_picture_off(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, settings: Any, tmp_path: Any
) -> None:
    policy("block")
    generation = submit(alice, FOX)
    see_through(generation)
    (tmp_path / "file").write_text("no folder")
    settings.PICTURES_DIR = tmp_path / "file" / "pictures"
    storage.reset_store()
    look_at_pictures()
    assert checks(generation)[0] == ("picture", "waiting", [], "storage_away")
    assert Image.objects.get().is_withheld


def test_sweep_rings_for_what_is_due_and_lies_there(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy("flag")
    see_through(submit(alice, FOX))
    rung: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        bell, "ring", lambda task, ids: bool(rung.append((task, list(ids)))) or True
    )
    housekeeping.ring_checks()
    assert rung == []  # its own ring may still be on its way
    row = ModerationCheck.objects.exclude(image=None).get()
    ModerationCheck.objects.update(due_at=lifecycle.in_seconds(-5))
    housekeeping.ring_checks()
    housekeeping.ring_checks()
    assert rung == [(bell.MODERATE, [row.pk])]


def test_switched_off_what_waits_is_shown(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    generation = submit(alice, FOX)
    see_through(generation)
    policy("off")
    housekeeping.ring_checks()
    assert checks(generation)[0] == ("picture", "unchecked", [], "off")
    image = Image.objects.get()
    assert (image.review_state, image.is_withheld) == ("pending", False)
