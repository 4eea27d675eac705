"""Coming into a team, leaving it, and who has power over whom."""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from generations import ledger, policy
from generations.errors import Conflict, NotAllowed
from generations.forms.team import InviteForm
from generations.models import (
    AttemptState,
    Budget,
    BudgetScope,
    BudgetSpan,
    Generation,
    Image,
    Membership,
    Role,
    Team,
    TeamEvent,
    User,
)
from generations.queries.teams import team_page
from generations.services import changes
from generations.services import invite as inviting
from generations.services import team as service
from generations.services.changes import Change
from generations.services.image import trash_images
from generations.services.moving import move_images
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def team(alice: User) -> Team:
    """Alice owns it."""
    return service.create_team(alice, name="Night shift")


def join(team: Team, user: User, role: Role) -> Membership:
    policy.forget_memberships(user)
    return Membership.objects.create(team=team, user=user, role=role)


def fresh(user: User) -> User:
    """As the next request sees them."""
    return User.objects.get(pk=user.pk)


def test_teams_of_one_name_have_addresses_of_their_own(alice: User, bob: User) -> None:
    assert service.create_team(alice, name="Night shift").slug == "night-shift"
    assert service.create_team(bob, name="Night  Shift!").slug == "night-shift-2"
    assert service.create_team(bob, name="夜勤").slug == "team"


def test_a_picture_of_the_team_is_everybodys_there_and_nobodys_else(
    team: Team, alice: User, bob: User, carol: User, hang: Hang
) -> None:
    join(team, bob, Role.VIEWER)
    picture = hang(alice, team=team)
    assert list(policy.gallery_images(fresh(bob), team.slug)) == [picture]
    assert list(policy.visible_images(fresh(bob))) == [picture]
    assert not policy.visible_images(fresh(carol)).exists()
    assert not policy.gallery_images(fresh(alice)).exists()
    assert picture.pk not in set(policy.changeable_images(fresh(bob)).values_list("pk", flat=True))


def test_a_leaver_loses_sight_of_what_they_made(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    membership = join(team, bob, Role.CONTRIBUTOR)
    picture = hang(bob, team=team)
    assert policy.changeable_images(fresh(bob)).filter(pk=picture.pk).exists()
    service.leave_team(bob, membership)
    assert not policy.visible_images(fresh(bob)).exists()
    assert not policy.visible_generations(fresh(bob)).exists()
    assert policy.visible_images(fresh(alice)).filter(pk=picture.pk).exists()


def test_the_last_owner_stays(team: Team, alice: User, bob: User) -> None:
    own = Membership.objects.get(team=team, user=alice)
    with pytest.raises(Conflict, match="needs an owner"):
        service.leave_team(alice, own)
    with pytest.raises(Conflict, match="needs an owner"):
        service.change_role(alice, own, Role.CURATOR)
    service.change_role(alice, join(team, bob, Role.VIEWER), Role.OWNER)
    service.leave_team(alice, own)
    assert Membership.objects.get(team=team).user == bob


POWER = [
    # who acts, on whom, to make them: whether they may
    (Role.OWNER, Role.VIEWER, Role.OWNER, True),
    (Role.OWNER, Role.CURATOR, Role.VIEWER, True),
    (Role.CURATOR, Role.VIEWER, Role.CONTRIBUTOR, True),
    (Role.CURATOR, Role.VIEWER, Role.CURATOR, False),
    (Role.CURATOR, Role.CURATOR, Role.VIEWER, False),
    (Role.CURATOR, Role.OWNER, Role.VIEWER, False),
    (Role.CONTRIBUTOR, Role.VIEWER, Role.CONTRIBUTOR, False),
    (Role.VIEWER, Role.VIEWER, Role.VIEWER, False),
]


@pytest.mark.parametrize(("actor", "target", "wanted", "may"), POWER)
def test_power_over_members(
    team: Team, bob: User, carol: User, actor: Role, target: Role, wanted: Role, may: bool
) -> None:
    join(team, bob, actor)
    member = join(team, carol, target)
    if may:
        service.change_role(bob, member, wanted)
    else:
        with pytest.raises(NotAllowed):
            service.change_role(bob, member, wanted)
    member.refresh_from_db()
    assert member.role == (wanted if may else target)


REMOVAL = [
    (Role.OWNER, Role.CURATOR, True),
    (Role.CURATOR, Role.CONTRIBUTOR, True),
    (Role.CURATOR, Role.CURATOR, False),
    (Role.CURATOR, Role.OWNER, False),
    (Role.CONTRIBUTOR, Role.VIEWER, False),
]


@pytest.mark.parametrize(("actor", "target", "may"), REMOVAL)
def test_power_to_remove(
    team: Team, bob: User, carol: User, actor: Role, target: Role, may: bool
) -> None:
    join(team, bob, actor)
    member = join(team, carol, target)
    if may:
        service.remove_member(bob, member)
    else:
        with pytest.raises(NotAllowed):
            service.remove_member(bob, member)
    assert Membership.objects.filter(pk=member.pk).exists() is not may


def test_handing_over_leaves_a_curator_behind(team: Team, alice: User, bob: User) -> None:
    service.hand_over(alice, join(team, bob, Role.CONTRIBUTOR))
    roles = dict(Membership.objects.filter(team=team).values_list("user__username", "role"))
    assert roles == {"alice": Role.CURATOR, "bob": Role.OWNER}
    with pytest.raises(NotAllowed):
        service.hand_over(alice, Membership.objects.get(team=team, user=alice))


def test_a_deleted_team_is_closed_for_everybody(team: Team, alice: User, hang: Hang) -> None:
    hang(alice, team=team)
    service.delete_team(alice, team)
    assert policy.membership_in(fresh(alice), team.slug) is None
    assert not policy.visible_images(fresh(alice)).exists()


def test_moved_pictures_change_their_audience_at_once(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    join(team, bob, Role.CONTRIBUTOR)
    picture = hang(bob)
    assert move_images(fresh(alice), [picture.pk], team).done == 0  # not hers to move
    assert move_images(fresh(bob), [picture.pk], team).done == 1
    assert policy.visible_images(fresh(alice)).filter(pk=picture.pk).exists()
    assert not policy.gallery_images(fresh(bob)).exists()
    assert move_images(fresh(bob), [picture.pk], None).done == 0  # only who curates takes out
    assert move_images(fresh(alice), [picture.pk], None).done == 1
    assert not policy.visible_images(fresh(bob)).exists()
    assert Image.objects.get(pk=picture.pk).space == alice.pk


def test_nothing_is_sent_any_more_for_a_deleted_team(
    team: Team, alice: User, submit: Callable[..., Generation]
) -> None:
    budget = Budget.objects.create(
        scope=BudgetScope.TEAM, team=team, span=BudgetSpan.MONTH, limit_pictures=5
    )
    attempt, own = submit(alice, team=team).attempts.get(), submit(alice).attempts.get()
    service.delete_team(alice, team)
    attempt.refresh_from_db()
    own.refresh_from_db()
    assert (attempt.state, own.state) == (AttemptState.CANCELED, AttemptState.READY)
    assert budget.periods.get().reserved_pictures == 0


def test_what_was_done_is_written_down_whole_with_the_longest_names(alice: User, bob: User) -> None:
    alice.username, bob.username = "a" * 150, "b" * 150
    alice.save()
    bob.save()
    team = service.create_team(alice, name="n" * 60)
    member = join(team, bob, Role.VIEWER)
    service.change_role(alice, member, Role.CONTRIBUTOR)
    inviting.create_invite(alice, team, role=Role.CONTRIBUTOR, email=f"{'c' * 242}@example.com")
    service.hand_over(alice, member)
    said = list(team.events.order_by("pk").values_list("sentence", flat=True))
    assert said[1:] == [
        f"{alice.username} made {bob.username} a contributor.",
        f"{alice.username} invited {'c' * 242}@example.com as contributor.",
        f"{alice.username} handed the team over to {bob.username}.",
    ]
    longest = TeamEvent._meta.get_field("sentence").max_length
    assert max(map(len, said)) <= longest


def test_no_address_is_too_long_for_its_row() -> None:
    address = f"{'c' * 60}@{'.'.join(['d' * 60] * 4)}.com"
    assert "email" in InviteForm({"role": Role.VIEWER, "email": address}).errors


def test_a_role_that_was_lost_a_moment_ago_decides_nothing(
    team: Team, alice: User, bob: User
) -> None:
    member = join(team, bob, Role.OWNER)
    assert policy.role_in(bob, team.pk) == Role.OWNER  # as the request had read it
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        service.delete_team(bob, team)
    with pytest.raises(NotAllowed):
        service.set_share(bob, member, micros=None)
    team.refresh_from_db()
    assert team.deleted_at is None


def test_curators_set_the_share_of_those_below_them_alone(
    team: Team, alice: User, bob: User, carol: User
) -> None:
    own = join(team, bob, Role.CURATOR)
    service.set_share(alice, own, micros=5_000_000)
    for member in (own, Membership.objects.get(team=team, user=alice)):
        with pytest.raises(NotAllowed):
            service.set_share(bob, member, micros=None)
    assert Budget.objects.get(user=bob).is_active
    below = join(team, carol, Role.CONTRIBUTOR)
    service.set_share(bob, below, micros=1_000_000)
    shown = {row.name: row.can_set_share for row in team_page(team, fresh(bob)).members}
    assert shown == {"alice": False, "bob": False, "carol": True}
    service.set_share(alice, Membership.objects.get(team=team, user=alice), micros=1_000_000)


def test_no_share_of_the_money_leaves_a_limit_of_pictures(
    team: Team, alice: User, bob: User
) -> None:
    member = join(team, bob, Role.CONTRIBUTOR)
    service.set_share(alice, member, micros=5_000_000)
    Budget.objects.filter(user=bob).update(limit_pictures=3)
    service.set_share(alice, member, micros=None)
    budget = Budget.objects.get(user=bob)
    assert (budget.is_active, budget.limit_micros, budget.limit_pictures) == (True, None, 3)
    Budget.objects.filter(user=bob).update(limit_pictures=None, limit_micros=5_000_000)
    service.set_share(alice, member, micros=None)
    assert not Budget.objects.get(user=bob).is_active


@pytest.mark.parametrize("end", ["removed", "viewer", "deleted"])
def test_request_that_was_under_way_makes_nothing_in_a_team_that_is_over(
    team: Team, alice: User, bob: User, submit: Callable[..., Generation], end: str
) -> None:
    """Its roles were read before."""
    member = join(team, bob, Role.CONTRIBUTOR)
    bob = fresh(bob)
    assert policy.team_to_fill(bob, team.slug) == team
    if end == "removed":
        service.remove_member(alice, member)
    elif end == "viewer":
        service.change_role(alice, member, Role.VIEWER)
    else:
        service.delete_team(alice, team)
    with pytest.raises(NotAllowed):
        submit(bob, team=team)
    assert not Generation.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["removed", "deleted"])
def test_what_is_asked_for_at_the_moment_of_a_removal_is_canceled(
    team: Team,
    alice: User,
    bob: User,
    submit: Callable[..., Generation],
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    member = join(team, bob, Role.CONTRIBUTOR)
    has_ended, quote = threading.Event(), ledger.quote

    def out() -> None:
        if end == "removed":
            service.remove_member(alice, member)
        else:
            service.delete_team(alice, team)
        has_ended.set()
        connection.close()

    ending = threading.Thread(target=out)

    def quoted(*args: Any, **fields: Any) -> int | None:
        """In the middle of the submission the other one begins."""
        ending.start()
        has_ended.wait(0.5)  # it never comes so far
        return quote(*args, **fields)

    monkeypatch.setattr(ledger, "quote", quoted)
    made = submit(bob, team=team)
    ending.join(30)
    assert made.attempts.get().state == AttemptState.CANCELED


@pytest.mark.parametrize("work", [trash_images, partial(move_images, into=None)])
def test_who_is_removed_while_many_pictures_are_changed_changes_no_more(
    team: Team,
    alice: User,
    bob: User,
    hang: Hang,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[..., Change],
) -> None:
    join(team, bob, Role.CURATOR)
    ids = [hang(alice, team=team).pk for _ in range(3)]

    def removed_after_one(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
        for number, each in enumerate(ids):
            if number == 1:
                Membership.objects.filter(user=bob).delete()
            yield [each]

    monkeypatch.setattr(changes, "batches", removed_after_one)
    change = work(fresh(bob), ids)
    assert (change.done, change.missing) == (1, 2)
