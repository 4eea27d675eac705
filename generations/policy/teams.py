"""Who is in which team, in which role: the present membership, read on every request."""

from django.db.models import QuerySet

from generations.errors import NotAllowed
from generations.models import Invite, Membership, Role, Team, User
from generations.policy.actor import Actor

REFUSAL = "Your role in this team doesn’t allow that. Ask one of its owners."


def memberships_of(user: Actor) -> dict[str, Membership]:
    """The person's present teams by slug, each with its team: read once for a request's user."""
    if not user.is_authenticated:
        return {}
    found: dict[str, Membership] | None = getattr(user, "_memberships", None)
    if found is None:
        rows = user.memberships.filter(team__deleted_at=None).select_related("team")
        found = {row.team.slug: row for row in rows.order_by("team__name", "pk")}
        user._memberships = found  # type: ignore[attr-defined]
    return found


def forget_memberships(user: User) -> None:
    """After a change of the person's teams within one request."""
    user.__dict__.pop("_memberships", None)


def membership_in(user: Actor, team: str) -> Membership | None:
    return memberships_of(user).get(team)


def role_in(user: Actor, team_id: int | None) -> Role | None:
    rows = memberships_of(user).values()
    return next((Role(row.role) for row in rows if row.team_id == team_id), None)


def has_role(user: Actor, team_id: int | None, least: Role) -> bool:
    role = role_in(user, team_id)
    return role is not None and role.reaches(least)


def require_role(user: Actor, team_id: int | None, least: Role) -> None:
    if not has_role(user, team_id, least):
        raise NotAllowed(REFUSAL)


def members_of(team: Team) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team)


def invites_of(team: Team) -> QuerySet[Invite]:
    return Invite.objects.filter(team=team)


def teams_with(user: Actor, least: Role = Role.VIEWER) -> list[Team]:
    """The teams in which the person has at least this role, by name."""
    rows = memberships_of(user).values()
    return [row.team for row in rows if Role(row.role).reaches(least)]


def team_to_fill(user: Actor, team: str) -> Team | None:
    """The team of this slug in which the person may make something; None: their own gallery.

    Raises NotAllowed for who may only look, and for a team that isn't theirs.
    """
    if not team:
        return None
    membership = membership_in(user, team)
    if membership is None or not Role(membership.role).reaches(Role.CONTRIBUTOR):
        raise NotAllowed(REFUSAL)
    return membership.team
