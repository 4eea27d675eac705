"""No page of the administration reads through a table that grows with the pictures.

Each page is asked for as its links ask for it, over thousands of rows; what every query looks at
is counted by the database itself.
"""

import html
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from generations.admin import rough_paginator
from generations.admin.large import LargeTable
from generations.models import Attempt, Image, ShareLink, User
from tests.admin.rows import ALICES, MANY, fill, looked_at

pytestmark = [pytest.mark.db]

# How many rows there are has nothing to do with how many pictures there are.
SMALL = {
    "generations.CatalogModel": "as many as the provider has",
    "generations.Gate": "one for each model, one for all",
    "generations.Heartbeat": "one for each part that runs",
    "generations.Budget": "a few for each person and team",
    "generations.Inspection": "one for each time somebody says why",
    "generations.User": "people",
    "auth.Group": "a handful",
}
LARGE = sorted(
    model._meta.label for model in admin.site._registry if model._meta.label not in SMALL
)
EACH_PAGE, COUNTED = 20, 100
# Five pages' rows, or steps of SQLite's for as much; reading a table through takes more.
MOST_LOOKED_AT = {"sqlite": 9_000, "postgresql": 350}
MOST_QUERIES = 14


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Filled once, taken away again whole."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        alice = User.objects.create_user("alice", "alice@example.org", "alice-password")
        User.objects.create_superuser("olga")
        fill(alice)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            if connection.vendor == "postgresql":
                # As it decides of itself where the tables are a hundred times as large.
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_bitmapscan = off")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def operator(filled: None, db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(rough_paginator, "MOST_COUNTED", COUNTED)
    for label in LARGE:
        model_admin = admin.site._registry[apps.get_model(label)]
        monkeypatch.setattr(model_admin, "list_per_page", EACH_PAGE)
    client = Client()
    client.force_login(User.objects.get(username="olga"))
    return client


def list_of(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_').lower()}_changelist")


def look(client: Client, address: str) -> str:
    """The page; every query of it looks at a few rows."""
    with looked_at() as found:
        response = client.get(address)
    assert response.status_code == 200, address
    assert len(found) <= MOST_QUERIES, [sql[:120] for _, sql in found]
    cost, sql = max(found)
    assert cost <= MOST_LOOKED_AT[connection.vendor], f"{cost} for {address}: {sql}"
    return response.content.decode()


def filters_in(page: str) -> list[str]:
    part = page.partition('id="changelist-filter"')[2]
    return sorted({html.unescape(each) for each in re.findall(r'href="(\?[^"]*)"', part)})


def test_every_list_is_small_or_made_for_large_tables() -> None:
    for model, model_admin in admin.site._registry.items():
        assert (model._meta.label in SMALL) != isinstance(model_admin, LargeTable), model


@pytest.mark.parametrize("label", LARGE)
def test_list_is_filled_enough_to_show_something(operator: Client, label: str) -> None:
    assert apps.get_model(label)._default_manager.count() >= MANY


@pytest.mark.parametrize("label", LARGE)
def test_list_looks_at_what_it_shows(operator: Client, label: str) -> None:
    address = list_of(label)
    page = look(operator, address)
    assert "sortable" not in page.partition("<thead>")[2].partition("</thead>")[0]
    look(operator, f"{address}?p=2")
    for number in range(1, page.count('<th scope="col"') + 1):
        look(operator, f"{address}?o={number}&_facets=1")
    (change,) = re.findall(rf'href="({address}[^"/]+/change/)', page)[:1]
    look(operator, change)
    look(operator, change.replace("change/", "history/"))


@pytest.mark.parametrize("label", LARGE)
def test_filters_look_at_what_they_find(operator: Client, label: str) -> None:
    address = list_of(label)
    for choice in filters_in(look(operator, address)):
        look(operator, address + choice)


@pytest.mark.parametrize(
    ("label", "wanted"), [*product(LARGE, ["name", "id", "nothing", "nobody"])]
)
def test_search_looks_at_what_it_finds(operator: Client, label: str, wanted: str) -> None:
    attempt = Attempt.objects.filter(owner__username="person-1").first()
    assert attempt
    terms = {
        "name": "ALICE",
        "id": str(attempt.pk if "Image" not in label else Image.objects.first().pk),  # type: ignore[union-attr]
        "nothing": "00000000-0000-4000-8000-000000000000",
        "nobody": "nobody’s name",
    }
    look(operator, f"{list_of(label)}?q={terms[wanted]}")


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("generations.Attempt", {"alice": ALICES, "run": 1, "call": 1, "request": 1}),
        ("generations.LedgerEntry", {"run": 2, "call": 2}),
        ("generations.Reservation", {"run": 1, "call": 1}),
        ("generations.Image", {"alice": ALICES // 8 + 1, "picture": 1}),
        ("generations.Review", {"alice": 10, "picture": 1}),
        ("generations.ShareLink", {"alice": 10, "link": 1}),
        ("generations.BudgetPeriod", {"person-7": 60}),
    ],
)
def test_search_finds_what_its_hint_says(
    operator: Client, label: str, found: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rough_paginator, "MOST_COUNTED", 10_000)
    picture = Image.objects.exclude(queued_at=None).select_related("attempt").order_by("key")[0]
    terms = {
        "run": str(picture.generation_id),
        "call": str(picture.attempt_id),
        "request": picture.attempt.request_id,
        "picture": picture.pk.hex,
        "link": str(ShareLink.objects.all()[0].pk),
    }
    for term, number in found.items():
        page = operator.get(list_of(label), {"q": f" {terms.get(term, term)} "})
        assert page.context["cl"].result_count == number, term
    assert page.context["cl"].search_help_text


def test_filter_of_each_state_finds_its_calls(operator: Client) -> None:
    for state in set(Attempt.objects.values_list("state", flat=True)):
        page = operator.get(list_of("generations.Attempt"), {"state": state})
        there = min(Attempt.objects.filter(state=state).count(), COUNTED)
        assert page.context["cl"].result_count == there
        assert {row.state for row in page.context["cl"].result_list} == {state}


@pytest.mark.parametrize("label", LARGE)
def test_lists_end_where_leafing_gets_slow(operator: Client, label: str) -> None:
    page = operator.get(list_of(label))
    if page.context["cl"].result_count > COUNTED:
        assert page.context["cl"].paginator.num_pages == COUNTED // EACH_PAGE
    assert operator.get(list_of(label), {"p": 9_000}).status_code == 302
    assert operator.get(list_of(label), {"all": ""}).status_code in {200, 302}


@pytest.mark.parametrize("label", LARGE)
def test_addresses_name_no_other_columns(operator: Client, label: str) -> None:
    for lookup in ("pk__gt=0", "id__isnull=0"):
        assert operator.get(f"{list_of(label)}?{lookup}").status_code == 400


@pytest.mark.parametrize("label", sorted(SMALL))
def test_small_lists_look_at_their_own_rows_alone(operator: Client, label: str) -> None:
    page = look(operator, list_of(label))
    for address in re.findall(rf'href="({list_of(label)}[^"/]+/change/)', page)[:2]:
        look(operator, address)


def test_nobody_is_deleted_from_here(operator: Client) -> None:
    """Django would gather all their pictures to say what goes along."""
    alice = User.objects.get(username="alice")
    address = reverse("admin:generations_user_delete", args=[alice.pk])
    assert operator.get(address).status_code == 403
    assert "delete_selected" not in operator.get(list_of("generations.User")).content.decode()
