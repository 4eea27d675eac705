"""What a closed gate says to everybody, and who may open it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from generations import lifecycle
from generations.models import Gate, Generation, Heartbeat, User
from generations.queries import alive
from tests.views.test_poll import token_on

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


@pytest.fixture(autouse=True)
def beating(db: None) -> None:
    """The scheduler's first beat came with the tables, perhaps minutes ago."""
    Heartbeat.objects.update(beat_at=Now())


@pytest.fixture
def as_rita(db: None) -> Client:
    """Staff."""
    client = Client()
    client.force_login(User.objects.create_user("rita", is_staff=True))
    return client


def banner(html: str) -> str:
    end = r'</div>(?=\s*(?:</div>|<div class="line-))'
    found = re.search(f'<div class="banners" id="banners"[^>]*>(.*?){end}', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def on_page(client: Client) -> str:
    return banner(client.get("/").content.decode())


def test_banner_says_what_since_when_and_until_when(as_alice: Client) -> None:
    assert on_page(as_alice) == ""
    lifecycle.close_gate("account", seconds=3600, reason="no_balance")
    gate = Gate.objects.get()
    assert gate.closed_at
    assert gate.closed_until
    assert on_page(as_alice) == (
        "Paused: balance used up. Our balance with the provider is used up;"
        " it goes on when an operator has topped it up."
        f" Since {gate.closed_at.day} {gate.closed_at:%b, %H:%M} UTC,"
        f" tried again at {gate.closed_until:%H:%M} ."
    )


def test_banner_of_a_model_names_it_and_a_due_one_says_so(as_alice: Client) -> None:
    lifecycle.close_gate("model:vertex/imagen-3", seconds=60, reason="rate_limited")
    Gate.objects.update(closed_until=Now() - timedelta(seconds=5))
    said = on_page(as_alice)
    assert said.startswith("Provider is busy (vertex/imagen-3). The provider asked us to wait;")
    assert said.endswith("being tried again now.")


def test_banner_quotes_the_operator_and_nobody_else(as_alice: Client) -> None:
    lifecycle.close_gate("account", seconds=None, reason="paused", message="Back at three.")
    assert "“Back at three.”" in on_page(as_alice)
    Gate.objects.update(reason="unauthorized", message="key rsk_canary")
    assert "canary" not in on_page(as_alice)


def test_staff_open_a_gate_again(as_rita: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    lifecycle.close_gate("account", seconds=600, reason="unauthorized")
    assert generation.attempts.get().state == "held"
    assert "Open it now" in on_page(as_rita)
    response = as_rita.post("/gates/open/", {"name": "account"})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert not Gate.objects.get().is_closed
    assert generation.attempts.get().state == "ready"
    assert on_page(as_rita) == ""


def test_open_by_htmx_answers_the_banners(as_rita: Client) -> None:
    lifecycle.close_gate("account", seconds=600, reason="unauthorized")
    lifecycle.close_gate("model:a/b", seconds=600, reason="rate_limited")
    htmx = {"HX-Request": "true"}
    for _ in range(2):  # the second time somebody else was quicker
        response = as_rita.post("/gates/open/", {"name": "account"}, headers=htmx)
        html = response.content.decode()
        assert response.status_code == 200
        assert 'id="banners" hx-swap-oob="true"' in html
        assert banner(html).startswith("Provider is busy (a/b).")


def test_gates_are_nobody_elses_to_open(as_alice: Client, client: Client, db: None) -> None:
    lifecycle.close_gate("account", seconds=600, reason="unauthorized")
    assert "Open it now" not in on_page(as_alice)
    for somebody in (as_alice, Client()):
        assert somebody.post("/gates/open/", {"name": "account"}).status_code == 404
    assert as_alice.get("/gates/open/").status_code == 405
    assert Gate.objects.get().is_closed


@pytest.mark.django_db(transaction=True)
def test_open_pages_hear_of_a_gate_with_the_next_change(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice)
    token = token_on(as_alice)
    lifecycle.close_gate("account", seconds=600, reason="unauthorized")
    html = as_alice.get("/poll/", {"token": token}).content.decode()
    assert banner(html).startswith("Paused: key refused.")
    fresh = re.search(r' token="([^"]+)"', html)
    assert fresh
    lifecycle.open_gate("account")
    html = as_alice.get("/poll/", {"token": fresh[1]}).content.decode()
    assert '<div class="banners" id="banners" hx-swap-oob="true"></div>' in html


def test_silent_scheduler_is_told_and_looked_up_rarely(as_alice: Client) -> None:
    Heartbeat.objects.all().delete()
    assert not alive.is_scheduler_silent()
    Heartbeat.objects.create(name="scheduler", beat_at=Now() - timedelta(seconds=181))
    assert not alive.is_scheduler_silent()
    alive.forget()
    assert on_page(as_alice).startswith("The scheduler has been silent for over 3 minutes")
    Heartbeat.objects.update(beat_at=Now() - timedelta(seconds=170))
    alive.forget()
    assert on_page(as_alice) == ""
