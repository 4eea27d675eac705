"""Budgets: what they grant, take back and spend, and that they hold when all come at once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection

from generations import ledger, lifecycle
from generations.errors import BudgetExhausted
from generations.ledger import budgets
from generations.lifecycle import S
from generations.models import (
    Attempt,
    Budget,
    BudgetPeriod,
    CatalogModel,
    Generation,
    LedgerEntry,
    Reservation,
    User,
)
from tests.conftest import team_of

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def money(cents: int, user: User | None = None, **fields: object) -> Budget:
    scope = {"scope": "user", "user": user} if user else {"scope": "installation"}
    return Budget.objects.create(limit_micros=cents * 10_000, **scope | fields)


def meter(budget: Budget) -> tuple[int, int]:
    """Cents reserved and cents spent."""
    period = budget.periods.get()
    return period.reserved_micros // 10_000, period.spent_micros // 10_000


def pictures(budget: Budget) -> tuple[int, int]:
    period = budget.periods.get()
    return period.reserved_pictures, period.spent_pictures


def sent(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("w", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    return attempt


def test_a_budget_of_a_team_counts_what_is_made_for_it_alone(alice: User, submit: Submit) -> None:
    team = team_of(alice)
    whole, own = money(8, scope="team", team=team), money(100, alice)
    submit(alice)
    submit(alice, team=team, n=2)
    assert (meter(whole), meter(own)) == ((8, 0), (12, 0))
    with pytest.raises(BudgetExhausted, match="The team’s budget for this month hasn’t room"):
        submit(alice, team=team)
    assert (meter(whole), meter(own)) == ((8, 0), (12, 0))


def test_a_share_counts_one_person_in_one_team(alice: User, bob: User, submit: Submit) -> None:
    team = team_of(alice, bob)
    share = money(4, alice, scope="member", team=team)
    submit(alice)
    submit(bob, team=team)
    submit(alice, team=team)
    assert meter(share) == (4, 0)
    with pytest.raises(BudgetExhausted, match="your share of the team's budget"):
        submit(alice, team=team)


def test_a_submission_reserves_its_worst_case(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    submit(alice, n=3)
    assert (meter(budget), pictures(budget)) == ((12, 0), (3, 0))
    assert list(Reservation.objects.values_list("left_micros", flat=True)) == [880_000] * 3


def test_a_full_budget_refuses_and_keeps_nothing(alice: User, submit: Submit) -> None:
    budget = money(11, alice, span="day")
    submit(alice, n=2)
    with pytest.raises(BudgetExhausted) as refusal:
        submit(alice)
    assert refusal.value.sentence == (
        "This needs $0.04, and your budget for today has $0.03 of $0.11 left."
    )
    assert (Generation.objects.count(), Attempt.objects.count()) == (1, 2)
    assert LedgerEntry.objects.count() == 2
    assert meter(budget) == (8, 0)


def test_a_budget_in_pictures_counts_pictures(alice: User, submit: Submit) -> None:
    budget = Budget.objects.create(user=alice, limit_pictures=5)
    submit(alice, n=4)
    with pytest.raises(BudgetExhausted) as refusal:
        submit(alice, n=2)
    assert refusal.value.sentence == (
        "This needs 2 pictures, and your budget for this month has 1 of 5 left."
    )
    assert pictures(budget) == (4, 0)


def test_every_budget_of_a_person_must_have_room(alice: User, submit: Submit) -> None:
    wide, narrow = money(100, alice, span="month"), money(5)
    with pytest.raises(BudgetExhausted, match="the gallery's budget"):
        submit(alice, n=2)
    assert not BudgetPeriod.objects.exists()
    submit(alice)
    assert (meter(wide), meter(narrow)) == ((4, 0), (4, 0))


def test_a_budget_is_nobody_elses(alice: User, bob: User, submit: Submit) -> None:
    money(4, alice)
    submit(alice)
    submit(bob)
    assert BudgetPeriod.objects.count() == 1


def test_ones_own_budget_comes_instead_of_each_persons(
    alice: User, bob: User, submit: Submit
) -> None:
    each = Budget.objects.create(scope="each", limit_pictures=1)
    Budget.objects.create(user=alice, limit_pictures=3)
    submit(alice, n=3)
    submit(bob)
    with pytest.raises(BudgetExhausted):
        submit(bob)
    assert list(each.periods.values_list("user", flat=True)) == [bob.pk]


def test_what_is_canceled_is_given_back(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    lifecycle.cancel_unsent(submit(alice, n=2))
    assert (meter(budget), pictures(budget)) == ((0, 0), (0, 0))


def test_unknown_stays_reserved_until_somebody_knows(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    attempt = sent(submit(alice))
    lifecycle.declare_unknown(attempt, code="connection_lost")
    assert meter(budget) == (4, 0)
    lifecycle.move(attempt, S.RESOLVED_FREE)
    assert meter(budget) == (0, 0)


def test_charged_is_spent_at_the_price_that_is_known(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    first, second = sent(submit(alice)), sent(submit(alice))
    for attempt in (first, second):
        lifecycle.declare_unknown(attempt, code="connection_lost")
    lifecycle.move(first, S.RESOLVED_CHARGED)
    lifecycle.move(second, S.RESOLVED_CHARGED, charge_micros=70_000)
    assert meter(budget) == (0, 11)
    assert pictures(budget) == (0, 2)


def test_settling_above_the_limit_is_written_down(alice: User, submit: Submit) -> None:
    budget = money(4, alice)
    attempt = only(submit(alice))
    ledger.settle(attempt, micros=90_000, pictures=1)
    ledger.settle(attempt, micros=90_000, pictures=1)
    assert meter(budget) == (0, 9)


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def test_what_was_settled_is_not_given_back(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    attempt = only(submit(alice))
    ledger.settle(attempt, micros=40_000, pictures=1)
    ledger.release(attempt)
    assert meter(budget) == (0, 4)
    assert not attempt.ledger.filter(kind="release").exists()


def test_a_follow_up_carries_its_reservation_over(alice: User, submit: Submit) -> None:
    budget = money(4, alice)
    attempt = sent(submit(alice))
    lifecycle.move(attempt, S.REJECTED_FREE, code="rate_limited")
    following = lifecycle.follow_up(attempt, wait_seconds=0, give_up_seconds=None, state=S.READY)
    assert meter(budget) == (4, 0)
    assert list(Reservation.objects.order_by("pk").values_list("attempt", "is_open")) == [
        (attempt.pk, False),
        (following.pk, True),
    ]
    lifecycle.move(following, S.CANCELED)
    assert meter(budget) == (0, 0)


def test_a_refusal_that_used_tokens_is_settled_by_them(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    budget = money(100, alice)
    painter.prices.update(prompt_micros_per_million=500_000_000, completion_micros_per_million=0)
    attempt = sent(submit(alice))
    attempt.usage = {"prompt_tokens": 20, "completion_tokens": 0}
    lifecycle.move(attempt, S.REJECTED_FREE, code="blocked", usage=attempt.usage)
    assert meter(budget) == (0, 1)
    assert Attempt.objects.get().cost_micros == 10_000


def test_settles_in_the_period_that_granted(alice: User, submit: Submit) -> None:
    budget = money(100, alice, span="day")
    with time_machine.travel(datetime(2026, 3, 1, 23, 59, tzinfo=UTC)):
        attempt = only(submit(alice))
    with time_machine.travel(datetime(2026, 3, 2, 0, 1, tzinfo=UTC)):
        submit(alice)
        ledger.settle(attempt, micros=40_000, pictures=1)
    found = budget.periods.order_by("starts_at").values_list("reserved_micros", "spent_micros")
    assert list(found) == [(0, 40_000), (40_000, 0)]


def test_periods_begin_at_midnight_of_utc() -> None:
    now = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
    assert budgets.starts_at("day", now) == datetime(2026, 3, 14, tzinfo=UTC)
    assert budgets.starts_at("month", now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert budgets.starts_at("total", now) == budgets.LIFETIME


def test_a_changed_limit_counts_at_once(alice: User, submit: Submit) -> None:
    budget = money(4, alice)
    attempt = only(submit(alice))
    Budget.objects.update(limit_micros=80_000)
    submit(alice)
    Budget.objects.update(limit_micros=10_000)
    with pytest.raises(BudgetExhausted):
        submit(alice)
    ledger.settle(attempt, micros=40_000, pictures=1)  # a lowered limit never blocks settlement
    assert meter(budget) == (4, 4)


def test_an_unknown_price_spends_no_money_budget(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.prices.update(image_micros=None)
    money(100, alice)
    with pytest.raises(BudgetExhausted, match="can't be counted") as refusal:
        submit(alice)
    assert refusal.value.code == "price_unknown"
    assert not Generation.objects.exists()


def test_an_unknown_price_runs_where_the_setting_allows_it(
    alice: User, submit: Submit, painter: CatalogModel, settings: Any
) -> None:
    settings.UNKNOWN_PRICE = "allow"
    painter.prices.update(image_micros=None)
    budget = money(100, alice)
    submit(alice)
    assert (meter(budget), pictures(budget)) == ((0, 0), (1, 0))


def test_an_unknown_price_spends_a_budget_in_pictures(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.prices.update(image_micros=None)
    budget = Budget.objects.create(user=alice, limit_pictures=2)
    submit(alice)
    assert pictures(budget) == (1, 0)


def test_a_budget_needs_a_limit_and_its_person(alice: User) -> None:
    with pytest.raises(IntegrityError):
        Budget.objects.create(user=alice)


def test_recount_mends_counters_that_drifted(alice: User, submit: Submit) -> None:
    budget = money(100, alice)
    submit(alice, n=2)
    period = budget.periods.get()
    assert not ledger.recount(period)
    BudgetPeriod.objects.update(reserved_micros=7, spent_pictures=9)
    assert ledger.recount(period)
    assert (meter(budget), pictures(budget)) == ((8, 0), (2, 0))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_get_what_the_budget_has_and_no_more(
    alice: User, bob: User, submit: Submit
) -> None:
    budgets_of_all = [money(37 * 4, alice), money(100 * 4)]
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def hurry() -> None:
        start.wait()
        for _ in range(4):
            try:
                submit(alice)
                outcomes.append("accepted")
            except BudgetExhausted:
                outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=hurry) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("accepted"), outcomes.count("refused")) == (37, 163)
    assert [meter(budget) for budget in budgets_of_all] == [(148, 0), (148, 0)]
    assert Attempt.objects.count() == 37
    assert not Reservation.objects.filter(left_micros__lt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_a_team_and_its_people_race_for_four_budgets(
    alice: User, bob: User, carol: User, submit: Submit
) -> None:
    """Two have a budget of their own, one a share of the team's, and the team has one for all."""
    team = team_of(alice, bob, carol)
    budgets_of_all = [
        money(30 * 4, alice),
        money(10 * 4, bob, scope="member", team=team),
        money(53 * 4, scope="team", team=team),
        money(500 * 4),
    ]
    outcomes: list[str] = []
    people = [alice, bob, carol] * 16
    start = threading.Barrier(len(people))

    def hurry(person: User) -> None:
        start.wait()
        for turn in range(4):
            try:
                submit(person, team=None if person == alice and turn == 3 else team)
                outcomes.append(person.username)
            except BudgetExhausted:
                pass
        connection.close()

    threads = [threading.Thread(target=hurry, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own, share, whole, everybody = (meter(budget)[0] // 4 for budget in budgets_of_all)
    in_team = Attempt.objects.filter(team=team).count()
    assert whole == in_team == 53
    assert own == outcomes.count("alice") <= 30
    assert share == outcomes.count("bob") <= 10
    assert everybody == len(outcomes) == Attempt.objects.count()
    assert outcomes.count("alice") + outcomes.count("bob") + outcomes.count("carol") == everybody
    assert not Reservation.objects.filter(left_micros__lt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_limits_that_change_under_load_deadlock_nobody(alice: User, submit: Submit) -> None:
    """The month's period is older than the day's, although the day's budget is the older one."""
    shared, own = money(100_000, span="day"), money(100_000, alice, span="month")
    ledger.period_of(own, alice.pk)
    ledger.period_of(shared, alice.pk)
    for _ in range(40):
        submit(alice)
    todo = list(Attempt.objects.select_related("generation"))
    errors: list[Exception] = []

    def cancel() -> None:
        while todo:
            try:
                lifecycle.cancel(todo.pop())
            except (OperationalError, IndexError) as error:
                errors.append(error)
        connection.close()

    def change_and_submit() -> None:
        for cents in range(100_000, 100_010):
            try:
                Budget.objects.filter(pk=shared.pk).update(limit_micros=cents * 10_000)
                submit(alice)
            except OperationalError as error:
                errors.append(error)
        connection.close()

    works = [cancel, cancel, change_and_submit, change_and_submit]
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error for error in errors if isinstance(error, OperationalError)] == []
