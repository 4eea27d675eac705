"""Guessing at sign-in, reset and sign-up: slow, and nobody learns who has an account."""

from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from generations import letters
from generations.models import Throttle, User
from generations.networks import network_of
from generations.throttle import RESET, SIGN_IN, SIGN_IN_FROM, SIGN_UP_FROM

pytestmark = [pytest.mark.django_db]

TOO_OFTEN = "That was tried too often. Wait "
WRONG = "wrong"


def sign_in(
    client: Client, name: str = "alice", password: str = WRONG, **extra: Any
) -> HttpResponse:
    return client.post("/accounts/login/", {"username": name, "password": password}, **extra)


def guess(times: int, **fields: Any) -> None:
    for _ in range(times):
        sign_in(Client(), **fields)


def test_sign_in_is_slowed_for_an_account(alice: User) -> None:
    guess(SIGN_IN.free + 1)
    response = sign_in(Client(), password="alice-password")
    assert TOO_OFTEN in response.content.decode()
    assert "_auth_user_id" not in response.client.session


@pytest.mark.parametrize("method", ["get", "post"])
def test_operators_pages_have_no_door_of_their_own(alice: User, method: str) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    credentials = {"username": "alice", "password": "alice-password"}
    answer = getattr(client, method)("/admin/login/", credentials)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    assert "_auth_user_id" not in client.session


def test_slowed_sign_in_says_when(alice: User) -> None:
    guess(SIGN_IN.free + 1)
    response = sign_in(Client())
    assert (response.status_code, response["Retry-After"]) == (429, "2")
    assert "Wait 2 seconds, then try again." in response.content.decode()


@pytest.mark.parametrize("name", ["ALICE", " alice ", "ａｌｉｃｅ"])
def test_other_spellings_are_the_same_account(alice: User, name: str) -> None:
    guess(SIGN_IN.free + 1)
    assert sign_in(Client(), name).status_code == 429


def test_others_may_go_on_meanwhile(alice: User, bob: User) -> None:
    guess(SIGN_IN.free + 1)
    assert sign_in(Client(), "bob", "bob-password").status_code == 302


def test_right_password_starts_anew(alice: User) -> None:
    for _ in range(3):
        guess(SIGN_IN.free)
        assert sign_in(Client(), password="alice-password").status_code == 302


def test_browser_its_owner_used_is_not_kept_out_by_strangers(alice: User) -> None:
    own = Client()
    sign_in(own, password="alice-password")
    own.post("/accounts/logout/")
    guess(SIGN_IN.free + 1)
    assert sign_in(own, password="alice-password").status_code == 302


def test_known_browser_is_slowed_as_well(alice: User) -> None:
    own = Client()
    sign_in(own, password="alice-password")
    own.post("/accounts/logout/")
    answers = [sign_in(own).status_code for _ in range(SIGN_IN.free + 2)]
    assert answers[-1] == 429


def test_made_up_browser_counts_as_a_stranger(alice: User) -> None:
    guess(SIGN_IN.free + 1)
    liar = Client()
    liar.cookies["browser"] = "WyJhbGljZSIsIngiXQ:1:x"
    assert sign_in(liar).status_code == 429


def test_network_is_slowed_over_many_names(alice: User) -> None:
    for number in range(SIGN_IN_FROM.free + 1):
        sign_in(Client(), f"nobody-{number}")
    assert sign_in(Client(), password="alice-password").status_code == 429
    elsewhere = sign_in(Client(), password="alice-password", REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


def test_own_sign_ins_use_nothing_up(alice: User) -> None:
    for _ in range(3):
        sign_in(Client(), password="alice-password")
    assert set(Throttle.objects.values_list("tries", flat=True)) == {0}


def test_without_its_counters_nobody_comes_in(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Throttle.objects, "get_or_create", away)
    response = sign_in(Client(), password="alice-password")
    assert response.status_code == 503
    assert "session" not in response.cookies


def test_unknown_name_reads_and_costs_the_same(alice: User) -> None:
    User.objects.create_user("gone", password="gone-password", is_active=False)
    pages, costs = set(), set()
    guess(1, name="somebody")  # the network's first try costs a row more
    for name, password in (("alice", "wrong"), ("nobody", "wrong"), ("gone", "gone-password")):
        with CaptureQueriesContext(connection) as queries:
            page = sign_in(Client(), name, password).content.decode()
        pages.add(_without_its_own(page, name))
        costs.add(len(queries))
    assert (len(pages), len(costs)) == (1, 1)


def test_reset_reads_the_same_and_leaves_the_letter_for_later(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    posted: list[Any] = []
    monkeypatch.setattr(letters, "post", posted.append)
    answers = set()
    Client().post("/accounts/reset/", {"email": "somebody@example.org"})
    for address in ("alice@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            response = Client().post("/accounts/reset/", {"email": address})
        answers.add((response.status_code, response["Location"], len(queries)))
    assert len(answers) == 1
    assert (len(posted), mail.outbox) == (1, [])


def test_reset_is_slowed_whether_the_account_exists_or_not(db: None) -> None:
    for _ in range(RESET.free + 1):
        Client().post("/accounts/reset/", {"email": "nobody@example.org"})
    response = Client().post("/accounts/reset/", {"email": "NOBODY@example.org"})
    assert (response.status_code, TOO_OFTEN in response.content.decode()) == (429, True)


def test_sign_up_is_slowed_and_tells_no_names_then(alice: User) -> None:
    for _ in range(SIGN_UP_FROM.free + 1):
        Client().post("/accounts/signup/", {"username": "x"})
    response = Client().post("/accounts/signup/", {"username": "alice"})
    page = response.content.decode()
    assert (response.status_code, TOO_OFTEN in page, "already exists" in page) == (429, True, False)


def test_own_password_is_guessed_slowly(as_alice: Client) -> None:
    answers = [
        as_alice.post("/accounts/password/", {"old_password": "wrong"}).status_code
        for _ in range(7)
    ]
    assert answers == [200] * 6 + [429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Any, proxies: int, forwarded: str, network: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert network_of(request) == network


def _without_its_own(page: str, name: str) -> str:
    """Without what was typed and what is new on every page."""
    return page.split('<ul class="errorlist')[1].split("</ul>")[0].replace(name, "")


def test_who_is_in_already_is_led_on_from_the_code_whatever_the_way_back(as_alice: Client) -> None:
    """What was no address was taken for the name of a page."""
    for way in ("NaN", "a\x00b", "9" * 400):
        assert as_alice.get("/accounts/login/code/", {"next": way}).status_code == 302
    response = as_alice.get("/accounts/login/code/", {"next": "//evil.example"})
    assert response["Location"] == "/"
