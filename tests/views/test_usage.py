"""The page of what one has spent, and its table for spreadsheets."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from generations.models import Attempt, Budget, CatalogModel, Image, User

pytestmark = [pytest.mark.db]

Hang = Callable[..., Image]


@pytest.fixture
def rita(db: None) -> User:
    """Staff."""
    return User.objects.create_user("rita", is_staff=True)


@pytest.fixture
def as_rita(rita: User) -> Client:
    client = Client()
    client.force_login(rita)
    return client


def spend(hang: Hang, owner: User, micros: int | None, *, days_ago: int = 0, **fields: Any) -> None:
    when = timezone.now() - timedelta(days=days_ago)
    image = hang(owner, "canary prompt", when=when, **fields)
    Attempt.objects.filter(pk=image.attempt_id).update(cost_micros=micros)


def words(client: Client, address: str = "/usage/") -> str:
    html = client.get(address).content.decode()
    main = html.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def rows_of(client: Client, address: str) -> list[list[str]]:
    return list(csv.reader(client.get(address).content.decode().splitlines()))


def test_page_adds_up_and_names_models(
    as_alice: Client, alice: User, hang: Hang, painter: CatalogModel
) -> None:
    spend(hang, alice, 40_000)
    spend(hang, alice, 60_000, days_ago=3, trashed_at=timezone.now())
    said = words(as_alice)
    assert "Spent $0.10 " in said
    assert "Pictures made 2 Kept in the gallery 1 A kept picture $0.10 " in said
    assert "GPT Image 1 $0.10 2 1 $0.10" in said


def test_page_of_somebody_else_has_nothing_of_it(as_carol: Client, alice: User, hang: Hang) -> None:
    spend(hang, alice, 40_000)
    assert "Spent $0.00 " in words(as_carol)
    assert "Nothing in these days" in words(as_carol)
    assert len(rows_of(as_carol, "/usage/csv")) == 1


@pytest.mark.parametrize(
    ("address", "spent"),
    [
        ("/usage/?days=7", "$0.01"),
        ("/usage/", "$0.03"),
        ("/usage/?days=90", "$0.07"),
        ("/usage/?days=365", "$0.15"),
        ("/usage/?days=8", "$0.03"),
        ("/usage/?days=-1&days=x", "$0.03"),
        ("/usage/?days=%00", "$0.03"),
    ],
)
def test_days_stand_in_the_address(
    as_alice: Client, alice: User, hang: Hang, address: str, spent: str
) -> None:
    for micros, days_ago in ((10_000, 6), (20_000, 29), (40_000, 89), (80_000, 300)):
        spend(hang, alice, micros, days_ago=days_ago)
    assert f"Spent {spent} " in words(as_alice, address)


def test_a_year_begins_with_a_month_also_in_a_leap_year(
    as_alice: Client, alice: User, hang: Hang
) -> None:
    with time_machine.travel(datetime(2028, 2, 29, 12, tzinfo=UTC)):
        spend(hang, alice, 10_000, days_ago=366)
        spend(hang, alice, 20_000, days_ago=365)
        as_alice.force_login(alice)
        assert "Spent $0.02 " in words(as_alice, "/usage/?days=365")


def test_everybody_is_for_staff_alone(as_alice: Client, as_rita: Client, alice: User) -> None:
    for page in ("/usage/?of=all", "/usage/csv?of=all"):
        assert as_alice.get(page).status_code == 404
        assert as_rita.get(page).status_code == 200
    assert "of=all" not in as_alice.get("/usage/").content.decode()


def test_staff_see_who_spent_and_nothing_that_was_asked_for(
    as_rita: Client, alice: User, hang: Hang, painter: CatalogModel
) -> None:
    spend(hang, alice, 40_000)
    assert "Spent $0.00 " in words(as_rita)
    html = as_rita.get("/usage/?of=all").content.decode()
    assert "canary" not in html
    assert "/images/" not in html
    assert "alice GPT Image 1 $0.04 1 1 $0.04" in words(as_rita, "/usage/?of=all")


def test_unknown_prices_are_named(as_alice: Client, alice: User, hang: Hang) -> None:
    spend(hang, alice, None)
    assert "Spent price unknown 1 picture at an unknown price" in words(as_alice)
    assert rows_of(as_alice, "/usage/csv")[1][1:] == ["openai/gpt-image-1", "1", "1", "", "1"]


def test_plot_has_words_and_a_table_beside_it(as_alice: Client, alice: User, hang: Hang) -> None:
    spend(hang, alice, 40_000)
    html = as_alice.get("/usage/?days=7").content.decode()
    assert '<svg role="img" aria-labelledby="plot-title"' in html
    assert re.search(r'<title id="plot-title">Spent by day, .*: \$0\.04, most of it on', html)
    assert html.count('class="plot-day"') == 7
    today = timezone.now()
    assert f'<th scope="row">{today.day} {today:%b}</th><td class="table-number">$0.04' in html


def test_budgets_stand_with_their_meters(as_alice: Client, alice: User) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000, limit_pictures=10)
    said = words(as_alice)
    assert "$0.00 of $1.00 this month" in said
    assert "0 of 10 pictures this month" in said


def test_menu_and_meter_lead_to_the_page(as_alice: Client, alice: User) -> None:
    assert as_alice.get("/").content.decode().count('href="/usage/"') == 1
    Budget.objects.create(user=alice, limit_pictures=10)
    assert as_alice.get("/").content.decode().count('href="/usage/"') == 2


def test_csv_has_a_line_for_each_day_person_and_model(
    as_rita: Client, alice: User, hang: Hang
) -> None:
    spend(hang, alice, 42_500)
    spend(hang, alice, 1_000_000, trashed_at=timezone.now())
    response = as_rita.get("/usage/csv?of=all&days=7")
    today = timezone.now().date()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        f'attachment; filename="usage-{today - timedelta(days=6)}-to-{today}.csv"'
    )
    assert rows_of(as_rita, "/usage/csv?of=all&days=7") == [
        [
            *("day", "person", "model", "pictures_made", "pictures_kept"),
            *("spent_usd", "pictures_at_unknown_price"),
        ],
        [str(today), "alice", "openai/gpt-image-1", "2", "1", "1.0425", "0"],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_holds_no_formula(as_rita: Client, hang: Hang, name: str) -> None:
    spend(hang, User.objects.create(username=name), 40_000, model_id=name)
    assert rows_of(as_rita, "/usage/csv?of=all")[1][1:3] == [f"'{name}", f"'{name}"]


def test_page_is_behind_sign_in_and_only_read(as_alice: Client) -> None:
    for page in ("/usage/", "/usage/csv"):
        assert Client().get(page).status_code == 302
        assert as_alice.post(page).status_code == 405
