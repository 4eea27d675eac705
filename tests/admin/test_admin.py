"""The operator's pages, asked as a browser asks them."""

import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from generations import lifecycle
from generations.models import Attempt, Budget, CatalogModel, Gate, Generation, User
from tests.conftest import Hang
from tests.views.sharing import link_with, share

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
NEW_BUDGET = {"scope": "user", "span": "month", "limit_micros": "12.50", "is_active": "on"}


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("olga"))
    return client


def errors(html: str) -> list[str]:
    found = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", each) for each in found]


def cells(html: str, column: str) -> list[str]:
    return re.findall(rf'class="field-{column}[^"]*">([^<]*)<', html)


@pytest.mark.parametrize(
    "page",
    [
        *("user", "catalogmodel", "gate", "heartbeat", "attempt", "ledgerentry"),
        *("budget", "budgetperiod", "reservation", "sharelink", "image", "review", "inspection"),
    ],
)
def test_every_list_is_for_staff_alone(operator: Client, as_alice: Client, page: str) -> None:
    assert operator.get(f"/admin/generations/{page}/").status_code == 200
    assert as_alice.get(f"/admin/generations/{page}/").status_code == 302


@pytest.mark.parametrize("page", ["attempt", "ledgerentry", "budgetperiod", "reservation"])
def test_money_and_attempts_are_only_read(
    operator: Client, alice: User, submit: Submit, page: str
) -> None:
    Budget.objects.create(user=alice, limit_pictures=5)
    submit(alice)
    assert operator.get(f"/admin/generations/{page}/add/").status_code == 403
    row = re.search(
        rf'href="(/admin/generations/{page}/[^"]+/change/)"',
        operator.get(f"/admin/generations/{page}/").content.decode(),
    )
    assert row
    assert operator.get(row[1]).status_code == 200
    assert operator.post(row[1], {"state": "stored"}).status_code == 403
    assert operator.post(row[1].replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_budget_is_made_and_changed_in_dollars(operator: Client, alice: User) -> None:
    fields = NEW_BUDGET | {"user": alice.pk}
    assert operator.post("/admin/generations/budget/add/", fields).status_code == 302
    budget = Budget.objects.get()
    assert (budget.user, budget.limit_micros, budget.limit_pictures) == (alice, 12_500_000, None)
    address = f"/admin/generations/budget/{budget.pk}/change/"
    assert 'value="12.5"' in operator.get(address).content.decode()
    change = {"limit_micros": "0.000001", "limit_pictures": "7", "scope": "installation"}
    assert operator.post(address, change).status_code == 302
    budget.refresh_from_db()
    assert (budget.limit_micros, budget.limit_pictures) == (1, 7)
    assert (budget.scope, budget.user) == ("user", alice)


@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        ({}, ["There is a budget already: alice, a month. Change that one."]),
        ({"limit_micros": "", "span": "day"}, ["Set a limit in money, in pictures, or both."]),
        ({"user": ""}, ["Name a person for one person&#x27;s budget, and only then."]),
        (
            {"scope": "installation"},
            ["Name a person for one person&#x27;s budget, and only then."],
        ),
        (
            {"limit_micros": "-1", "span": "day"},
            ["Ensure this value is greater than or equal to 0."],
        ),
    ],
)
def test_wrong_budget_is_told_in_words(
    operator: Client, alice: User, fields: dict[str, str], sentences: list[str]
) -> None:
    Budget.objects.create(user=alice, limit_pictures=5)
    response = operator.post(
        "/admin/generations/budget/add/", NEW_BUDGET | {"user": str(alice.pk)} | fields
    )
    assert response.status_code == 200
    assert errors(response.content.decode()) == sentences
    assert Budget.objects.count() == 1


def test_a_second_budget_for_everybody_is_told_in_words(operator: Client) -> None:
    fields = NEW_BUDGET | {"scope": "installation"}
    for _ in range(2):
        response = operator.post("/admin/generations/budget/add/", fields)
    assert errors(response.content.decode()) == [
        "There is a budget already: everybody together, a month. Change that one."
    ]


def test_list_of_budgets_shows_what_is_used(
    operator: Client, alice: User, bob: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    Budget.objects.create(scope="installation", limit_pictures=9, span="day")
    Budget.objects.create(scope="each", limit_micros=500_000, span="total")
    submit(alice, n=3)
    html = operator.get("/admin/generations/budget/").content.decode()
    assert sorted(cells(html, "money")) == sorted(["$0.12 of $1.00", "–", "$0.50 each"])
    assert sorted(cells(html, "pictures")) == sorted(["–", "3 of 9", "–"])
    found = operator.get("/admin/generations/budget/", {"q": "alice"}).content.decode()
    assert cells(found, "money") == ["$0.12 of $1.00"]


def test_prices_are_set_in_dollars(operator: Client, painter: CatalogModel) -> None:
    address = f"/admin/generations/catalogmodel/{painter.pk}/change/"
    html = operator.get(address).content.decode()
    assert 'name="prices-0-image_micros" value="0.04"' in html
    price = painter.prices.get()
    now = timezone.now()
    fields = {
        "name": painter.name,
        "sizes": '["auto"]',
        "qualities": "[]",
        "output_formats": "[]",
        "largest_n": "4",
        "images_per_call": "1",
        "position": "1",
        "prices-TOTAL_FORMS": "1",
        "prices-INITIAL_FORMS": "1",
        "prices-0-id": str(price.pk),
        "prices-0-model": str(painter.pk),
        "prices-0-starts_at_0": f"{now:%Y-%m-%d}",
        "prices-0-starts_at_1": "00:00:00",
        "prices-0-image_micros": "0.0525",
        "prices-0-completion_micros_per_million": "40",
    }
    response = operator.post(address, fields)
    assert response.status_code == 302, errors(response.content.decode())
    price.refresh_from_db()
    assert (price.image_micros, price.completion_micros_per_million) == (52_500, 40_000_000)
    assert price.prompt_micros_per_million is None


def test_operator_pauses_and_opens(
    operator: Client, alice: User, submit: Submit, painter: CatalogModel
) -> None:
    generation = submit(alice)
    lifecycle.close_gate("account", seconds=60, reason="rate_limited")
    fields = {"what": "account", "message": "Back at three."}
    assert operator.post("/admin/generations/gate/add/", fields).status_code == 302
    gate = Gate.objects.get()
    assert (gate.is_closed, gate.closed_until, gate.reason) == (True, None, "paused")
    assert generation.attempts.get().state == "held"
    form = operator.get("/admin/generations/gate/add/").content.decode()
    assert re.findall(r'<option value="([^"]+)"', form) == ["account", f"model:{painter.model_id}"]
    refused = operator.post("/admin/generations/gate/add/", fields | {"what": "model:x"})
    assert refused.status_code == 200
    action = {"action": "open_gates", "_selected_action": gate.pk}
    operator.post("/admin/generations/gate/", action)
    assert not Gate.objects.get().is_closed
    assert generation.attempts.get().state == "ready"


@pytest.mark.parametrize(
    ("action", "state", "cost"),
    [
        ("resolve_as_charged", "resolved_charged", 40_000),
        ("resolve_as_free", "resolved_free", None),
    ],
)
def test_unknown_is_resolved_and_nothing_else(
    operator: Client, alice: User, submit: Submit, action: str, state: str, cost: int | None
) -> None:
    waiting, unknown = submit(alice), submit(alice)
    attempt = lifecycle.claim("w", generation=unknown.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    lifecycle.declare_unknown(attempt, code="connection_lost")
    html = operator.get("/admin/generations/attempt/").content.decode()
    assert sorted(cells(html, "at_risk")) == ["$0.04", "-"]
    ids = [waiting.attempts.get().pk, attempt.pk]
    page = operator.post(
        "/admin/generations/attempt/", {"action": action, "_selected_action": ids}, follow=True
    )
    words = state.removeprefix("resolved_")
    assert f"1 resolved as {words}; $0.04 was held for them." in page.content.decode()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.cost_micros) == (state, cost)
    assert waiting.attempts.get().state == "ready"
    assert LogEntry.objects.get().object_id == str(attempt.pk)


def test_staff_who_may_only_look_resolve_nothing(alice: User, submit: Submit) -> None:
    rita = User.objects.create_user("rita", is_staff=True)
    rita.user_permissions.add(Permission.objects.get(codename="view_attempt"))
    client = Client()
    client.force_login(rita)
    submit(alice)
    Attempt.objects.update(state="unknown", sent_at=timezone.now())
    html = client.get("/admin/generations/attempt/").content.decode()
    assert "resolve_as" not in html
    fields = {"action": "resolve_as_free", "_selected_action": Attempt.objects.get().pk}
    client.post("/admin/generations/attempt/", fields)
    assert Attempt.objects.get().state == "unknown"


def test_operator_revokes_a_link_without_getting_behind_it(
    operator: Client, alice: User, hang: Hang
) -> None:
    token = share(alice, hang(alice, "a canary"), title="canary", password="open sesame")
    link = link_with(token)
    html = operator.get(f"/admin/generations/sharelink/{link.pk}/change/").content.decode()
    for secret in (link.token_hash, "canary", "password"):
        assert secret not in html
    wanted = {"action": "revoke", "_selected_action": [str(link.pk)]}
    operator.post("/admin/generations/sharelink/", wanted)
    assert Client().get(f"/s/{token}/").status_code == 404
    assert LogEntry.objects.get().object_id == str(link.pk)
