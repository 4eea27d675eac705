"""Who may see, change, take along and move pictures."""

from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from generations.errors import NotAllowed
from generations.models import Attempt, Generation, Image, Role, Team, User
from generations.models.team import space_of
from generations.policy.actor import Actor
from generations.policy.shown import shown_to
from generations.policy.spaces import changed_by, seen_by, space_for
from generations.policy.teams import (
    REFUSAL,
    has_role,
    membership_in,
    memberships_of,
    teams_with,
)

TRASH_KEPT = timedelta(days=30)
# A date that no trash keeps: nothing shows these, and the worker removes them next.
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)


def visible_images(user: Actor) -> QuerySet[Image]:
    """Pictures the person may look at that aren't in the trash, also those kept aside."""
    return Image.objects.filter(seen_by(user), shown_to(user), trashed_at=None)


def changeable_images(user: Actor) -> QuerySet[Image]:
    """Those of them that the person may describe, sort, throw away."""
    return Image.objects.filter(changed_by(user), trashed_at=None)


def gallery_images(user: Actor, team: str = "") -> QuerySet[Image]:
    """What hangs in one gallery: not what came after somebody had stopped waiting."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Image.objects.none()
    shown = shown_to(user) if team else Q()
    return Image.objects.filter(shown, space=space, trashed_at=None, is_hidden=False)


def trashed_images(user: Actor, team: str = "") -> QuerySet[Image]:
    """What was thrown away out of one gallery and this person can still have back."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Image.objects.none()
    return restorable_images(user).filter(space=space)


def restorable_images(user: Actor) -> QuerySet[Image]:
    """What the person can still have back, out of any trash."""
    since = timezone.now() - TRASH_KEPT
    return Image.objects.filter(changed_by(user), trashed_at__gt=since)


def can_change(user: Actor, row: Image | Generation | Attempt) -> bool:
    """One of the visible ones, as `changeable_images` and `changeable_generations` say it."""
    if row.team_id is None or has_role(user, row.team_id, Role.CURATOR):
        return True
    return row.owner_id == user.pk and has_role(user, row.team_id, Role.CONTRIBUTOR)


def can_download(user: Actor, image: Image) -> bool:
    """The original of one of `visible_images`: a team decides about its viewers."""
    if image.team_id is None or has_role(user, image.team_id, Role.CONTRIBUTOR):
        return True
    return any(team.pk == image.team_id for team in _downloading_teams(user))


def _downloading_teams(user: Actor) -> list[Team]:
    teams = memberships_of(user).values()
    return [row.team for row in teams if row.role != Role.VIEWER or row.team.viewers_download]


def downloadable_images(user: Actor) -> QuerySet[Image]:
    spaces = [user.pk, *(-team.pk for team in _downloading_teams(user))]
    return visible_images(user).filter(space__in=spaces)


def require_download(user: Actor, image: Image) -> None:
    if not can_download(user, image):
        raise NotAllowed(REFUSAL)


def require_downloads(user: Actor, team: str) -> None:
    """As `require_download`, for a whole gallery that the person may look into."""
    if not can_download_from(user, team):
        raise NotAllowed(REFUSAL)


def can_download_from(user: Actor, team: str) -> bool:
    return not team or team in {each.slug for each in _downloading_teams(user)}


def sees_cost(user: Actor, image: Image) -> bool:
    """What a team's picture cost is for who made it and who curates; a copy cost nothing more."""
    return not image.is_copy and can_change(user, image)


def sees_run(user: Actor, image: Image) -> bool:
    """The run of one of `visible_images`: a moved picture's stays where it was made."""
    run = image.generation
    return (
        run.owner_id == user.pk if run.team_id is None else has_role(user, run.team_id, Role.VIEWER)
    )


def sees_costs(user: Actor, team: str) -> bool:
    """The sums over a whole gallery."""
    membership = membership_in(user, team)
    return not team or bool(membership and Role(membership.role).reaches(Role.CURATOR))


def movable_images(user: Actor, into: Team | None) -> QuerySet[Image]:
    """Pictures the person may hang in another gallery, there alone or there too: their own in a
    team they contribute to, a team's anywhere they may, for who curates it."""
    if not user.is_authenticated or (into and not has_role(user, into.pk, Role.CONTRIBUTOR)):
        return Image.objects.none()
    curated = [-team.pk for team in teams_with(user, Role.CURATOR)]
    goal = space_of(user.pk, into.pk if into else None)
    return visible_images(user).filter(space__in=[user.pk, *curated]).exclude(space=goal)


def retractable_copies(user: User) -> QuerySet[Image]:
    """What the person hung in another gallery too and may take out of it again: of their own, and
    of teams they contribute to."""
    teams = [-team.pk for team in teams_with(user, Role.CONTRIBUTOR)]
    made = Image.objects.filter(copied_by=user, copied_at__isnull=False)
    return made.filter(space__in=[user.pk, *teams])
