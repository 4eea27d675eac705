import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from generations import letters
from generations.models import User

pytestmark = [pytest.mark.db]

PASSWORD = "a long enough word"


def sign_up(client: Client, **fields: str):
    data = {"username": "newcomer", "password1": PASSWORD, "password2": PASSWORD} | fields
    return client.post("/accounts/signup/", data)


def test_sign_up_signs_in(client: Client, db: None) -> None:
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert not User.objects.get().is_staff


def test_sign_up_ignores_rights(client: Client, db: None) -> None:
    sign_up(client, is_superuser="1", is_staff="1")
    assert not User.objects.get().is_superuser


def test_sign_up_can_be_closed(client: Client, db: None, settings: Any) -> None:
    settings.SIGNUP_OPEN = False
    assert client.get("/accounts/signup/").status_code == 404
    assert sign_up(client).status_code == 404
    assert "signup" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password1": "short", "password2": "short"}, "This password is too short."),
        ({"password2": "something else"}, "The two password fields didn’t match."),
        ({"username": "ALICE"}, "already exists"),
        ({"email": "no address"}, "Enter a valid email address."),
    ],
)
def test_sign_up_of_bad_input_says_why(
    client: Client, alice: User, fields: dict[str, str], sentence: str
) -> None:
    response = sign_up(client, **fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == 1


def test_sign_up_with_an_address_waits_for_its_letter(
    client: Client, alice: User, settings: Any
) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    answers = {
        sign_up(Client(), username=f"new-{address[:5]}", email=address)["Location"]
        for address in ("alice@example.org", "new@example.org")
    }
    assert answers == {"/"}
    assert set(User.objects.exclude(pk=alice.pk).values_list("email", flat=True)) == {""}
    letters.drain(5)
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"], ["new@example.org"]]


def test_sign_in_and_out(client: Client, alice: User) -> None:
    credentials = {"username": "alice", "password": "alice-password"}
    assert client.post("/accounts/login/", credentials)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("target", ["//evil.example", "https:evil.example", "/\\evil.example"])
def test_sign_in_goes_to_no_other_site(client: Client, alice: User, target: str) -> None:
    credentials = {"username": "alice", "password": "alice-password", "next": target}
    assert client.post("/accounts/login/", credentials)["Location"] == "/"


def test_sign_out_by_get_is_refused(as_alice: Client) -> None:
    assert as_alice.get("/accounts/logout/").status_code == 405


def test_password_can_be_changed(as_alice: Client, alice: User) -> None:
    fields = {
        "old_password": "alice-password",
        "new_password1": PASSWORD,
        "new_password2": PASSWORD,
    }
    assert as_alice.post("/accounts/password/", fields).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert as_alice.get("/").status_code == 200


def test_password_reset_by_letter(client: Client, alice: User) -> None:
    alice.email = "alice@example.org"
    alice.save()
    client.post("/accounts/reset/", {"email": "alice@example.org"})
    letters.drain(5)
    link = re.search(r"/accounts/reset/\S+", mail.outbox[0].body)
    assert link
    form = client.get(link[0], follow=True)
    fields = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    response = client.post(form.redirect_chain[-1][0], fields)
    assert response["Location"] == "/accounts/reset/complete/"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_password_reset_signs_out_everywhere(as_alice: Client, alice: User) -> None:
    alice.email = "alice@example.org"
    alice.save()
    stranger = Client()
    stranger.post("/accounts/reset/", {"email": alice.email})
    letters.drain(5)
    link = re.search(r"/accounts/reset/\S+", mail.outbox[0].body)
    assert link
    form = stranger.get(link[0], follow=True)
    fields = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    stranger.post(form.redirect_chain[-1][0], fields)
    assert not alice.sessions.exists()
    assert as_alice.get("/").status_code == 302


def test_password_reset_for_a_stranger_looks_the_same(client: Client, alice: User) -> None:
    known = client.post("/accounts/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (302, "/accounts/reset/done/")
    letters.drain(5)
    assert mail.outbox == []
