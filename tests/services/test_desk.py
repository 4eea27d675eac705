"""What an operator decides about calls: once each, on record, and with their owner's money."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.utils import timezone

from generations import lifecycle
from generations.errors import NotAllowed
from generations.models import (
    Attempt,
    AttemptState,
    Budget,
    BudgetPeriod,
    CatalogModel,
    Generation,
    Price,
    User,
)
from generations.queries.desk_again import Plan, plan_for
from generations.services.desk import resolve_unknowns, run_safe_ones
from generations.services.gate import close_gate, open_gate
from generations.services.generation import run_again

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
S = AttemptState


@pytest.fixture
def olga(db: None) -> User:
    """An operator."""
    return User.objects.create_superuser("olga")


@pytest.fixture
def rita(db: None) -> User:
    """Staff who may only look."""
    return User.objects.create_user("rita", is_staff=True)


def rows(generation: Generation) -> list[Attempt]:
    found = generation.attempts.select_related("generation", "owner")
    return list(found.order_by("first_slot"))


def lose(generation: Generation) -> list[Attempt]:
    """Each of its calls was sent, and its answer lost."""
    for _ in rows(generation):
        attempt = lifecycle.claim("w", generation=generation.pk)
        assert attempt
        lifecycle.mark_sending(attempt)
        lifecycle.declare_unknown(attempt, code="connection_lost")
    return rows(generation)


def refuse(generation: Generation, code: str = "dns", **fields: Any) -> list[Attempt]:
    """None of its calls left this machine."""
    for attempt in rows(generation):
        lifecycle.move(attempt, S.REJECTED_FREE, code=code, **fields)
    return rows(generation)


def reasons(plan: Plan) -> list[tuple[str, int]]:
    return list(plan.left_out)


def records() -> list[tuple[str, str]]:
    found = LogEntry.objects.order_by("pk").values_list("user__username", "change_message")
    return list(found)


def test_resolved_as_charged_is_spent_in_its_owners_budget(
    olga: User, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    attempts = lose(submit(alice, n=2))
    assert resolve_unknowns(olga, attempts, is_charged=True) == 2
    period = BudgetPeriod.objects.get()
    assert (period.spent_micros, period.reserved_micros) == (80_000, 0)
    assert records() == [("olga", "Resolved as charged.")] * 2


def test_resolved_as_free_gives_the_reservation_back(
    olga: User, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    attempts = lose(submit(alice))
    assert resolve_unknowns(olga, attempts, is_charged=False) == 1
    period = BudgetPeriod.objects.get()
    assert (period.spent_micros, period.reserved_micros) == (0, 0)


def test_what_is_resolved_stays_so(olga: User, alice: User, submit: Submit) -> None:
    attempts = lose(submit(alice))
    resolve_unknowns(olga, attempts, is_charged=True)
    assert resolve_unknowns(olga, attempts, is_charged=False) == 0
    assert [each.state for each in Attempt.objects.all()] == ["resolved_charged"]
    assert len(records()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_settle_each_call_once(
    olga: User, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    attempts = lose(submit(alice, n=4))
    done: list[int] = []
    begin = threading.Barrier(2)

    def decide(is_charged: bool) -> None:
        begin.wait()
        done.append(resolve_unknowns(olga, attempts, is_charged=is_charged))
        connection.close()

    threads = [threading.Thread(target=decide, args=[each]) for each in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(done) == 4
    charged = Attempt.objects.filter(state=S.RESOLVED_CHARGED).count()
    period = BudgetPeriod.objects.get()
    assert (period.spent_micros, period.reserved_micros) == (charged * 40_000, 0)
    assert LogEntry.objects.count() == 4


def test_staff_without_the_right_change_nothing(rita: User, alice: User, submit: Submit) -> None:
    attempts = lose(submit(alice))
    with pytest.raises(NotAllowed):
        resolve_unknowns(rita, attempts, is_charged=False)
    with pytest.raises(NotAllowed):
        run_safe_ones(rita, plan_for(attempts))
    with pytest.raises(NotAllowed):
        close_gate(rita, "account", message="Back at three.")
    assert Attempt.objects.get().state == S.UNKNOWN
    assert lifecycle.closed_gates() == []
    assert records() == []


def test_safe_ones_run_again_out_of_their_owners_budget(
    olga: User, alice: User, bob: User, submit: Submit
) -> None:
    attempts = refuse(submit(alice, n=2)) + refuse(submit(bob))
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    plan = plan_for(attempts)
    assert (plan.pictures_text, plan.micros, reasons(plan)) == ("3 pictures", 120_000, [])
    assert run_safe_ones(olga, plan).done == 3
    made = Generation.objects.exclude(parent=None)
    assert sorted(made.values_list("owner__username", "n")) == [("alice", 1)] * 2 + [("bob", 1)]
    assert BudgetPeriod.objects.get().reserved_micros == 80_000
    assert {text[:12] for _, text in records()} == {"Run again as"}


def test_the_same_call_is_run_again_once(olga: User, alice: User, submit: Submit) -> None:
    attempts = refuse(submit(alice, n=2))
    plan = plan_for(attempts)
    run_safe_ones(olga, plan)
    run_safe_ones(olga, plan)  # an old page
    assert Generation.objects.exclude(parent=None).count() == 2
    assert reasons(plan_for(attempts)) == [("it has been run again already", 2)]


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_run_each_call_once(olga: User, alice: User, submit: Submit) -> None:
    plan = plan_for(refuse(submit(alice, n=3)))
    begin = threading.Barrier(2)

    def act() -> None:
        begin.wait()
        run_safe_ones(olga, plan)
        connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Generation.objects.exclude(parent=None).count() == 3


def test_a_small_budget_stops_the_rest_and_says_why(
    olga: User, alice: User, submit: Submit
) -> None:
    attempts = refuse(submit(alice, n=3))
    Budget.objects.create(user=alice, limit_micros=90_000)
    ran = run_safe_ones(olga, plan_for(attempts))
    assert ran.done == 2
    assert ran.refusals == [
        ("This needs $0.04, and your budget for this month has $0.01 of $0.09 left.", 1)
    ]


def test_only_what_provably_cost_nothing_is_safe(alice: User, submit: Submit) -> None:
    lost = lose(submit(alice))
    (paid,) = refuse(submit(alice))
    paid.cost_micros = 11
    blocked = refuse(submit(alice), "blocked")
    dismissed = refuse(submit(alice), is_vacant=False)
    plan = plan_for([*lost, paid, *blocked, *dismissed])
    assert plan.attempts == []
    assert reasons(plan) == [
        ("it may have been charged", 2),
        ("the provider refused the wish itself", 1),
        ("its owner gave it up", 1),
    ]


def test_what_its_owner_ran_again_is_left_alone(alice: User, submit: Submit) -> None:
    generation = submit(alice)
    attempts = refuse(generation)
    run_again(alice, generation, submit_token="of-alices-own")
    assert reasons(plan_for(attempts)) == [("it has been run again already", 1)]


def test_what_nobody_can_price_or_use_is_left_out(
    alice: User, bob: User, submit: Submit, painter: CatalogModel
) -> None:
    attempts = refuse(submit(alice))
    Price.objects.create(model=painter, image_micros=None, starts_at=timezone.now())
    Price.objects.filter(image_micros__isnull=False).delete()
    assert reasons(plan_for(attempts)) == [("nobody knows beforehand what it would cost", 1)]
    CatalogModel.objects.update(is_enabled=False)
    assert reasons(plan_for(attempts)) == [("its model is not available", 1)]
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert reasons(plan_for(rows(attempts[0].generation))) == [
        ("its owner can’t sign in any more", 1)
    ]


def test_pausing_and_opening_are_on_record(olga: User, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    close_gate(olga, "account", message="Back at three.")
    assert rows(generation)[0].state == S.HELD
    (gate,) = lifecycle.closed_gates()
    assert (gate.reason, gate.message, gate.closed_until) == ("paused", "Back at three.", None)
    open_gate(olga, gate)
    assert rows(generation)[0].state == S.READY
    assert records() == [("olga", "Paused: Back at three."), ("olga", "Opened.")]
