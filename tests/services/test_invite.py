"""Invitations: whom they let in, how often, and what ends them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from generations import letters, policy
from generations.errors import Conflict, NotAllowed
from generations.models import (
    Generation,
    Invite,
    Membership,
    Role,
    Team,
    User,
)
from generations.services import invite as inviting
from generations.services import team as service

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


def test_an_invitation_lets_in_as_often_as_it_says(
    team: Team, alice: User, bob: User, carol: User
) -> None:
    invite, address = inviting.create_invite(alice, team, role=Role.CONTRIBUTOR)
    token = address.rstrip("/").rpartition("/")[2]
    assert token not in {invite.token_sha256, ""}
    inviting.accept_invite(bob, token)
    with pytest.raises(Conflict, match="isn’t valid"):
        inviting.accept_invite(carol, token)
    assert policy.role_in(fresh(bob), team.pk) == Role.CONTRIBUTOR
    assert policy.role_in(fresh(carol), team.pk) is None


DEATHS = ["revoked", "expired", "inviter_left", "inviter_demoted", "inviter_inactive", "team_gone"]


@pytest.mark.parametrize("death", DEATHS)
def test_what_ends_an_invitation(
    team: Team, alice: User, bob: User, carol: User, death: str
) -> None:
    membership = join(team, bob, Role.OWNER)
    invite, address = inviting.create_invite(bob, team, role=Role.CURATOR)
    token = address.rstrip("/").rpartition("/")[2]
    if death == "revoked":
        inviting.revoke_invite(alice, invite)
    elif death == "expired":
        Invite.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif death == "inviter_left":
        service.leave_team(bob, membership)
    elif death == "inviter_demoted":
        service.change_role(alice, membership, Role.CURATOR)
    elif death == "inviter_inactive":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    else:
        service.delete_team(alice, team)
    assert inviting.find_invite(token) is None
    with pytest.raises(Conflict):
        inviting.accept_invite(carol, token)


def test_an_invitation_by_e_mail_is_for_that_address(
    team: Team, alice: User, bob: User, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        _, address = inviting.create_invite(
            alice, team, role=Role.VIEWER, email="Bob@Example.org", most_uses=9
        )
    letters.drain(5)
    token = address.rstrip("/").rpartition("/")[2]
    assert mail.outbox[0].to == ["Bob@Example.org"]
    assert address in mail.outbox[0].body
    with pytest.raises(NotAllowed, match="another e-mail address"):
        inviting.accept_invite(bob, token)
    bob.email = "bob@example.org"
    bob.save()
    assert inviting.accept_invite(bob, token) == team


def test_who_presses_twice_is_in_by_the_first_time(team: Team, alice: User, bob: User) -> None:
    invite, address = inviting.create_invite(alice, team, role=Role.VIEWER)
    token = address.rstrip("/").rpartition("/")[2]
    assert inviting.accept_invite(bob, token) == team
    assert inviting.accept_invite(fresh(bob), token) == team
    invite.refresh_from_db()
    assert invite.uses == 1
    Membership.objects.filter(user=bob).delete()
    with pytest.raises(Conflict):
        inviting.accept_invite(fresh(bob), token)


def token_of(actor: User, team: Team, role: Role, **fields: Any) -> str:
    _, address = inviting.create_invite(actor, team, role=role, **fields)
    return address.rstrip("/").rpartition("/")[2]


def test_whoever_is_removed_comes_back_by_no_second_letter(
    team: Team, alice: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    first, second = (token_of(alice, team, Role.VIEWER, email="Bob@example.org") for _ in range(2))
    others = token_of(alice, team, Role.VIEWER, email="carol@example.org")
    inviting.accept_invite(fresh(bob), first)
    service.remove_member(alice, Membership.objects.get(team=team, user=bob))
    with pytest.raises(Conflict, match="isn’t valid"):
        inviting.accept_invite(fresh(bob), second)
    assert inviting.find_invite(others)


def test_lower_role_is_not_left_and_come_back_from(team: Team, alice: User, bob: User) -> None:
    curators = token_of(alice, team, Role.CURATOR, most_uses=9)
    viewers = token_of(alice, team, Role.VIEWER, most_uses=9)
    inviting.accept_invite(bob, curators)
    member = Membership.objects.get(team=team, user=bob)
    service.change_role(alice, member, Role.VIEWER)
    service.leave_team(bob, Membership.objects.get(pk=member.pk))
    with pytest.raises(Conflict, match="isn’t valid"):
        inviting.accept_invite(fresh(bob), curators)
    assert inviting.accept_invite(fresh(bob), viewers) == team


def test_whoever_is_removed_comes_back_by_no_open_link_and_has_nothing_sent(
    team: Team, alice: User, bob: User, submit: Callable[..., Generation]
) -> None:
    _, address = inviting.create_invite(alice, team, role=Role.CONTRIBUTOR, most_uses=9)
    token = address.rstrip("/").rpartition("/")[2]
    inviting.accept_invite(bob, token)
    theirs, own, others = submit(bob, team=team), submit(bob), submit(alice, team=team)
    service.remove_member(alice, Membership.objects.get(team=team, user=bob))
    with pytest.raises(Conflict, match="isn’t valid"):
        inviting.accept_invite(fresh(bob), token)
    states = [run.attempts.get().state for run in (theirs, own, others)]
    assert states == ["canceled", "ready", "ready"]
