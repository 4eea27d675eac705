"""Which galleries a person looks into, and what of them they may change."""

from django.db.models import Q

from generations.models import Role, User
from generations.models.team import space_of
from generations.policy.actor import Actor
from generations.policy.teams import membership_in, memberships_of, teams_with


def space_for(user: User, team: str = "") -> int | None:
    """The number of a gallery that the person may look into; None: there is no such one."""
    if not team:
        return user.pk
    membership = membership_in(user, team)
    return space_of(user.pk, membership.team_id) if membership else None


def seen_by(user: Actor) -> Q:
    """Spaces the person may look into."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    spaces = [user.pk, *(-row.team_id for row in memberships_of(user).values())]
    return Q(space=spaces[0]) if len(spaces) == 1 else Q(space__in=spaces)


def changed_by(user: Actor) -> Q:
    """What the person may change: their own, what they made for a team, and what they curate."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    curated = [-team.pk for team in teams_with(user, Role.CURATOR)]
    made = [-team.pk for team in teams_with(user, Role.CONTRIBUTOR)]
    allowed = Q(space__in=[user.pk, *curated]) if curated else Q(space=user.pk)
    return allowed | Q(space__in=made, owner=user) if made else allowed


def own_or_shared(user: Actor) -> Q:
    """Of rows without a space: the person's own, and their teams'."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    ids = [row.team_id for row in memberships_of(user).values()]
    own = Q(owner=user, team=None)
    return own | Q(team__in=ids) if ids else own


def in_list(user: Actor, team: str) -> Q:
    """Of rows without a space: those of one gallery."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    if not team:
        return Q(owner=user, team=None)
    membership = membership_in(user, team)
    return Q(team=membership.team_id) if membership else Q(pk__in=[])


def changed_rows(user: Actor) -> Q:
    if not user.is_authenticated:
        return Q(pk__in=[])
    curated = Q(team__in=[team.pk for team in teams_with(user, Role.CURATOR)])
    made = Q(team__in=[team.pk for team in teams_with(user, Role.CONTRIBUTOR)], owner=user)
    return Q(owner=user, team=None) | curated | made
