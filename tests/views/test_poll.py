import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generations import lifecycle, watch
from generations.models import Generation, User
from generations.pipeline import run

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def token_on(client: Client, address: str = "/") -> str:
    found = re.search(r'<poll-watch[^>]* token="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def states(html: str) -> list[str]:
    return re.findall(r'data-state="(\w+)"', html)


def test_idle_poll_is_204_without_a_query(
    as_alice: Client,
    alice: User,
    submit: Submit,
    redis_url: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    submit(alice)
    token = token_on(as_alice)
    with django_assert_num_queries(0):
        response = as_alice.get("/poll/", {"token": token})
    assert response.status_code == 204
    assert float(response["X-Poll-Seconds"]) == pytest.approx(0.5, abs=0.2)


@pytest.mark.django_db(transaction=True)
def test_poll_answers_only_what_changed(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    generation = submit(alice, n=3)
    token = token_on(as_alice)
    attempt = lifecycle.claim("w")
    assert attempt
    response = as_alice.get("/poll/", {"token": token})
    html = response.content.decode()
    assert states(html) == ["working"]
    assert f'id="tile-{generation.pk}-0"' in html
    assert 'hx-swap-oob="true"' in html
    fresh = re.search(r'token="([^"]+)"', html)
    assert fresh
    assert as_alice.get("/poll/", {"token": fresh[1]}).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_poll_brings_the_finished_picture(
    as_alice: Client, alice: User, submit: Submit, redis_url: str, sandbox: Any
) -> None:
    generation = submit(alice, n=2)
    token = token_on(as_alice)
    assert run.run_next(generation.pk)
    html = as_alice.get("/poll/", {"token": token}).content.decode()
    assert states(html) == ["done"]
    assert f'data-image="{generation.images.get().pk}"' in html
    assert run.run_next(generation.pk)
    fresh = re.search(r' token="([^"]+)"', html)
    assert fresh
    assert states(as_alice.get("/poll/", {"token": fresh[1]}).content.decode()) == ["done"]


@pytest.mark.django_db(transaction=True)
def test_poll_stops_when_nothing_is_left(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    generation = submit(alice)
    token = token_on(as_alice)
    lifecycle.move_all(generation.attempts.all(), lifecycle.S.CANCELED)
    response = as_alice.get("/poll/", {"token": token})
    assert states(response.content.decode()) == ["canceled"]
    assert response["X-Poll-Stop"] == "1"
    assert 'token="' not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_poll_takes_away_a_tile_that_was_dismissed_elsewhere(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice, n=2)
    token = token_on(as_alice)
    attempt = generation.attempts.get(first_slot=1)
    assert lifecycle.cancel(attempt)
    assert lifecycle.dismiss(attempt, 1)
    response = as_alice.get("/poll/", {"token": token})
    html = response.content.decode()
    gone = f'<article id="tile-{generation.pk}-1" hx-swap-oob="delete"></article>'
    assert gone in html
    assert states(html) == []
    assert "<poll-watch" in html


def test_page_without_unfinished_tiles_has_nothing_to_poll(as_alice: Client, painter: Any) -> None:
    assert " token=" not in as_alice.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_poll_without_redis_asks_the_database(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    submit(alice)
    token = token_on(as_alice)
    assert as_alice.get("/poll/", {"token": token}).status_code == 204
    lifecycle.claim("w")
    assert states(as_alice.get("/poll/", {"token": token}).content.decode()) == ["working"]


@pytest.mark.django_db(transaction=True)
def test_poll_follows_an_automatic_second_try_to_the_same_tile(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice)
    token = token_on(as_alice)
    attempt = lifecycle.claim("w")
    assert attempt
    lifecycle.mark_sending(attempt)
    lifecycle.move(attempt, lifecycle.S.REJECTED_FREE, code="rate_limited")
    attempt.code = "rate_limited"
    lifecycle.follow_up(attempt, wait_seconds=60, give_up_seconds=600, state=lifecycle.S.HELD)
    html = as_alice.get("/poll/", {"token": token}).content.decode()
    assert states(html) == ["held"]
    assert 'data-slot="0"' in html


@pytest.mark.django_db(transaction=True)
def test_poll_of_several_watches_becomes_one(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice, n=2)
    older = token_on(as_alice)
    address = f"/generations/{submit(alice, n=3).pk}/"
    html = as_alice.get("/poll/", {"token": [older, token_on(as_alice, address)]}).content.decode()
    fresh = re.findall(r' token="([^"]+)"', html)
    assert len(fresh) == 1
    assert states(html) == []
    merged = watch.Token.read(fresh[0])
    assert merged
    assert len(merged.watched) == 5
    assert as_alice.get("/poll/", {"token": fresh[0]}).status_code == 204


def test_poll_after_sign_out_is_401_with_a_way_back(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice)
    token = token_on(as_alice)
    as_alice.post("/accounts/logout/")
    response = as_alice.get("/poll/", {"token": token})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/accounts/login/")


def test_poll_with_a_token_alone_is_401(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice)
    token = token_on(as_alice)
    assert Client().get("/poll/", {"token": token}).status_code == 401


def test_poll_with_somebody_elses_token_shows_nothing(
    as_alice: Client, as_carol: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    submit(alice, prompt="canary-alice")
    token = token_on(as_alice)
    watch.bump(alice.pk)
    response = as_carol.get("/poll/", {"token": token})
    assert (response.status_code, response.content) == (400, b"")


def test_poll_with_an_old_token_gets_a_fresh_one(
    as_alice: Client, alice: User, submit: Submit, redis_url: str, time_machine: Any
) -> None:
    submit(alice)
    token = token_on(as_alice)
    time_machine.move_to(time.time() + watch.TOKEN_SECONDS + 5)
    response = as_alice.get("/poll/", {"token": token})
    assert response.status_code == 200
    assert states(response.content.decode()) == []
    assert ' token="' in response.content.decode()


@pytest.mark.parametrize("token", ["", "x", "a.b", "%00", "x" * 9000])
def test_poll_with_nonsense_is_refused(as_alice: Client, token: str) -> None:
    assert as_alice.get("/poll/", {"token": token}).status_code == 400
