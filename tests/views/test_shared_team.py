"""Links into a team's gallery: they can do what their creator can at that moment, and no more."""

import pytest
from django.test import Client

from generations.models import Image, Membership, Role, SavedSearch, Team, User
from generations.services.sorting import Mark, put_on
from tests.conftest import Hang
from tests.views.sharing import album_of, share, shown

pytestmark = [pytest.mark.db]

NEW = "/shares/new/"


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """alice contributes, bob curates."""
    team = Team.objects.create(name="Coast", slug="coast")
    Membership.objects.create(team=team, user=alice, role=Role.CONTRIBUTOR)
    Membership.objects.create(team=team, user=bob, role=Role.CURATOR)
    return team


@pytest.fixture
def pictures(alice: User, bob: User, team: Team, hang: Hang) -> tuple[Image, Image]:
    """One that alice made for the team, and one that bob did."""
    return hang(alice, "a fox", team=team), hang(bob, "a fox", team=team)


def asked(user: User, image: Image) -> int:
    client = Client()
    client.force_login(user)
    return client.get(NEW, {"kind": "image", "target": str(image.pk)}).status_code


def test_makers_share_their_own_and_curators_all(
    alice: User, bob: User, carol: User, pictures: tuple[Image, Image]
) -> None:
    hers, his = pictures
    assert [asked(alice, hers), asked(bob, hers), asked(bob, his)] == [200, 200, 200]
    assert asked(alice, his) == 403
    assert asked(carol, hers) == 404


def test_team_may_leave_sharing_to_its_curators(
    alice: User, bob: User, team: Team, pictures: tuple[Image, Image]
) -> None:
    token = share(alice, pictures[0])
    Team.objects.update(contributors_share=False)
    assert Client().get(f"/s/{token}/").status_code == 404
    assert asked(alice, pictures[0]) == 403
    assert asked(bob, pictures[0]) == 200


def test_viewers_share_nothing(carol: User, team: Team, pictures: tuple[Image, Image]) -> None:
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    assert asked(carol, pictures[0]) == 403


@pytest.mark.parametrize("kind", ["image", "album", "selection"])
def test_link_ends_when_its_creator_leaves(
    alice: User, team: Team, pictures: tuple[Image, Image], kind: str
) -> None:
    hers = pictures[0]
    if kind == "album":
        album = album_of(alice, hers, team=team)
        token = share(alice, album)
    else:
        ids = (hers.pk,) if kind == "selection" else ()
        token = share(alice, None if ids else hers, ids=ids)
    assert Client().get(f"/s/{token}/{hers.pk}/").status_code == 200
    Membership.objects.filter(user=alice).delete()
    assert Client().get(f"/s/{token}/{hers.pk}/").status_code == 404
    assert shown(Client(), token) == []


def test_album_of_a_contributor_shows_what_they_made(
    alice: User, bob: User, team: Team, pictures: tuple[Image, Image]
) -> None:
    hers, his = pictures
    album = album_of(alice, hers, team=team)
    put_on(Mark(album), bob, [his.pk])
    assert shown(Client(), share(alice, album)) == [str(hers.pk)]
    token = share(bob, album)
    assert shown(Client(), token) == [str(hers.pk), str(his.pk)]


def test_search_in_a_team_is_shared_by_curators(
    alice: User, bob: User, team: Team, pictures: tuple[Image, Image]
) -> None:
    tokens = {
        user: share(
            user, SavedSearch.objects.create(owner=user, name="Foxes", query="team=coast&q=fox")
        )
        for user in (alice, bob)
    }
    assert set(shown(Client(), tokens[bob])) == {str(image.pk) for image in pictures}
    assert shown(Client(), tokens[alice]) == []
    assert Client().get(f"/s/{tokens[alice]}/{pictures[0].pk}/").status_code == 404


def test_whole_gallery_of_a_team_is_no_search(
    bob: User, team: Team, pictures: tuple[Image, Image]
) -> None:
    search = SavedSearch.objects.create(owner=bob, name="All", query="team=coast")
    assert shown(Client(), share(bob, search)) == []


def test_deleted_team_takes_its_links_along(
    bob: User, team: Team, pictures: tuple[Image, Image]
) -> None:
    token = share(bob, pictures[0])
    team.deleted_at = team.created_at
    team.save()
    assert Client().get(f"/s/{token}/").status_code == 404
