"""How many of a team's calls may be under way at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from generations import bell, lifecycle
from generations.lifecycle import S, claims
from generations.models import Attempt, Gate, Generation, Team, User
from generations.pipeline import housekeeping
from generations.queries.gallery import cards_of
from tests.conftest import team_of

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


@pytest.fixture
def pair(alice: User, bob: User) -> Team:
    """A team that draws two at once."""
    return team_of(alice, bob, most_at_once=2)


def claim_all() -> list[Attempt]:
    claimed = []
    while attempt := lifecycle.claim("w"):
        claimed.append(attempt)
    return claimed


def test_a_full_team_waits_and_holds_up_nobody_else(
    alice: User, bob: User, submit: Submit, pair: Team
) -> None:
    submit(alice, n=5, team=pair)
    submit(alice, n=2)
    submit(bob, n=1, team=team_of(bob, name="Day shift"))
    claimed = claim_all()
    assert sorted(str(each.team) for each in claimed) == [
        *("Day shift", "Night shift", "Night shift", "None", "None")
    ]


def test_a_place_is_free_when_the_answer_is_here(alice: User, submit: Submit, pair: Team) -> None:
    submit(alice, n=4, team=pair)
    first, _ = claim_all()
    lifecycle.mark_sending(first)
    lifecycle.mark_accepted(first, status=200, request_id="r")
    assert claim_all() == []
    assert lifecycle.move(first, S.RECEIVED)
    assert len(claim_all()) == 1


@pytest.mark.django_db(transaction=True)
def test_an_end_rings_for_the_next_alone(
    alice: User, submit: Submit, pair: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(alice, n=4, team=pair)
    first, second = claim_all()
    waiting = Attempt.objects.filter(state="ready").order_by("created_at", "first_slot")
    rung: list[list[object]] = []
    monkeypatch.setattr(bell, "ring", lambda task, ids: rung.append([task, *ids]))
    lifecycle.mark_sending(first)
    assert rung == []
    lifecycle.declare_unknown(first, code="worker_lost")
    assert [(len(each), each[0]) for each in rung] == [(2, bell.RUN_ATTEMPT)]
    assert rung[0][1] in set(waiting.values_list("pk", flat=True))
    assert lifecycle.cancel(waiting[0])  # frees nothing
    assert len(rung) == 1
    assert lifecycle.cancel(second)
    assert len(rung) == 2


def test_the_sweeper_rings_for_nobody_who_has_no_place(
    alice: User, submit: Submit, pair: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(alice, n=4, team=pair)
    claim_all()
    Attempt.objects.update(rung_at=None)
    rung: list[object] = []
    monkeypatch.setattr(bell, "ring", lambda task, ids: rung.extend(ids))
    housekeeping.ring_ready()
    assert rung == []
    Team.objects.filter(pk=pair.pk).update(most_at_once=None)
    housekeeping.ring_ready()
    assert len(rung) == 2


def test_a_lower_limit_holds_for_what_comes(alice: User, submit: Submit, pair: Team) -> None:
    submit(alice, n=4, team=pair)
    first, second = claim_all()
    Team.objects.filter(pk=pair.pk).update(most_at_once=1)
    lifecycle.cancel(first)
    assert claim_all() == []
    lifecycle.cancel(second)
    assert len(claim_all()) == 1


def test_a_full_team_is_not_asked_to_try_a_gate(
    alice: User, bob: User, submit: Submit, pair: Team
) -> None:
    """It couldn't go, and the gate would stay closed to everybody."""
    submit(alice, n=3, team=pair)
    claim_all()
    submit(bob)
    lifecycle.close_gate(lifecycle.ACCOUNT_GATE, seconds=-1, reason="rate_limited")
    (probe,) = lifecycle.probe_due_gates()
    assert Attempt.objects.get(pk=probe).owner == bob


def test_a_gate_stays_closed_while_only_a_full_team_waits(
    alice: User, submit: Submit, pair: Team
) -> None:
    submit(alice, n=3, team=pair)
    claim_all()
    lifecycle.close_gate(lifecycle.ACCOUNT_GATE, seconds=-1, reason="rate_limited")
    assert len(lifecycle.probe_due_gates()) == 1
    assert Gate.objects.get().is_closed


@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_never_exceed_it(alice: User, bob: User, submit: Submit) -> None:
    team = team_of(alice, bob, most_at_once=3)
    for owner in (alice, bob):
        submit(owner, n=10, team=team)
    start = threading.Barrier(16)
    won: list[Attempt] = []

    def work() -> None:
        start.wait()
        while attempt := claims._claim("w", None):  # without this process's own queue
            won.append(attempt)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 3
    assert Attempt.objects.filter(state="claimed").count() == 3


def test_the_tile_says_whose_turn_it_waits_for(alice: User, submit: Submit, pair: Team) -> None:
    generation = submit(alice, team=pair)
    (card,) = cards_of(generation, alice)
    assert (card.title, card.sentence) == ("Waiting", "It starts as soon as its team has a turn.")


def test_why_it_waited_is_forgotten_when_it_goes(alice: User, submit: Submit) -> None:
    """A picture that is being saved doesn't say that the provider couldn't be reached."""
    generation = submit(alice)
    (attempt,) = claim_all()
    lifecycle.put_back(attempt, wait_seconds=0, give_up_seconds=60, code="dns")
    (attempt,) = claim_all()
    lifecycle.mark_sending(attempt)
    lifecycle.move(attempt, S.RECEIVED)
    (card,) = cards_of(generation, alice)
    assert card.title == "Saving"
