"""Asking people into a team by a secret link, which may also travel by e-mail."""

import hashlib
import secrets

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from generations import letters, policy, throttle, watch, wording
from generations.errors import Conflict, NotAllowed
from generations.models import Invite, Membership, Role, Team, TeamEvent, User
from generations.models.team import INVITE_KEPT
from generations.throttle import Turn
from generations.transactions import writing

DEAD = "This invitation isn’t valid any more. Ask for a new one."
OTHER_ADDRESS = "This invitation is for another e-mail address than your account’s."


def create_invite(
    actor: User, team: Team, *, role: Role, email: str = "", most_uses: int = 1
) -> tuple[Invite, str]:
    """The invite and its address, which is shown this once: only its hash is kept."""
    require_can_give(actor, team.pk, role)
    throttle.take(Turn(throttle.INVITE, str(actor.pk)))
    token = secrets.token_urlsafe(24)
    with writing():
        invite = Invite.objects.create(
            team=team,
            creator=actor,
            token_sha256=digest_of(token),
            role=role,
            email=email.lower(),
            most_uses=1 if email else most_uses,
            expires_at=timezone.now() + INVITE_KEPT,
        )
        whom = email or f"up to {most_uses} people" if most_uses > 1 else email or "somebody"
        sentence = f"{actor.username} invited {whom} as {role.label.lower()}."
        TeamEvent.objects.create(team=team, actor=actor, sentence=sentence)
        address = f"{settings.PUBLIC_URL}{reverse('invite', args=[token])}"
        if email:
            letter = _letter(actor, team, email, address)
            transaction.on_commit(lambda: letters.post(letter.send))
    return invite, address


def _letter(actor: User, team: Team, email: str, address: str) -> EmailMessage:
    """A mail server that is away loses nothing: the address is on the page, too."""
    words = {"who": actor.username, "team": team.name, "address": address}
    body = render_to_string("team/invite_email.txt", words)
    subject = f"{actor.username} invites you to {team.name}"
    return EmailMessage(wording.one_line(subject), body, to=[email])


def require_can_give(actor: User, team_id: int, role: Role) -> None:
    """Owners invite as anything, curators as less than they are."""
    power = policy.role_in(actor, team_id)
    is_below = power == Role.CURATOR and not role.reaches(Role.CURATOR)
    if power != Role.OWNER and not is_below:
        raise NotAllowed(policy.REFUSAL)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invite(token: str) -> Invite | None:
    """The living invite of this token: not used up, not expired, its team and inviter still there
    and in a role that may give this one."""
    rows = Invite.objects.select_related("team", "creator").filter(
        Q(uses__lt=F("most_uses")),
        token_sha256=digest_of(token),
        revoked_at=None,
        expires_at__gt=timezone.now(),
        team__deleted_at=None,
        creator__is_active=True,
    )
    invite = rows.first()
    if invite is None:
        return None
    try:
        require_can_give(invite.creator, invite.team_id, Role(invite.role))
    except NotAllowed:
        return None
    return invite


def accept_invite(user: User, token: str) -> Team:
    """Into the team in the invite's role; who is in it already stays what they are."""
    if known := _team_of_member(user, token):
        return known
    invite = find_invite(token)
    if invite is None:
        raise Conflict(DEAD)
    if invite.email and invite.email != user.email.lower():
        raise NotAllowed(OTHER_ADDRESS)
    team = invite.team
    try:
        with writing():
            used = Invite.objects.filter(
                pk=invite.pk, uses__lt=F("most_uses"), revoked_at=None
            ).update(uses=F("uses") + 1)
            if not used:
                raise Conflict(DEAD)
            Membership.objects.create(team=team, user=user, role=invite.role)
            sentence = f"{user.username} came in as {Role(invite.role).label.lower()}."
            TeamEvent.objects.create(team=team, actor=user, sentence=sentence)
            watch.bump_on_commit([-team.pk])
    except IntegrityError:  # the same person a moment earlier: the use is rolled back
        pass
    policy.forget_memberships(user)
    return team


def _team_of_member(user: User, token: str) -> Team | None:
    """Where the invite led, also a used one: who presses twice is in by the first time."""
    rows = Team.objects.filter(deleted_at=None, memberships__user=user)
    return rows.filter(invites__token_sha256=digest_of(token)).first()


def revoke_invite(actor: User, invite: Invite) -> None:
    """May run twice."""
    require_can_give(actor, invite.team_id, Role(invite.role))
    with writing():
        Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now())
