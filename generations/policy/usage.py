"""Whose spending one may look at: a condition on attempts, and as well on what was added up."""

from django.db.models import Q

from generations.models import Role
from generations.policy.actor import Actor
from generations.policy.teams import membership_in, require_role

NOBODYS = Q(pk__in=[])


def own_usage(user: Actor) -> Q:
    """What the person spent, for whichever gallery: their money stays theirs to look at."""
    return Q(owner_id=user.pk) if user.is_authenticated else NOBODYS


def team_usage(user: Actor, team: str) -> Q:
    """What was spent for a team: all of it for who curates it, their own share for contributors.

    Raises NotAllowed for viewers; nothing for who isn't in the team.
    """
    membership = membership_in(user, team)
    if membership is None:
        return NOBODYS
    require_role(user, membership.team_id, Role.CONTRIBUTOR)
    whole = Q(space=-membership.team_id)
    is_leading = Role(membership.role).reaches(Role.CURATOR)
    return whole if is_leading else whole & Q(owner_id=membership.user_id)


def everybodys_usage(user: Actor) -> Q:
    """The whole installation's, for staff; nothing for anybody else."""
    return Q() if user.is_authenticated and user.is_staff else NOBODYS
