"""A team's curators see what its members show others of its pictures, and end it."""

from typing import Any

import pytest
from django.test import Client

from generations.models import (
    Image,
    Membership,
    Role,
    SavedSearch,
    ShareLink,
    Team,
    TeamEvent,
    User,
)
from generations.services.account import rename_user
from generations.services.team import create_team
from tests.conftest import Hang
from tests.views.sharing import OPEN, album_of, expire, link_with, share

pytestmark = [pytest.mark.db, pytest.mark.django_db]
LINKS = "/teams/night-shift/links/"


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """Alice owns it, bob contributes."""
    team = create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return team


@pytest.fixture
def picture(team: Team, bob: User, hang: Hang) -> Image:
    return hang(bob, team=team)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def listed(client: Client) -> list[str]:
    return [row.name for row in client.get(LINKS).context["links"]]


def revoke(client: Client, token: str, slug: str = "night-shift") -> Any:
    return client.post(f"/teams/{slug}/links/{link_with(token).pk}/revoke/", follow=True)


def test_links_of_every_kind_are_listed(
    as_alice: Client, team: Team, picture: Image, alice: User, bob: User, hang: Hang
) -> None:
    bob, own = fresh(bob), hang(bob)
    share(bob, picture)
    share(bob, album_of(bob, picture, team=team))
    share(bob, ids=(picture.pk, own.pk))
    owner = fresh(alice)
    share(owner, SavedSearch.objects.create(owner=owner, name="F", query="team=night-shift&q=fox"))
    share(owner, SavedSearch.objects.create(owner=owner, name="T", team=team, query="q=fox"))
    assert listed(as_alice) == [
        "Search “T”",
        "Search “F”",
        "1 selected picture",
        "Album “Coast”",
        "One picture",
    ]


def test_what_shows_nothing_of_the_team_is_nobody_else_s_business(
    as_alice: Client, team: Team, picture: Image, bob: User, hang: Hang
) -> None:
    bob, own = fresh(bob), hang(bob)
    share(bob, own)
    share(bob, album_of(bob, own, name="Mine"))
    share(bob, ids=(own.pk,))
    share(bob, SavedSearch.objects.create(owner=bob, name="F", query="q=team%3Dnight-shift"))
    share(bob, SavedSearch.objects.create(owner=bob, name="G", query="team=night-shift-2&q=a"))
    assert listed(as_alice) == []
    assert "No link leads here" in as_alice.get(LINKS).content.decode()


def test_the_list_says_who_what_how_often_and_until_when(
    as_alice: Client, guest: Client, picture: Image, bob: User
) -> None:
    token = share(fresh(bob), picture, shows_creator=True, **OPEN)
    guest.get(f"/s/{token}/")
    page = as_alice.get(LINKS).content.decode()
    assert f'<a href="/images/{picture.pk}/" dir="auto">One picture</a>' in page
    assert "by <bdi>bob</bdi>: their name, downloads, picking" in page
    assert "1 view" in page
    assert "until " in page
    assert f"/s/{token}" not in page


def test_links_that_are_over_come_last_and_those_of_who_left_not_at_all(
    as_alice: Client, team: Team, picture: Image, alice: User, bob: User, hang: Hang
) -> None:
    album = album_of(fresh(alice), picture, team=team)
    share(fresh(bob), picture)
    expire(share(fresh(alice), album))
    assert listed(as_alice) == ["One picture", "Album “Coast”"]
    Membership.objects.filter(user=bob).delete()
    assert listed(as_alice) == ["Album “Coast”"]


def test_revoking_ends_the_link_and_its_creator_sees_who_did(
    as_alice: Client, guest: Client, team: Team, picture: Image, bob: User
) -> None:
    token = share(fresh(bob), picture)
    assert guest.get(f"/s/{token}/").status_code == 200
    assert "leads nowhere any more" in revoke(as_alice, token).content.decode()
    assert guest.get(f"/s/{token}/").status_code == 404
    link = link_with(token)
    assert link.revoked_by.username == "alice"  # type: ignore[union-attr]
    for address in ("/shares/", f"/shares/{link.pk}/"):
        assert "by alice" in signed_in(bob).get(address).content.decode()
    again = {"days": "7"}
    assert signed_in(bob).post(f"/shares/{link.pk}/extend/", again).status_code == 409
    said = list(TeamEvent.objects.values_list("sentence", flat=True))
    assert said[-1] == "alice revoked bob’s link: one picture."
    revoke(as_alice, token)
    assert TeamEvent.objects.count() == len(said)


def test_one_s_own_revoking_names_nobody(as_alice: Client, alice: User, hang: Hang) -> None:
    token = share(alice, hang(alice))
    as_alice.post(f"/shares/{link_with(token).pk}/revoke/")
    page = as_alice.get("/shares/").content.decode()
    assert "revoked" in page
    assert "by alice" not in page


def test_no_other_team_s_curator_revokes_it(
    as_alice: Client, as_carol: Client, carol: User, picture: Image, bob: User
) -> None:
    create_team(carol, name="Day shift")
    token = share(fresh(bob), picture)
    assert revoke(as_carol, token, "day-shift").status_code == 404
    assert revoke(as_carol, token).status_code == 404
    assert ShareLink.objects.get().revoked_at is None


def test_the_record_follows_a_new_name(as_alice: Client, picture: Image, bob: User) -> None:
    revoke(as_alice, share(fresh(bob), picture))
    rename_user(fresh(bob), "robert")
    said = TeamEvent.objects.values_list("sentence", flat=True)
    assert "alice revoked robert’s link: one picture." in said


def test_the_way_there_is_for_who_may_go_it(as_alice: Client, team: Team, bob: User) -> None:
    assert LINKS in as_alice.get("/teams/night-shift/").content.decode()
    assert LINKS not in signed_in(bob).get("/teams/night-shift/").content.decode()
