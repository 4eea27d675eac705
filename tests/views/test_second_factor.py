"""A second factor: set up, asked for at every door, used up, lost, turned off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from generations import policy, totp
from generations.models import SecondFactor, Session, User
from generations.services import second_factor as services
from generations.throttle import CODE
from generations.views.accounts import CODE_WITHIN
from tests.views.phones import (
    CODE_PAGE,
    CREDENTIALS,
    PAGE,
    code_now,
    is_in,
    next_code,
    password_step,
)

pytestmark = [pytest.mark.django_db]


# Setting it up


def test_it_is_set_up_with_a_code_of_the_phone(as_alice: Client, clock: Any) -> None:
    assert "Set it up" in as_alice.get("/account/").text
    assert as_alice.post(f"{PAGE}begin/").status_code == 303
    page = as_alice.get(PAGE).text
    secret = services._secret_of(SecondFactor.objects.get())
    typed = re.search(r'class="factor-secret">([A-Z2-7 ]+)<', page)
    assert typed
    assert typed[1].replace(" ", "") == secret
    assert f"otpauth://totp/Mesh%20Gallery:alice?secret={secret}" in page
    assert "<svg" in page
    assert "style=" not in page
    on = as_alice.post(f"{PAGE}confirm/", {"code": code_now()})
    assert len(re.findall(r"<code>(\d{5}(?:-\d{5}){3})</code>", on.text)) == 10
    assert "10 of 10 recovery codes" in as_alice.get(PAGE).text
    assert secret not in as_alice.get(PAGE).text


def test_a_wrong_first_code_turns_nothing_on(as_alice: Client, alice: User, clock: Any) -> None:
    as_alice.post(f"{PAGE}begin/")
    wrong = as_alice.post(f"{PAGE}confirm/", {"code": code_now(5)})
    assert (wrong.status_code, policy.second_factor_of(alice)) == (422, None)
    assert "factor-secret" in wrong.text


def test_begun_anew_the_earlier_secret_counts_no_more(as_alice: Client, clock: Any) -> None:
    as_alice.post(f"{PAGE}begin/")
    old = code_now()
    as_alice.post(f"{PAGE}begin/")
    assert as_alice.post(f"{PAGE}confirm/", {"code": old}).status_code == 422


def test_what_is_on_isnt_begun_again(owner: Client, codes: list[str]) -> None:
    before = SecondFactor.objects.get().secret
    assert owner.post(f"{PAGE}begin/").status_code == 409
    assert owner.post(f"{PAGE}confirm/", {"code": code_now()}).status_code == 409
    assert SecondFactor.objects.get().secret == before


def test_turned_on_it_ends_sign_ins_by_the_password_alone(
    as_alice: Client, alice: User, clock: Any
) -> None:
    elsewhere = Client()
    password_step(elsewhere)
    as_alice.post(f"{PAGE}begin/")
    as_alice.post(f"{PAGE}confirm/", {"code": code_now()})
    assert (is_in(as_alice), is_in(elsewhere)) == (True, False)


@pytest.mark.parametrize("path", ["", "begin/", "codes/", "end/"])
def test_each_step_wants_a_fresh_sign_in(
    owner: Client, codes: list[str], clock: Any, path: str
) -> None:
    clock.shift(timedelta(minutes=11))
    asked = owner.post(PAGE + path) if path else owner.get(PAGE)
    assert asked.status_code == (403 if path else 302)
    assert SecondFactor.objects.exclude(confirmed_at=None).exists()


# Signing in


def test_the_password_alone_lets_nobody_in(client: Client, codes: list[str]) -> None:
    step = password_step(client, next="/albums/")
    assert (step.status_code, step["Location"]) == (302, f"{CODE_PAGE}?next=%2Falbums%2F")
    assert not is_in(client)
    assert Session.objects.exclude(user=None).count() == 0
    assert "browser" not in client.cookies


def test_a_code_lets_in_where_one_was_heading(client: Client, codes: list[str]) -> None:
    page = client.get(password_step(client, next="/albums/")["Location"])
    assert 'autocomplete="one-time-code"' in page.text
    done = client.post(CODE_PAGE, {"code": code_now(), "next": "/albums/"})
    assert (done.status_code, done["Location"], is_in(client)) == (302, "/albums/", True)
    assert "browser" in client.cookies


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example"])
def test_nobody_is_led_elsewhere(client: Client, codes: list[str], wanted: str) -> None:
    password_step(client)
    assert client.post(CODE_PAGE, {"code": code_now(), "next": wanted})["Location"] == "/"


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_clocks_may_differ_by_one_step(
    client: Client, codes: list[str], clock: Any, steps: int, is_taken: int
) -> None:
    clock.shift(timedelta(seconds=2 * totp.STEP_SECONDS))
    password_step(client)
    client.post(CODE_PAGE, {"code": code_now(steps)})
    assert is_in(client) is bool(is_taken)


def test_a_code_counts_once_and_none_before_it(client: Client, codes: list[str]) -> None:
    used, earlier = code_now(), code_now(-1)
    password_step(client)
    client.post(CODE_PAGE, {"code": used})
    for code in (used, earlier):
        other = Client()
        password_step(other)
        refused = other.post(CODE_PAGE, {"code": code})
        assert (refused.status_code, is_in(other)) == (200, False)
        assert services.WRONG in refused.text


def test_the_code_that_set_it_up_counts_no_more(client: Client, alice: User, clock: Any) -> None:
    services.begin(alice)
    code = code_now()
    services.confirm(alice, code)
    assert not services.take_code(alice, code)


def test_a_code_may_be_written_with_a_blank(alice: User, codes: list[str]) -> None:
    code = code_now()
    assert services.take_code(alice, f" {code[:3]} {code[3:]} ")


def test_guessing_codes_is_slow(client: Client, codes: list[str], clock: Any) -> None:
    password_step(client)
    answers = [client.post(CODE_PAGE, {"code": "000000"}) for _ in range(CODE.free + 2)]
    assert [each.status_code for each in answers] == [200] * (CODE.free + 1) + [429]
    assert client.post(CODE_PAGE, {"code": code_now()}).status_code == 429
    other = Client()
    password_step(other)
    assert other.post(CODE_PAGE, {"code": code_now()}).status_code == 429
    clock.shift(timedelta(seconds=CODE.longest_seconds))
    password_step(other)
    assert other.post(CODE_PAGE, {"code": code_now()}).status_code == 302


def test_guesses_from_elsewhere_dont_keep_the_owners_browser_out(
    client: Client, codes: list[str], clock: Any
) -> None:
    password_step(client)
    client.post(CODE_PAGE, {"code": code_now()})
    client.post("/accounts/logout/")
    stranger = Client()
    password_step(stranger)
    for _ in range(CODE.free + 1):
        stranger.post(CODE_PAGE, {"code": "000000"})
    password_step(client)
    assert client.post(CODE_PAGE, {"code": next_code(clock)}).status_code == 302


def test_nobody_asks_for_a_code_without_the_password(client: Client, codes: list[str]) -> None:
    client.post("/accounts/login/", CREDENTIALS | {"password": "wrong"})
    for answer in (client.get(CODE_PAGE), client.post(CODE_PAGE, {"code": code_now()})):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not is_in(client)


def test_the_password_counts_for_a_few_minutes(
    client: Client, codes: list[str], clock: Any
) -> None:
    password_step(client)
    clock.shift(CODE_WITHIN + timedelta(seconds=1))
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/accounts/login/"


@pytest.mark.parametrize("change", ["password", "inactive"])
def test_what_changed_meanwhile_counts(
    client: Client, alice: User, codes: list[str], change: str
) -> None:
    password_step(client)
    if change == "password":
        alice.set_password("another-password")
    alice.is_active = change == "password"
    alice.save()
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_the_key_changes_with_the_code(client: Client, codes: list[str]) -> None:
    password_step(client)
    before = client.cookies["session"].value
    client.post(CODE_PAGE, {"code": code_now()})
    assert client.cookies["session"].value != before
    assert not is_in(_with_session(before))


def _with_session(key: str) -> Client:
    client = Client()
    client.cookies["session"] = key
    return client
