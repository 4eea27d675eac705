"""The table of moves, claims and leases: who wins, and what money does."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from generations import lifecycle
from generations.lifecycle import MOVES, S
from generations.models import Attempt, AttemptState, Generation, LedgerEntry, User

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def entries(attempt: Attempt) -> list[tuple[str, int | None]]:
    rows = LedgerEntry.objects.filter(attempt=attempt).order_by("id")
    return [(row.kind, row.micros) for row in rows]


def claimed(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("worker-1", generation=generation.pk)
    assert attempt
    return attempt


def test_moves_name_every_state() -> None:
    assert set(MOVES) == set(AttemptState)


def test_a_submission_reserves_each_picture(alice: User, submit: Submit) -> None:
    generation = submit(alice, n=3)
    attempts = list(generation.attempts.order_by("first_slot"))
    assert [(a.first_slot, a.slot_count, a.state) for a in attempts] == [
        (0, 1, "ready"),
        (1, 1, "ready"),
        (2, 1, "ready"),
    ]
    assert [entries(a) for a in attempts] == [[("reserve", 40_000)]] * 3


def test_claim_takes_each_attempt_once(alice: User, submit: Submit) -> None:
    submit(alice, n=2)
    first, second = lifecycle.claim("w1"), lifecycle.claim("w2")
    assert first
    assert second
    assert first.pk != second.pk
    assert (first.state, first.worker, first.fence) == ("claimed", "w1", 1)
    assert lifecycle.claim("w3") is None


def test_claim_gives_turns_to_the_owner_with_fewest_in_flight(
    alice: User, bob: User, submit: Submit
) -> None:
    submit(alice, n=10)
    submit(bob, n=1)
    owners = [
        attempt.owner_id for attempt in (lifecycle.claim("w"), lifecycle.claim("w")) if attempt
    ]
    assert owners == [alice.pk, bob.pk]


def test_claim_leaves_what_must_wait(alice: User, submit: Submit) -> None:
    attempt = only(submit(alice))
    Attempt.objects.filter(pk=attempt.pk).update(not_before=Now() + timedelta(minutes=1))
    assert lifecycle.claim("w") is None


@pytest.mark.django_db(transaction=True)
def test_claim_by_sixteen_threads_gives_each_row_once(alice: User, submit: Submit) -> None:
    for _ in range(4):
        submit(alice, n=10)
    won: list[Attempt] = []

    def race() -> None:
        while attempt := lifecycle.claim("w"):
            won.append(attempt)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 40
    assert len({attempt.pk for attempt in won}) == 40


def test_sending_is_committed_once(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    lifecycle.mark_sending(attempt)
    sent_at = only(attempt.generation).sent_at
    with pytest.raises(lifecycle.ClaimLost):
        lifecycle.mark_sending(attempt)
    assert sent_at
    assert only(attempt.generation).sent_at == sent_at


def test_sending_fails_after_a_newer_claim(alice: User, submit: Submit) -> None:
    stale = claimed(submit(alice))
    Attempt.objects.filter(pk=stale.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert lifecycle.expire_claims() == [stale.pk]
    newer = claimed(stale.generation)
    with pytest.raises(lifecycle.ClaimLost):
        lifecycle.mark_sending(stale)
    lifecycle.mark_sending(newer)
    assert newer.fence == stale.fence + 1


def test_sending_fails_after_cancel(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    assert lifecycle.move_all(attempt.generation.attempts.all(), S.CANCELED) == [attempt.pk]
    with pytest.raises(lifecycle.ClaimLost):
        lifecycle.mark_sending(attempt)
    assert entries(attempt) == [("reserve", 40_000), ("release", 40_000)]


def test_unknown_keeps_the_money_held_and_a_late_answer_wins(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    lifecycle.mark_sending(attempt)
    assert lifecycle.declare_unknown(attempt, code="worker_lost")
    assert entries(attempt) == [("reserve", 40_000), ("hold", 40_000)]
    assert lifecycle.move(attempt, S.RECEIVED)
    assert only(attempt.generation).state == "received"


def test_sent_is_never_ready_again(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    lifecycle.mark_sending(attempt)
    assert not lifecycle.move(attempt, S.READY)
    assert not lifecycle.move(attempt, S.CANCELED)
    assert only(attempt.generation).state == "sending"


def test_lease_is_renewed_for_its_holder_alone(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    assert lifecycle.renew_leases("worker-2", [attempt.pk]) == 0
    assert lifecycle.renew_leases("worker-1", [attempt.pk]) == 1


def test_follow_up_takes_over_the_tile_and_the_money(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    lifecycle.mark_sending(attempt)
    assert lifecycle.move(attempt, S.REJECTED_FREE, code="rate_limited")
    following = lifecycle.follow_up(attempt, wait_seconds=0, give_up_seconds=60, state=S.READY)
    assert following
    assert (following.previous_id, following.tries, following.is_automatic) == (attempt.pk, 2, True)
    assert entries(attempt) == [("reserve", 40_000), ("release", 40_000)]
    assert entries(following) == [("reserve", 40_000)]
    vacant = attempt.generation.attempts.filter(is_vacant=True)
    assert [row.pk for row in vacant] == [following.pk]


def test_nothing_follows_in_a_canceled_generation(alice: User, submit: Submit) -> None:
    attempt = claimed(submit(alice))
    assert lifecycle.may_follow(attempt)
    Generation.objects.update(cancel_requested_at=Now())
    assert not lifecycle.may_follow(attempt)


def test_cancel_reaches_what_moved_to_held_meanwhile(alice: User, submit: Submit) -> None:
    generation = submit(alice)
    stale = only(generation)
    lifecycle.move(stale, S.HELD, code="rate_limited")
    Attempt.objects.update(fence=7)
    lifecycle.cancel_unsent(generation)
    assert only(generation).state == "canceled"


def test_lease_renewed_just_now_keeps_a_call_from_being_declared_lost(
    alice: User, submit: Submit
) -> None:
    attempt = claimed(submit(alice))
    lifecycle.mark_sending(attempt)
    assert not lifecycle.declare_unknown(attempt, code="worker_lost", if_expired=True)
    assert only(attempt.generation).state == "sending"


def test_waiting_beyond_its_patience_ends_as_not_charged(alice: User, submit: Submit) -> None:
    attempt = only(submit(alice))
    Attempt.objects.filter(pk=attempt.pk).update(give_up_at=Now() - timedelta(seconds=1))
    assert lifecycle.give_up_waiting() == [attempt.pk]
    assert only(attempt.generation).state == "rejected_free"
    assert entries(attempt) == [("reserve", 40_000), ("release", 40_000)]
