"""The meter: what was spent, what is held, and what would not fit."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generations import lifecycle
from generations.ledger import settle
from generations.models import Budget, BudgetPeriod, CatalogModel, Generation, User
from generations.queries.spending import spending_of
from tests.views.test_poll import token_on

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
HTMX = {"HX-Request": "true"}


def spend(generation: Generation) -> None:
    """One of its pictures is there and paid."""
    attempt = generation.attempts.order_by("first_slot")[0]
    settle(attempt, micros=40_000, pictures=1)


def test_nobody_without_a_budget_has_a_meter(
    alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Budget.objects.create(user=bob, limit_pictures=1)
    spending_of(bob)  # whom budgets concern is known for two seconds from here
    with django_assert_num_queries(0):
        spending = spending_of(alice)
    assert (spending.meter, spending.shortage(None, 10)) == (None, "")


def test_meter_tells_spent_and_held_apart(
    alice: User, submit: Submit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    with time_machine.travel(datetime(2026, 12, 30, 12, tzinfo=UTC)):
        spend(submit(alice, n=3))
        spending_of(alice)
        with django_assert_num_queries(1):
            meter = spending_of(alice).meter
    assert meter
    assert (meter.text, meter.span) == ("$0.12 of $1.00", "this month")
    assert (meter.spent, meter.used, meter.tone) == (4, 12, "plain")
    assert meter.title == (
        "Spent $0.04, $0.08 held for what is on its way; $0.88 of $1.00 left this month."
        " It begins anew on 1 January, UTC."
    )


@pytest.mark.parametrize(
    ("span", "title"),
    [
        ("day", "Spent 0; 5 of 5 pictures left today. It begins anew on 1 March, UTC."),
        ("month", "Spent 0; 5 of 5 pictures left this month. It begins anew on 1 March, UTC."),
        ("total", "Spent 0; 5 of 5 pictures left in all."),
    ],
)
def test_meter_says_when_it_begins_anew(alice: User, span: str, title: str) -> None:
    Budget.objects.create(user=alice, limit_pictures=5, span=span)
    with time_machine.travel(datetime(2028, 2, 29, 23, 59, tzinfo=UTC)):
        meter = spending_of(alice).meter
    assert meter
    assert (meter.text, meter.title) == ("0 of 5 pictures", title)


def test_meter_is_of_the_tightest_limit(alice: User, bob: User, submit: Submit) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000, limit_pictures=4, span="day")
    Budget.objects.create(scope="installation", limit_pictures=5)
    submit(alice, n=2)
    assert meter_text(alice) == "2 of 4 pictures"
    submit(bob, n=2)
    assert meter_text(alice) == "Everybody: 4 of 5 pictures"


def meter_text(user: User) -> str:
    meter = spending_of(user).meter
    assert meter
    return meter.text


def test_last_months_spending_counts_no_more(alice: User, submit: Submit) -> None:
    Budget.objects.create(user=alice, limit_pictures=4)
    submit(alice, n=4)
    BudgetPeriod.objects.update(starts_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert meter_text(alice) == "0 of 4 pictures"


def test_full_and_empty_limits_are_full(alice: User) -> None:
    Budget.objects.create(user=alice, limit_pictures=0)
    meter = spending_of(alice).meter
    assert meter
    assert (meter.text, meter.used, meter.tone) == ("0 of 0 pictures", 100, "full")


@pytest.mark.parametrize(
    ("each", "pictures", "setting", "shortage"),
    [
        (40_000, 2, "ask", ""),
        (40_000, 3, "ask", "Your budget for this month has $0.10 of $0.10 left."),
        (0, 5, "ask", "The gallery’s budget for today has 4 of 4 pictures left."),
        (None, 1, "ask", "Your budget counts money, and this model’s price isn’t known."),
        (None, 4, "allow", ""),
        (None, 5, "allow", "The gallery’s budget for today has 4 of 4 pictures left."),
    ],
)
def test_shortage_is_told_before_sending(
    alice: User, settings: Any, each: int | None, pictures: int, setting: str, shortage: str
) -> None:
    settings.UNKNOWN_PRICE = setting
    Budget.objects.create(user=alice, limit_micros=100_000)
    Budget.objects.create(scope="installation", limit_pictures=4, span="day")
    total = None if each is None else each * pictures
    assert spending_of(alice).shortage(total, pictures) == shortage


def test_form_says_beside_the_price_what_does_not_fit(
    as_alice: Client, alice: User, painter: CatalogModel
) -> None:
    Budget.objects.create(user=alice, limit_micros=100_000)
    said = "Your budget for this month has $0.10 of $0.10 left."
    fits, short = (
        as_alice.get("/composer/", {"n": n}, headers=HTMX).content.decode() for n in ("2", "3")
    )
    assert said not in fits
    assert said in short
    assert said not in as_alice.get("/").content.decode()


def test_submission_answers_the_meter_anew(
    as_alice: Client, alice: User, painter: CatalogModel
) -> None:
    Budget.objects.create(user=alice, limit_micros=100_000)
    assert "$0.00 of $0.10" in as_alice.get("/").content.decode()
    html = as_alice.post(
        "/generations/", {"prompt": "a fox", "n": "2", "submit_token": "a" * 20}, headers=HTMX
    ).content.decode()
    assert '<div class="meter num" id="meter" hx-swap-oob="true">' in html
    assert "$0.08 of $0.10" in html
    assert "Your budget for this month has $0.02 of $0.10 left." in html


@pytest.mark.django_db(transaction=True)
def test_poll_brings_the_meter_when_something_ended(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    Budget.objects.create(user=alice, limit_micros=100_000)
    generation = submit(alice, n=2)
    token = token_on(as_alice)
    attempt = lifecycle.claim("w")
    assert attempt
    working = as_alice.get("/poll/", {"token": token})
    assert 'id="meter"' not in working.content.decode()
    assert "HX-Trigger" not in working
    lifecycle.cancel(generation.attempts.order_by("-first_slot")[0])
    ended = as_alice.get("/poll/", {"token": token})
    assert "$0.04 of $0.10" in ended.content.decode()
    assert ended["HX-Trigger"] == "money-moved"


def test_a_page_asks_once_more_for_a_person_with_budgets(
    as_alice: Client, alice: User, painter: CatalogModel, django_assert_max_num_queries: Any
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(12) as captured:
            as_alice.get("/")
        return len(captured)

    count()  # what a process looks up once
    without = count()
    Budget.objects.create(user=alice, limit_micros=100_000)
    Budget.objects.create(scope="each", limit_pictures=100, span="day")
    count()
    assert count() == without + 1
