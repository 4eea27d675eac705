"""The account page: name, address, and where one is signed in."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from generations import letters, sessions
from generations.models import Session, User
from generations.throttle import PASSWORD, RENAME
from tests.views.test_poll import token_on

pytestmark = [pytest.mark.django_db]

ADDRESS = "alice@example.org"
WITH_PASSWORD = {"password": "alice-password"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PLACES = (
    *("name/", "email/", "sessions/end/", "sessions/end-others/"),
    *("", "export/", "email/some-token/"),
)


@pytest.fixture
def elsewhere(alice: User) -> Client:
    """Alice on another device."""
    client = Client()
    credentials = {"username": "alice", "password": "alice-password"}
    client.post("/accounts/login/", credentials, headers={"user-agent": FIREFOX})
    return client


def key_of(client: Client) -> str:
    return sessions.digest_of(client.cookies["session"].value)


def link() -> str:
    letters.drain(5)
    found = re.search(r"/account/email/\S+", mail.outbox[-1].body)
    assert found
    return found[0]


@pytest.mark.parametrize("place", PLACES)
def test_nobody_has_no_account(client: Client, db: None, place: str) -> None:
    gets, posts = client.get(f"/account/{place}"), client.post(f"/account/{place}")
    assert (gets.status_code, posts.status_code) == (302, 404)


def test_page_shows_ones_own_sign_ins_alone(
    as_alice: Client, elsewhere: Client, as_carol: Client
) -> None:
    page = as_alice.get("/account/").text
    assert page.count("<li><div>") == 2
    assert "<b>Firefox on Linux</b>" in page
    assert "This browser, since" in page
    assert key_of(as_carol) not in page


def test_page_of_one_sign_in_offers_nothing_to_end(as_alice: Client) -> None:
    page = as_alice.get("/account/").text
    assert "Sign out there" not in page
    assert "Sign out everywhere else" not in page


def test_sign_in_can_be_ended_from_elsewhere(as_alice: Client, elsewhere: Client) -> None:
    response = as_alice.post("/account/sessions/end/", {"key": key_of(elsewhere)})
    assert (response.status_code, response["Location"]) == (303, "/account/")
    assert elsewhere.get("/").status_code == 302
    assert as_alice.get("/").status_code == 200


def test_everywhere_else_can_be_ended(
    as_alice: Client, elsewhere: Client, as_carol: Client
) -> None:
    as_alice.post("/account/sessions/end-others/")
    answers = [client.get("/").status_code for client in (as_alice, elsewhere, as_carol)]
    assert answers == [200, 302, 200]


def test_strangers_sign_in_cannot_be_ended(as_alice: Client, as_carol: Client) -> None:
    as_alice.post("/account/sessions/end/", {"key": key_of(as_carol)})
    assert as_carol.get("/").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 100, "own"])
def test_sign_in_that_cannot_be_ended_is_404(as_alice: Client, key: str) -> None:
    key = key_of(as_alice) if key == "own" else key
    assert as_alice.post("/account/sessions/end/", {"key": key}).status_code == 404
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ended_sign_in_ends_its_polls_at_once(
    as_alice: Client, elsewhere: Client, alice: User, submit: Any, redis_url: str
) -> None:
    submit(alice)
    token = token_on(elsewhere)
    assert elsewhere.get("/poll/", {"token": token}).status_code == 204
    as_alice.post("/account/sessions/end/", {"key": key_of(elsewhere)})
    assert elsewhere.get("/poll/", {"token": token}).status_code == 401


def test_name_can_be_changed(as_alice: Client, alice: User) -> None:
    response = as_alice.post("/account/name/", {"username": "Alison"})
    assert response.status_code == 303
    alice.refresh_from_db()
    assert alice.username == "Alison"
    assert "sign in as “Alison”" in as_alice.get("/account/").text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "This field is required."),
        ("BOB", "Somebody else has this name."),
        ("a b<script>", "Enter a valid username."),
        ("x" * 151, "at most 150 characters"),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_name_that_cannot_be_is_refused(
    as_alice: Client, alice: User, bob: User, name: str, sentence: str
) -> None:
    response = as_alice.post("/account/name/", {"username": name})
    assert response.status_code == 422
    assert sentence in response.text
    assert "Signed in as <b>alice</b>" in response.text
    alice.refresh_from_db()
    assert alice.username == "alice"


def test_asking_for_names_is_slow(as_alice: Client, bob: User) -> None:
    answers = [
        as_alice.post("/account/name/", {"username": "bob"}).status_code
        for _ in range(RENAME.free + 2)
    ]
    assert answers[-2:] == [422, 429]


def test_address_counts_when_its_letter_was_answered(as_alice: Client, alice: User) -> None:
    as_alice.post("/account/email/", {"email": ADDRESS.upper()} | WITH_PASSWORD)
    alice.refresh_from_db()
    assert alice.email == ""
    path = link()
    assert mail.outbox[-1].to == [ADDRESS]
    assert ADDRESS in as_alice.get(path).text
    alice.refresh_from_db()
    assert alice.email == ""
    assert as_alice.post(path)["Location"] == "/account/"
    alice.refresh_from_db()
    assert alice.email == ADDRESS


def test_old_address_is_told_of_the_new_one(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="old@example.org")
    as_alice.post("/account/email/", {"email": ADDRESS} | WITH_PASSWORD)
    as_alice.post(link())
    letters.drain(5)
    assert mail.outbox[-1].to == ["old@example.org"]
    assert ADDRESS not in mail.outbox[-1].body


def test_address_needs_the_password(as_alice: Client, alice: User) -> None:
    response = as_alice.post("/account/email/", {"email": ADDRESS, "password": "wrong"})
    letters.drain(5)
    assert (response.status_code, mail.outbox) == (422, [])
    assert "This isn’t your password." in response.text
    assert f'value="{ADDRESS}"' in response.text
    assert "wrong" not in response.text


def test_password_is_guessed_slowly_here_too(as_alice: Client) -> None:
    wrong = {"email": ADDRESS, "password": "wrong"}
    answers = [
        as_alice.post("/account/email/", wrong).status_code for _ in range(PASSWORD.free + 2)
    ]
    assert answers == [422] * (PASSWORD.free + 1) + [429]


def test_address_can_be_taken_away(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email=ADDRESS)
    as_alice.post("/account/email/", {"email": ""} | WITH_PASSWORD)
    alice.refresh_from_db()
    assert alice.email == ""


def test_taken_address_looks_the_same_until_its_letter_is_answered(
    as_alice: Client, alice: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    response = as_alice.post("/account/email/", {"email": "bob@example.org"} | WITH_PASSWORD)
    assert response.status_code == 303
    answer = as_alice.post(link())
    assert (answer.status_code, "Another account has this address." in answer.text) == (409, True)


@pytest.mark.parametrize(
    "told",
    [["carol", ADDRESS, ""], ["alice", ADDRESS, "another@example.org"]],
    ids=["another's", "used already"],
)
def test_link_that_no_longer_holds_says_so(
    as_alice: Client, alice: User, carol: User, told: list[str]
) -> None:
    pk = {"alice": alice.pk, "carol": carol.pk}[told[0]]
    token = signing.dumps([pk, *told[1:]], salt="confirm e-mail")
    for response in (
        as_alice.get(f"/account/email/{token}/"),
        as_alice.post(f"/account/email/{token}/"),
    ):
        assert response.status_code == 400
        assert "This link was used already or is too old." in response.text
    alice.refresh_from_db()
    assert alice.email == ""


def test_forged_link_is_old(as_alice: Client) -> None:
    assert as_alice.get(f"/account/email/{uuid4()}/").status_code == 400


def test_letters_to_strangers_are_few(as_alice: Client) -> None:
    answers = []
    for number in range(5):
        fields = {"email": f"stranger-{number}@example.org"} | WITH_PASSWORD
        answers.append(as_alice.post("/account/email/", fields).status_code)
    letters.drain(5)
    assert (answers, len(mail.outbox)) == ([303] * 4 + [429], 4)


def test_new_password_ends_the_other_sign_ins(as_alice: Client, elsewhere: Client) -> None:
    fields = {"new_password1": "another long word", "new_password2": "another long word"}
    as_alice.post("/accounts/password/", {"old_password": "alice-password"} | fields)
    assert elsewhere.get("/").status_code == 302
    assert as_alice.get("/").status_code == 200
    assert Session.objects.filter(user__username="alice").count() == 1


def test_ended_rows_are_not_listed(as_alice: Client, elsewhere: Client) -> None:
    Session.objects.filter(key=key_of(elsewhere)).update(ends_at=timezone.now())
    assert "Firefox on Linux" not in as_alice.get("/account/").text
