"""Teams that show approved pictures alone: what their other members see meanwhile."""

from django.db.models import Exists, OuterRef, Q

from generations.models import Image, ReviewState, Role
from generations.policy.actor import Actor
from generations.policy.teams import memberships_of


def shown_to(user: Actor, images: str = "") -> Q:
    """Approved pictures, and those that the person made; curators see all.

    `images` leads from another table to the pictures, as "image_tags__image__".
    """
    if not (spaces := _waiting_for(user)):
        return Q()
    approved = Q(**{f"{images}review_state": ReviewState.APPROVED})
    return ~Q(**{f"{images}space__in": spaces}) | approved | Q(**{f"{images}owner": user})


def shown_outside(user: Actor, images: str = "") -> Q:
    """What may be shown to somebody who isn't in the team: of those teams, the approved alone."""
    rows = memberships_of(user).values()
    if not (spaces := [-row.team_id for row in rows if row.team.approved_only]):
        return Q()
    approved = Q(**{f"{images}review_state": ReviewState.APPROVED})
    return ~Q(**{f"{images}space__in": spaces}) | approved


def tiles_shown_to(user: Actor) -> Q:
    """Of attempts: other people's empty tiles aren't shown."""
    spaces = _waiting_for(user)
    return ~Q(space__in=spaces) | Q(owner=user) if spaces else Q()


def runs_shown_to(user: Actor) -> Q:
    """Of generations: other people's are known by their approved pictures."""
    if not (spaces := _waiting_for(user)):
        return Q()
    rows = Image.objects.filter(generation=OuterRef("pk"), space__in=spaces, trashed_at=None)
    approved = Exists(rows.filter(review_state=ReviewState.APPROVED))
    elsewhere = Q(team=None) | ~Q(team__in=[-space for space in spaces])
    return elsewhere | Q(owner=user) | Q(approved)


def _waiting_for(user: Actor) -> list[int]:
    """Spaces of which the person sees only a part."""
    rows = memberships_of(user).values()
    return [
        -row.team_id
        for row in rows
        if row.team.approved_only and not Role(row.role).reaches(Role.CURATOR)
    ]
