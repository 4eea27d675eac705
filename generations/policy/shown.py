"""What others see of pictures that wait for a reviewer: in teams that show approved ones alone,
and wherever the automatic check holds one back.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from generations.models import Image, Membership, ReviewState, Role
from generations.policy.actor import Actor
from generations.policy.teams import memberships_of


def shown_to(user: Actor, images: str = "") -> Q:
    """Approved pictures, and those that the person made; curators see all.

    `images` leads from another table to the pictures, as "image_tags__image__".
    """
    looked_into = _not_curated(user)
    if not looked_into:
        return Q()
    spaces = [-row.team_id for row in looked_into]
    is_theirs = Q(**{f"{images}owner": user}) | ~Q(**{f"{images}space__in": spaces})
    return _released(images, looked_into) | _approved(images) | is_theirs


def shown_outside(user: Actor, images: str = "") -> Q:
    """What may be shown to somebody who isn't in the team: of those teams, the approved alone, and
    nothing that is held back."""
    return _released(images, memberships_of(user).values()) | _approved(images)


def _released(images: str, rows: Iterable[Membership]) -> Q:
    """What nobody has to approve first."""
    released = Q(**{f"{images}is_withheld": False})
    spaces = [-row.team_id for row in rows if row.team.approved_only]
    return released & ~Q(**{f"{images}space__in": spaces}) if spaces else released


def _approved(images: str) -> Q:
    return Q(**{f"{images}review_state": ReviewState.APPROVED})


def tiles_shown_to(user: Actor) -> Q:
    """Of attempts: other people's empty tiles aren't shown."""
    spaces = _waiting_for(user)
    return ~Q(space__in=spaces) | Q(owner=user) if spaces else Q()


def runs_shown_to(user: Actor) -> Q:
    """Of generations: other people's are known by their approved pictures."""
    if not (spaces := _waiting_for(user)):
        return Q()
    rows = Image.objects.filter(generation=OuterRef("pk"), space__in=spaces, trashed_at=None)
    approved = Exists(rows.filter(_approved("")))
    elsewhere = Q(team=None) | ~Q(team__in=[-space for space in spaces])
    return elsewhere | Q(owner=user) | Q(approved)


def _waiting_for(user: Actor) -> list[int]:
    """Spaces of which the person sees the approved pictures alone, and their own."""
    return [-row.team_id for row in _not_curated(user) if row.team.approved_only]


def _not_curated(user: Actor) -> list[Membership]:
    rows = memberships_of(user).values()
    return [row for row in rows if not Role(row.role).reaches(Role.CURATOR)]
