"""Gates: who waits, who is let through to find out, and when everybody may go again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F
from django.db.models.functions import Now

from generations import lifecycle
from generations.lifecycle import S, gates
from generations.models import Attempt, Gate, Generation, User

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def states() -> dict[str, int]:
    found = list(Attempt.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def let_time_pass(seconds: float) -> None:
    """The gate's dates lie further back, as they would after so long."""
    gate = Gate.objects.get()
    for name in ("closed_until", "closed_at", "probed_at"):
        if getattr(gate, name):
            setattr(gate, name, getattr(gate, name) - timedelta(seconds=seconds))
    gate.save()


def close(seconds: float = 60) -> None:
    lifecycle.close_gate("account", seconds=seconds, reason="rate_limited")


def probe() -> Attempt:
    """The attempt that goes through the closed gate, as it is being sent."""
    attempt = lifecycle.claim("w")
    assert attempt
    assert attempt.is_probe
    lifecycle.mark_sending(attempt)
    return attempt


def hold_and_let_one_try() -> None:
    """What waits is held at the closed gates; then their time is over, and one is tried."""
    lifecycle.claim("w")
    let_time_pass(61)
    lifecycle.probe_due_gates()


def taken(attempt: Attempt, *, after_seconds: float = 0) -> list[UUID]:
    """The provider answers it with 200; who may go now."""
    lifecycle.mark_accepted(attempt, status=200, request_id="")
    row = Attempt.objects.filter(pk=attempt.pk)
    row.update(accepted_at=F("accepted_at") + timedelta(seconds=after_seconds))
    return lifecycle.let_others_follow(attempt)


def test_closed_gate_holds_everybody_until_it_opens(alice: User, bob: User, submit: Submit) -> None:
    submit(alice)
    lifecycle.close_gate("account", seconds=60, reason="unauthorized", message="bad key")
    submit(bob)
    assert lifecycle.claim("w") is None
    rows = Attempt.objects.values_list("state", "code", "message")
    assert set(rows) == {("held", "unauthorized", "bad key")}
    until = Gate.objects.get().closed_until
    assert {row.not_before for row in Attempt.objects.all()} == {until}
    lifecycle.open_gate("account")
    assert {row.state for row in Attempt.objects.all()} == {"ready"}
    assert lifecycle.claim("w")


def test_closed_model_gate_leaves_other_models_alone(alice: User, submit: Submit) -> None:
    held, free = submit(alice), submit(alice)
    Generation.objects.filter(pk=free.pk).update(model_id="vertex/imagen-3")
    lifecycle.close_gate("model:openai/gpt-image-1", seconds=60, reason="rate_limited")
    attempt = lifecycle.claim("w")
    assert attempt
    assert attempt.generation_id == free.pk
    assert only(held).state == "held"


def test_gate_keeps_the_later_of_two_times(db: None) -> None:
    lifecycle.close_gate("account", seconds=600, reason="rate_limited")
    until = Gate.objects.get().closed_until
    lifecycle.close_gate("account", seconds=5, reason="rate_limited")
    assert Gate.objects.get().closed_until == until


def test_no_probe_before_the_time_is_over(alice: User, submit: Submit) -> None:
    close()
    submit(alice)
    assert lifecycle.claim("w") is None
    assert lifecycle.probe_due_gates() == []


def test_one_probe_goes_when_the_time_is_over(alice: User, submit: Submit) -> None:
    close()
    submit(alice, n=5)
    lifecycle.claim("w")
    let_time_pass(61)
    assert lifecycle.release_held() == []
    assert len(lifecycle.probe_due_gates()) == 1
    assert lifecycle.probe_due_gates() == []
    submit(alice)
    assert probe()
    assert lifecycle.claim("w") is None
    assert states() == {"held": 5, "sending": 1}


def test_each_that_is_taken_lets_the_next_one_go(alice: User, submit: Submit) -> None:
    close()
    submit(alice, n=4)
    hold_and_let_one_try()
    for left in (2, 1):
        assert len(taken(probe())) == 1
        assert states()["held"] == left
    taken(probe())
    assert Gate.objects.get().is_closed
    assert taken(probe()) == []
    assert not Gate.objects.get().is_closed


def test_one_that_ended_before_its_beginning_was_noted_lets_others_go(
    alice: User, submit: Submit
) -> None:
    close()
    submit(alice, n=4)
    hold_and_let_one_try()
    assert len(lifecycle.let_others_follow(probe())) == 2


def test_one_that_is_taken_slowly_lets_two_go(alice: User, submit: Submit) -> None:
    close()
    submit(alice, n=10)
    hold_and_let_one_try()
    assert len(taken(probe(), after_seconds=20)) == 2
    assert states() == {"accepted": 1, "held": 7, "ready": 2}


def test_a_refused_probe_keeps_the_gate_closed_for_the_new_time(
    alice: User, submit: Submit
) -> None:
    close()
    submit(alice, n=2)
    hold_and_let_one_try()
    refused = probe()
    close(3)
    lifecycle.move(refused, S.REJECTED_FREE, code="rate_limited")
    assert lifecycle.probe_due_gates() == []
    let_time_pass(4)
    assert len(lifecycle.probe_due_gates()) == 1


def test_a_probe_sent_before_the_gate_closed_anew_lets_nobody_follow(
    alice: User, submit: Submit
) -> None:
    close()
    submit(alice, n=3)
    hold_and_let_one_try()
    early = probe()
    Attempt.objects.filter(pk=early.pk).update(sent_at=Now() - timedelta(seconds=2))
    close(3)
    assert taken(early) == []
    assert states() == {"held": 2, "accepted": 1}


def test_a_probe_that_tells_nothing_is_followed_by_another(alice: User, submit: Submit) -> None:
    close()
    submit(alice, n=2)
    hold_and_let_one_try()
    lifecycle.declare_unknown(probe(), code="connection_lost")
    assert lifecycle.probe_due_gates() == []
    let_time_pass(31)
    assert len(lifecycle.probe_due_gates()) == 1


def test_a_gate_that_nobody_waits_at_opens_when_its_time_is_over(db: None) -> None:
    close()
    let_time_pass(61)
    lifecycle.probe_due_gates()
    assert not Gate.objects.get().is_closed


def let_it_be_over() -> None:
    """As `let_time_pass`; `closed_at` stays as the database wrote it, as it does in life."""
    Gate.objects.update(closed_until=Now() - timedelta(seconds=1))


def test_a_gate_with_the_databases_own_date_opens_when_nobody_waits(db: None) -> None:
    close()
    let_it_be_over()
    lifecycle.probe_due_gates()
    assert not Gate.objects.get().is_closed


def test_a_gate_with_the_databases_own_date_opens_behind_its_last_probe(
    alice: User, submit: Submit
) -> None:
    submit(alice)
    close()
    let_it_be_over()
    lifecycle.probe_due_gates()
    last = probe()
    Attempt.objects.filter(pk=last.pk).update(sent_at=Now() + timedelta(seconds=1))
    assert taken(last, after_seconds=2) == []
    assert not Gate.objects.get().is_closed


def test_a_gate_closed_by_hand_is_not_probed(alice: User, submit: Submit) -> None:
    lifecycle.close_gate("account", seconds=None, reason="paused")
    submit(alice)
    assert lifecycle.claim("w") is None
    assert lifecycle.probe_due_gates() == []
    lifecycle.open_gate("account")
    assert lifecycle.claim("w")


def test_the_probe_is_of_whoever_has_the_turn(alice: User, bob: User, submit: Submit) -> None:
    submit(alice)
    lifecycle.claim("w")
    close()
    submit(alice, n=3)
    submit(bob)
    hold_and_let_one_try()
    assert probe().owner_id == bob.pk


def test_a_probe_of_the_account_is_none_that_its_model_holds_back(
    alice: User, submit: Submit
) -> None:
    submit(alice)
    other = submit(alice)
    Generation.objects.filter(pk=other.pk).update(model_id="vertex/imagen-3")
    close()
    lifecycle.close_gate("model:openai/gpt-image-1", seconds=None, reason="paused")
    lifecycle.claim("w")
    past = Now() - timedelta(seconds=1)
    Gate.objects.filter(name="account").update(closed_until=past)
    lifecycle.probe_due_gates()
    assert probe().generation_id == other.pk


def let_probe_through(alice: User, submit: Submit, *, n: int = 5) -> None:
    close()
    submit(alice, n=n)
    lifecycle.claim("w")
    let_time_pass(61)
    assert len(lifecycle.probe_due_gates()) == 1


def test_no_probe_goes_through_a_gate_that_is_closed_by_hand(alice: User, submit: Submit) -> None:
    let_probe_through(alice, submit)
    lifecycle.close_gate("account", seconds=None, reason="paused")
    assert lifecycle.claim("w") is None


def test_nobody_follows_a_probe_through_a_gate_that_is_closed_by_hand(
    alice: User, submit: Submit
) -> None:
    let_probe_through(alice, submit)
    attempt = probe()
    lifecycle.close_gate("account", seconds=None, reason="paused")
    Gate.objects.update(closed_at=Now() - timedelta(seconds=2))
    assert taken(attempt) == []
    assert Gate.objects.get().is_closed


def test_a_gate_that_was_closed_a_moment_ago_is_not_opened_by_an_old_look(
    alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_probe_through(alice, submit, n=1)
    attempt = probe()
    real = gates._let_through

    def late(*args: Any, **options: Any) -> list[UUID]:
        lifecycle.close_gate("account", seconds=None, reason="paused")
        return real(*args, **options)

    monkeypatch.setattr(gates, "_let_through", late)
    taken(attempt)
    assert Gate.objects.get().is_closed


def test_a_probe_that_could_not_be_sent_is_in_line_like_the_others(
    alice: User, submit: Submit
) -> None:
    let_probe_through(alice, submit)
    attempt = lifecycle.claim("w")
    assert attempt
    lifecycle.put_back(attempt, wait_seconds=0, give_up_seconds=None, code="dns")
    assert lifecycle.claim("w") is None
    assert states() == {"held": 5}


def test_a_pass_is_good_for_one_closing(alice: User, submit: Submit) -> None:
    let_probe_through(alice, submit, n=2)
    lifecycle.open_gate("account")
    lifecycle.close_gate("account", seconds=3600, reason="no_balance")
    assert lifecycle.claim("w") is None


def test_a_model_gate_does_not_open_unproved_while_the_account_is_closed(
    alice: User, submit: Submit
) -> None:
    submit(alice, n=3)
    lifecycle.close_gate("model:openai/gpt-image-1", seconds=60, reason="rate_limited")
    lifecycle.close_gate("account", seconds=None, reason="paused")
    Gate.objects.filter(name__startswith="model").update(closed_until=Now() - timedelta(seconds=1))
    assert lifecycle.probe_due_gates() == []
    assert Gate.objects.get(name__startswith="model").is_closed


def test_a_proved_gate_opens_although_another_still_holds_some(alice: User, submit: Submit) -> None:
    submit(alice)
    other = submit(alice)
    Generation.objects.filter(pk=other.pk).update(model_id="vertex/imagen-3")
    close()
    lifecycle.close_gate("model:openai/gpt-image-1", seconds=None, reason="paused")
    lifecycle.claim("w")
    Gate.objects.filter(name="account").update(
        closed_until=Now() - timedelta(seconds=1), closed_at=Now() - timedelta(seconds=2)
    )
    lifecycle.probe_due_gates()
    taken(probe())
    assert list(Gate.objects.filter(is_closed=True).values_list("reason", flat=True)) == ["paused"]
