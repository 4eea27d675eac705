"""The page that deletes an account: it says what goes, and asks twice."""

import pytest
from django.test import Client

from generations.models import Erasure, User
from generations.services.tag import tag_named
from generations.services.team import create_team
from tests.conftest import Hang

pytestmark = [pytest.mark.db]

PAGE = "/account/delete/"
SURE = {"name": "alice", "password": "alice-password"}


def test_says_what_goes(as_alice: Client, alice: User, carol: User, hang: Hang) -> None:
    hang(alice)
    hang(carol)
    tag_named(alice, "harbour")
    page = as_alice.get(PAGE).text
    for thing in ("1 picture", "1 prompt", "1 tag"):
        assert f"<li>{thing}</li>" in page
    assert not Erasure.objects.exists()


def test_goes_by_name_and_password(as_alice: Client, alice: User) -> None:
    response = as_alice.post(PAGE, SURE)
    assert (response.status_code, response["Location"]) == (303, "/accounts/login/")
    assert "Your account is gone." in as_alice.get("/accounts/login/").text
    assert as_alice.get("/").status_code == 302
    assert Erasure.objects.get().user_id == alice.pk


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "Alice"}, "Write “alice”, as it stands here."),
        ({"name": ""}, "This field is required."),
        ({"password": "wrong"}, "This isn’t your password."),
        ({"password": ""}, "This field is required."),
    ],
)
def test_stays_unless_both_are_right(
    as_alice: Client, alice: User, wrong: dict[str, str], sentence: str
) -> None:
    response = as_alice.post(PAGE, SURE | wrong)
    assert (response.status_code, sentence in response.text) == (422, True)
    alice.refresh_from_db()
    assert (alice.username, alice.is_active) == ("alice", True)


def test_only_owner_is_told_which_team(as_alice: Client, alice: User) -> None:
    create_team(alice, name="Crew")
    page = as_alice.get(PAGE).text
    assert "You are the only owner of “Crew”." in page
    assert "Delete it for good" not in page
    response = as_alice.post(PAGE, SURE)
    assert (response.status_code, Erasure.objects.exists()) == (409, False)


def test_nobody_deletes_nothing(client: Client, db: None) -> None:
    assert client.post(PAGE, SURE).status_code == 404
