"""An invitation as a link: shown once, and where it leads."""

import pytest
from django.test import Client

from generations.models import (
    Team,
    User,
)
from generations.services.team import create_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    return create_team(alice, name="Night shift")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_invitation_is_shown_once_and_lets_in(as_alice: Client, team: Team, carol: User) -> None:
    made = as_alice.post("/teams/night-shift/people/", {"role": "contributor"})
    assert made.status_code == 201
    _, address = made.context["invited"]
    path = address.partition("//")[2].partition("/")[2]
    assert path not in as_alice.get("/teams/night-shift/people/").content.decode()
    guest = signed_in(carol)
    assert "Come into" in guest.get(f"/{path}").content.decode()
    assert guest.post(f"/{path}").headers["Location"] == "/teams/night-shift/"
    assert guest.get("/teams/night-shift/").status_code == 200
    again = guest.get(f"/{path}")
    assert (again.status_code, "isn’t valid any more" in again.content.decode()) == (404, True)


def test_whoever_isn_t_signed_in_comes_back_to_the_invitation(
    as_alice: Client, client: Client, team: Team
) -> None:
    as_alice.post("/teams/night-shift/people/", {"role": "viewer"})
    answer = Client().get("/invites/some-token/")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("next=/invites/some-token/")
