"""What a person reads when a budget of theirs is nearly used up, and when it is."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from generations.ledger import settle
from generations.models import Budget, DismissedNotice, Generation, User
from generations.queries.spending import spending_of

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
HTMX = {"HX-Request": "true"}
NOVEMBER, DECEMBER = (datetime(2026, month, 12, tzinfo=UTC) for month in (11, 12))
NEARLY = (
    "Your budget for this month is nearly used up: $0.04 of $0.20 left."
    " It begins anew on 1 December, UTC."
)


@pytest.fixture(autouse=True)
def in_november() -> Any:
    with time_machine.travel(NOVEMBER) as traveller:
        yield traveller


@pytest.fixture
def budget(alice: User) -> Budget:
    return Budget.objects.create(user=alice, limit_micros=200_000)


def notices(html: str) -> list[str]:
    begin = html.partition('id="budget-notices"')[2].partition("</div></div>")[0]
    lines = re.findall(r"<p><strong>(.*?)</strong>(.*?)</p>", begin)
    return [f"{title}{text}" for title, text in lines]


def on_page(client: Client, path: str = "/albums/") -> list[str]:
    return notices(client.get(path).content.decode())


def dismiss(client: Client, budget: Budget, **fields: str) -> Any:
    return client.post("/usage/dismiss/", {"budget": str(budget.pk), "is_money": "1"} | fields)


@pytest.mark.parametrize("path", ["/", "/albums/", "/usage/"])
def test_nearly_used_up_is_told_from_80_percent_on(
    as_alice: Client, alice: User, budget: Budget, submit: Submit, path: str
) -> None:
    submit(alice, n=3)
    assert on_page(as_alice, path) == []
    submit(alice)
    assert on_page(as_alice, path) == [NEARLY]
    assert as_alice.get(path).content.decode().count("Dismiss</button>") == 1


def test_meter_warns_from_80_percent_on(alice: User, budget: Budget, submit: Submit) -> None:
    tones = []
    for _ in range(5):
        submit(alice)
        meter = spending_of(alice).meter
        tones.append(meter.tone if meter else "")
    assert tones == ["plain", "plain", "plain", "near", "full"]


def test_used_up_is_told_and_stays(
    as_alice: Client, alice: User, budget: Budget, submit: Submit
) -> None:
    submit(alice, n=5)
    assert on_page(as_alice) == [
        "Your budget for this month is used up. Nothing is left of $0.20, with what is on its way."
        " It begins anew on 1 December, UTC."
    ]
    assert "Dismiss" not in as_alice.get("/albums/").content.decode()
    assert dismiss(as_alice, budget).status_code == 404


def test_a_budget_without_a_period_says_who_can_help(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_pictures=2, span="total")
    submit(alice, n=2)
    assert on_page(as_alice) == [
        "Your budget is used up. Nothing is left of 2 pictures, with what is on its way."
        " Whoever runs this site can raise it."
    ]


def test_dismissed_is_for_this_period_alone(
    as_alice: Client, alice: User, budget: Budget, submit: Submit
) -> None:
    attempts = submit(alice, n=4).attempts.all()
    response = dismiss(as_alice, budget, next="/albums/")
    assert (response.status_code, response["Location"]) == (303, "/albums/")
    assert on_page(as_alice) == []
    for attempt in attempts:
        settle(attempt, micros=40_000, pictures=1)
    assert on_page(as_alice) == []
    with time_machine.travel(DECEMBER):
        as_alice.force_login(alice)
        submit(alice, n=4)
        assert on_page(as_alice) == [NEARLY.replace("1 December", "1 January")]
        dismiss(as_alice, budget)
        assert on_page(as_alice) == []
    assert DismissedNotice.objects.count() == 1


def test_dismissed_comes_back_when_all_is_used_up(
    as_alice: Client, alice: User, budget: Budget, submit: Submit
) -> None:
    submit(alice, n=4)
    dismiss(as_alice, budget)
    dismiss(as_alice, budget)  # from another tab
    submit(alice)
    (line,) = on_page(as_alice)
    assert line.startswith("Your budget for this month is used up.")


def test_money_and_pictures_are_dismissed_one_by_one(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    both = Budget.objects.create(user=alice, limit_micros=200_000, limit_pictures=5)
    submit(alice, n=4)
    assert len(on_page(as_alice)) == 2
    dismiss(as_alice, both)
    (left,) = on_page(as_alice)
    assert "1 of 5 pictures left" in left


def test_everybodys_budget_is_dismissed_by_each(
    as_alice: Client, as_carol: Client, alice: User, submit: Submit
) -> None:
    shared = Budget.objects.create(scope="installation", limit_micros=200_000)
    submit(alice, n=4)
    dismiss(as_alice, shared)
    assert on_page(as_alice) == []
    assert on_page(as_carol) == [NEARLY.replace("Your", "The gallery’s")]


def test_notices_of_others_are_not_there(
    as_carol: Client, alice: User, budget: Budget, submit: Submit
) -> None:
    submit(alice, n=4)
    assert on_page(as_carol) == []
    assert dismiss(as_carol, budget).status_code == 404
    assert dismiss(Client(), budget).status_code == 404
    assert not DismissedNotice.objects.exists()


@pytest.mark.parametrize("wrong", [{"budget": "x"}, {"budget": "0"}, {"budget": "9" * 400}])
def test_a_notice_that_is_none_is_not_there(as_alice: Client, wrong: dict[str, str]) -> None:
    assert as_alice.post("/usage/dismiss/", wrong).status_code == 404
    assert as_alice.get("/usage/dismiss/").status_code == 405


def test_submission_brings_the_notice_and_htmx_takes_its_line(
    as_alice: Client, alice: User, budget: Budget, submit: Submit
) -> None:
    submit(alice, n=3)
    sent = {"prompt": "a fox", "n": "1", "submit_token": "a" * 20}
    html = as_alice.post("/generations/", sent, headers=HTMX).content.decode()
    assert 'id="budget-notices" hx-swap-oob="true"' in html
    assert notices(html) == [NEARLY]
    fields = {"budget": str(budget.pk), "is_money": "1"}
    response = as_alice.post("/usage/dismiss/", fields, headers=HTMX)
    assert (response.status_code, response.content) == (200, b"")
    assert on_page(as_alice) == []
