"""Who may review what: staff what somebody asked them to, curators what hangs in their teams."""

from django.db.models import Q, QuerySet

from generations.models import Image, ReviewState, Role, Team, User
from generations.models.image import HANGS
from generations.policy.actor import Actor
from generations.policy.images import can_change
from generations.policy.teams import teams_with

OPEN = (ReviewState.PENDING, ReviewState.FLAGGED)


def curated_teams(user: Actor) -> list[Team]:
    return teams_with(user, Role.CURATOR)


def can_review(user: Actor) -> bool:
    """Whether there is a queue for this person at all."""
    return user.is_authenticated and bool(user.is_staff or curated_teams(user))


def staff_queue(user: Actor) -> QuerySet[Image]:
    """What staff see of others: what was put before them, until it is decided.

    Nobody of staff decides about a picture of their own.
    """
    if not (user.is_authenticated and user.is_staff):
        return Image.objects.none()
    queued = Image.objects.filter(HANGS, queued_at__isnull=False, review_state__in=OPEN)
    return queued.exclude(owner=user)


def team_queue(user: Actor, team: Team) -> QuerySet[Image]:
    """One of `curated_teams`: all that hangs there."""
    return Image.objects.filter(HANGS, space=-team.pk)


def reviewable_images(user: Actor) -> QuerySet[Image]:
    """What the person may look at and decide about as a reviewer."""
    return judged_images(user).filter(_curated(user) | Q(review_state__in=OPEN))


def judged_images(user: Actor) -> QuerySet[Image]:
    """Those, and what staff had before them until somebody decided: not to be looked at."""
    if not user.is_authenticated:
        return Image.objects.none()
    if not user.is_staff:
        return Image.objects.filter(HANGS, _curated(user))
    queued = Q(queued_at__isnull=False) & ~Q(owner=user)
    return Image.objects.filter(HANGS, _curated(user) | queued)


def _curated(user: Actor) -> Q:
    return Q(space__in=[-team.pk for team in curated_teams(user)])


def reads_trail(user: User, image: Image) -> bool:
    """Of a picture they may see: who made it, who curates it, and staff while it is queued."""
    if can_change(user, image):
        return image.team_id is not None or image.owner_id == user.pk
    return reviewable_images(user).filter(pk=image.pk).exists()


def can_ask(user: User, image: Image) -> bool:
    """To have staff look at a picture: one's own, or one that one may change in a team."""
    if image.team_id is None:
        return image.owner_id == user.pk
    return can_change(user, image)
