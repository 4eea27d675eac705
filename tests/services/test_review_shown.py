"""What a review leaves to be seen: its trail, and a team that shows approved pictures alone."""

from collections.abc import Callable

import pytest

from generations import policy
from generations.models import (
    Image,
    Membership,
    Reason,
    ReviewState,
    Role,
    Team,
    User,
    Verdict,
)
from generations.queries.review import ReviewFilter, standing_of
from generations.queries.tags import tag_rows
from generations.services import team as teams
from generations.services.moving import move_images
from generations.services.review import (
    Opinion,
    give_verdict,
)
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


ALL = ReviewFilter()


APPROVE = Opinion(Verdict.APPROVE)


REJECT = Opinion(Verdict.REJECT, Reason.QUALITY, "blurred")


FLAG = Opinion(Verdict.FLAG, Reason.PEOPLE)


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """Alice owns it, bob contributes."""
    team = teams.create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return team


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_user("rita", is_staff=True)


@pytest.fixture
def curator(team: Team) -> User:
    curator = User.objects.create_user("cleo")
    Membership.objects.create(team=team, user=curator, role=Role.CURATOR)
    return curator


def fresh(user: User) -> User:
    """As the next request sees them."""
    return User.objects.get(pk=user.pk)


def now(image: Image) -> Image:
    return Image.objects.get(pk=image.pk)


def test_moved_picture_is_reviewed_anew(team: Team, alice: User, bob: User, hang: Hang) -> None:
    image = hang(bob, team=team)
    give_verdict(alice, image, APPROVE, seen="pending")
    other = teams.create_team(alice, name="Day shift")
    assert move_images(fresh(alice), [image.pk], other).done == 1
    assert now(image).review_state == ReviewState.PENDING
    standing = standing_of(now(image), fresh(alice))
    assert standing
    assert standing.trail == []


def test_trail_is_for_its_maker_and_curators(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    viewer = User.objects.create_user("vic")
    Membership.objects.create(team=team, user=viewer, role=Role.VIEWER)
    image = hang(bob, team=team)
    give_verdict(alice, image, REJECT, seen="pending")
    for user in (alice, bob):
        standing = standing_of(now(image), fresh(user))
        assert standing
        assert [(step.reviewer, step.reason) for step in standing.trail] == [("alice", "Quality")]
    assert standing_of(now(image), viewer) is None


@pytest.fixture
def kept_back(team: Team, alice: User, bob: User, hang: Hang) -> tuple[Image, Image, Image]:
    """An approved picture, one that waits and a rejected one, where approved ones alone show."""
    wanted = teams.TeamSettings(team.name, viewers_download=True, approved_only=True)
    teams.change_team(alice, team, wanted)
    approved, waits, rejected = (hang(bob, team=team) for _ in range(3))
    alice = fresh(alice)
    give_verdict(alice, approved, APPROVE, seen="pending")
    give_verdict(alice, rejected, REJECT, seen="pending")
    return approved, waits, rejected


Seen = Callable[[User], set[Image]]


@pytest.mark.parametrize(
    "seen",
    [
        lambda user: set(policy.visible_images(user)),
        lambda user: set(policy.gallery_images(user, "night-shift")),
        lambda user: set(policy.downloadable_images(user)),
        lambda user: {run.images.get() for run in policy.visible_generations(user)},
    ],
)
def test_viewer_sees_the_approved_alone(
    kept_back: tuple[Image, Image, Image], team: Team, alice: User, bob: User, seen: Seen
) -> None:
    viewer = User.objects.create_user("vic")
    Membership.objects.create(team=team, user=viewer, role=Role.VIEWER)
    assert seen(viewer) == {kept_back[0]}
    assert seen(fresh(bob)) == set(kept_back)
    assert seen(fresh(alice)) == set(kept_back)


def test_tags_count_what_one_sees(
    kept_back: tuple[Image, Image, Image], team: Team, alice: User
) -> None:
    viewer = User.objects.create_user("vic")
    Membership.objects.create(team=team, user=viewer, role=Role.VIEWER)
    alice = fresh(alice)
    tag = tag_named(alice, "fox", team.slug)
    put_on(Mark(tag), alice, [image.pk for image in kept_back])
    assert [row.count_text for row in tag_rows(viewer, team.slug)] == ["1 picture"]
    assert [row.count_text for row in tag_rows(alice, team.slug)] == ["3 pictures"]


def test_links_lead_to_approved_pictures_alone(
    kept_back: tuple[Image, Image, Image], alice: User, bob: User
) -> None:
    for user in (alice, bob):
        assert set(policy.shareable_images(fresh(user))) == {kept_back[0]}
    assert not policy.can_share_search_in(fresh(alice), "night-shift")
