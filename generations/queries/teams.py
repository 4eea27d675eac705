"""What the pages of a team show: its people, its invitations, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Q
from django.utils import timezone

from generations import policy, wording
from generations.models import (
    Budget,
    BudgetScope,
    BudgetSpan,
    Invite,
    Membership,
    Role,
    Team,
    TeamEvent,
    User,
)

MOST_EVENTS = 50
CAN = {
    Role.VIEWER: "looks at the pictures",
    Role.CONTRIBUTOR: "makes pictures for the team",
    Role.CURATOR: "sorts, removes and reviews everybody’s pictures, and invites",
    Role.OWNER: "decides about everything, also who is an owner",
}


@dataclass(frozen=True, slots=True)
class TeamRow:
    slug: str
    name: str
    role: str
    people: str


def team_rows(user: User) -> list[TeamRow]:
    """The person's teams by name."""
    rows = user.memberships.filter(team__deleted_at=None).select_related("team")
    counted = rows.annotate(people=Count("team__memberships")).order_by("team__name", "pk")
    return [
        TeamRow(
            row.team.slug,
            row.team.name,
            row.get_role_display(),
            wording.count(row.people, "member"),
        )
        for row in counted
    ]


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    name: str
    role: str
    role_name: str
    is_oneself: bool
    share: str  # dollars a month, as typed; empty without a limit or for others' eyes
    roles: Sequence[tuple[str, str]]  # those the one who looks may give; none: not theirs to change
    can_set_share: bool


@dataclass(frozen=True, slots=True)
class InviteRow:
    id: int
    whom: str
    role_name: str
    expires_at: datetime
    uses: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    members: Sequence[Member]
    invites: Sequence[InviteRow]
    events: Sequence[TeamEvent]
    roles_to_give: Sequence[tuple[str, str]]


def team_page(team: Team, user: User) -> TeamPage:
    """As the person's role shows it: invitations and what was done are for curators and owners."""
    role = policy.role_in(user, team.pk)
    is_leading = role is not None and role.reaches(Role.CURATOR)
    rows = Membership.objects.filter(team=team).select_related("user").order_by("user__username")
    shares = _shares(team) if is_leading else {}
    return TeamPage(
        members=[_member(row, user, role, shares.get(row.user_id)) for row in rows],
        invites=_invites(team) if is_leading else [],
        events=list(team.events.order_by("-created_at")[:MOST_EVENTS]) if is_leading else [],
        roles_to_give=roles_below(role),
    )


def roles_below(role: Role | None) -> list[tuple[str, str]]:
    """What somebody of this role may make of another person."""
    if role == Role.OWNER:
        return [(each.value, each.label) for each in Role]
    if role == Role.CURATOR:
        return [(each.value, each.label) for each in Role if not each.reaches(Role.CURATOR)]
    return []


def _shares(team: Team) -> dict[int | None, int | None]:
    """What each may spend in a month, by person, in micro-dollars."""
    rows = Budget.objects.filter(
        scope=BudgetScope.MEMBER, team=team, span=BudgetSpan.MONTH, is_active=True
    )
    return dict(rows.values_list("user", "limit_micros"))


def _member(row: Membership, user: User, role: Role | None, share: int | None) -> Member:
    given = roles_below(role)
    is_below = Role(row.role).value in dict(given)
    return Member(
        id=row.pk,
        name=row.user.username,
        role=row.role,
        role_name=row.get_role_display(),
        is_oneself=row.user_id == user.pk,
        share="" if share is None else f"{Decimal(share) / 1_000_000:.2f}",
        roles=given if is_below and row.user_id != user.pk else [],
        can_set_share=is_below,
    )


def _invites(team: Team) -> list[InviteRow]:
    now = timezone.now()
    living = Q(revoked_at=None, expires_at__gt=now, uses__lt=F("most_uses"))
    return [
        InviteRow(
            id=row.pk,
            whom=row.email or ("Anybody with the link" if row.most_uses > 1 else "One person"),
            role_name=row.get_role_display(),
            expires_at=row.expires_at,
            uses=f"{row.uses} of {row.most_uses} used" if row.most_uses > 1 else "",
        )
        for row in Invite.objects.filter(living, team=team).order_by("-created_at")
    ]
