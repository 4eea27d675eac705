"""Saved searches that a team keeps."""

import pytest
from django.test import Client

from generations.models import (
    Membership,
    Role,
    SavedSearch,
    Team,
    User,
)
from generations.pipeline import erasure
from generations.services.erasure import erase_account
from generations.services.team import create_team
from tests.conftest import Hang

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    return create_team(alice, name="Night shift")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_bob(bob: User, team: Team) -> Client:
    """A contributor."""
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return signed_in(bob)


@pytest.fixture
def as_viewer(carol: User, team: Team) -> Client:
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    return signed_in(carol)


TEAMS_OWN = {"name": "Foxes", "query": "team=night-shift&q=fox", "shared": "1"}


def test_a_team_s_search_is_everybody_s_there(
    as_bob: Client, team: Team, alice: User, hang: Hang
) -> None:
    hang(alice, team=team)
    owner = signed_in(alice)
    assert owner.post("/searches/", TEAMS_OWN).headers["Location"] == "/?team=night-shift&q=fox"
    search = SavedSearch.objects.get()
    assert (search.team, search.name) == (team, "Foxes")
    page = as_bob.get("/searches/?team=night-shift").content.decode()
    assert '<bdi>Foxes</bdi><small class="num">1</small>' in page
    assert f"/searches/{search.pk}/delete/" not in page
    for client in (as_bob, owner):
        assert "<bdi>Foxes</bdi>" not in client.get("/searches/").content.decode()
    assert "For everybody in" not in as_bob.get("/searches/?team=night-shift&q=a").content.decode()
    kept = owner.get("/searches/?team=night-shift&q=a").content.decode()
    assert "For everybody in <bdi>Night shift</bdi>" in kept
    assert f"/searches/{search.pk}/delete/" in kept


def test_only_curators_keep_and_delete_a_team_s_searches(
    as_bob: Client, team: Team, alice: User, bob: User
) -> None:
    assert as_bob.post("/searches/", TEAMS_OWN).status_code == 403
    assert not SavedSearch.objects.exists()
    # Made while a curator, and only a contributor since.
    search = SavedSearch.objects.create(owner=bob, team=team, name="F", query="team=night-shift")
    assert as_bob.post(f"/searches/{search.pk}/delete/").status_code == 403
    assert as_bob.post(f"/searches/{search.pk}/rename/", {"name": "G"}).status_code == 403
    owner = signed_in(alice)
    renamed = owner.post(f"/searches/{search.pk}/rename/", {"name": "G"})
    assert renamed.headers["Location"] == "/searches/?team=night-shift"
    assert SavedSearch.objects.get().name == "G"
    owner.post(f"/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()


def test_one_s_own_searches_stay_one_s_own(as_bob: Client, team: Team, alice: User) -> None:
    as_bob.post("/searches/", TEAMS_OWN | {"shared": ""})
    assert SavedSearch.objects.get().team is None
    assert "Foxes" in as_bob.get("/searches/?team=night-shift").content.decode()
    assert "Foxes" not in signed_in(alice).get("/searches/?team=night-shift").content.decode()


def test_a_name_is_there_once_in_a_team_beside_one_s_own(
    as_bob: Client, team: Team, alice: User
) -> None:
    owner = signed_in(alice)
    owner.post("/searches/", TEAMS_OWN)
    owner.post("/searches/", TEAMS_OWN | {"shared": ""})
    owner.post("/searches/", TEAMS_OWN | {"name": "foxes", "query": "team=night-shift&q=owl"})
    found = SavedSearch.objects.order_by("pk").values_list("team", "name", "query")
    assert list(found) == [
        (team.pk, "foxes", "team=night-shift&q=owl"),
        (None, "Foxes", "team=night-shift&q=fox"),
    ]


def test_a_team_s_search_stays_when_its_maker_s_account_goes(
    team: Team, alice: User, bob: User
) -> None:
    SavedSearch.objects.create(owner=bob, team=team, name="F", query="team=night-shift&q=fox")
    SavedSearch.objects.create(owner=bob, name="Mine", query="q=fox")
    erase_account(bob)
    erasure.go_on()
    assert [search.name for search in SavedSearch.objects.all()] == ["F"]


def test_who_may_share_a_team_s_search(as_bob: Client, team: Team, alice: User) -> None:
    search = SavedSearch.objects.create(
        owner=alice, team=team, name="F", query="team=night-shift&q=fox"
    )
    address = f"/shares/new/?kind=search&target={search.pk}"
    assert as_bob.get(address).status_code == 403
    assert signed_in(alice).get(address).status_code == 200
