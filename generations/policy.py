"""Who may see and do what. Every read of somebody's rows begins with one of these.

A person looks into their own gallery and into those of their teams; `team` is a team's slug, ""
the own gallery. What a role allows is read from the present membership on every request.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from generations import known
from generations.errors import NotAllowed
from generations.models import (
    Album,
    Attempt,
    CatalogModel,
    Generation,
    Image,
    Invite,
    Membership,
    PromptTemplate,
    Role,
    SavedSearch,
    Tag,
    Team,
    User,
)
from generations.models.image import HANGS
from generations.models.team import space_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Actor = User | AnonymousUser

REFUSAL = "Your role in this team doesn’t allow that. Ask one of its owners."
TRASH_KEPT = timedelta(days=30)
# A date that no trash keeps: nothing shows these, and the worker removes them next.
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)


def memberships_of(user: "Actor") -> dict[str, Membership]:
    """The person's present teams by slug, each with its team: read once for a request's user.

    No query for who is in no team at all.
    """
    if not user.is_authenticated:
        return {}
    found: dict[str, Membership] | None = getattr(user, "_memberships", None)
    if found is None:
        found = _read_memberships(user) if user.pk in known.lately("members", _members) else {}
        user._memberships = found  # type: ignore[attr-defined]
    return found


def _members() -> set[int]:
    return set(Membership.objects.order_by().values_list("user", flat=True).distinct())


def _read_memberships(user: User) -> dict[str, Membership]:
    rows = user.memberships.filter(team__deleted_at=None).select_related("team")
    return {row.team.slug: row for row in rows.order_by("team__name", "pk")}


def forget_memberships(user: User) -> None:
    """After a change of the person's teams within one request."""
    user.__dict__.pop("_memberships", None)


def membership_in(user: "Actor", team: str) -> Membership | None:
    """Somebody who has just come in is known at once, whichever process asks."""
    found = memberships_of(user).get(team)
    if found is None and team and user.is_authenticated:
        user._memberships = _read_memberships(user)  # type: ignore[attr-defined]
        found = memberships_of(user).get(team)
    return found


def role_in(user: "Actor", team_id: int | None) -> Role | None:
    rows = memberships_of(user).values()
    return next((Role(row.role) for row in rows if row.team_id == team_id), None)


def has_role(user: "Actor", team_id: int | None, least: Role) -> bool:
    role = role_in(user, team_id)
    return role is not None and role.reaches(least)


def require_role(user: "Actor", team_id: int | None, least: Role) -> None:
    if not has_role(user, team_id, least):
        raise NotAllowed(REFUSAL)


def members_of(team: Team) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team)


def invites_of(team: Team) -> QuerySet[Invite]:
    return Invite.objects.filter(team=team)


def teams_with(user: "Actor", least: Role = Role.VIEWER) -> list[Team]:
    """The teams in which the person has at least this role, by name."""
    rows = memberships_of(user).values()
    return [row.team for row in rows if Role(row.role).reaches(least)]


def space_for(user: User, team: str = "") -> int | None:
    """The number of a gallery that the person may look into; None: there is no such one."""
    if not team:
        return user.pk
    membership = membership_in(user, team)
    return space_of(user.pk, membership.team_id) if membership else None


def team_to_fill(user: "Actor", team: str) -> Team | None:
    """The team of this slug in which the person may make something; None: their own gallery.

    Raises NotAllowed for who may only look, and for a team that isn't theirs.
    """
    if not team:
        return None
    membership = membership_in(user, team)
    if membership is None or not Role(membership.role).reaches(Role.CONTRIBUTOR):
        raise NotAllowed(REFUSAL)
    return membership.team


def _seen_by(user: "Actor") -> Q:
    """Spaces the person may look into."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    spaces = [user.pk, *(-row.team_id for row in memberships_of(user).values())]
    return Q(space=spaces[0]) if len(spaces) == 1 else Q(space__in=spaces)


def _changed_by(user: "Actor") -> Q:
    """What the person may change: their own, what they made for a team, and what they curate."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    curated = [-team.pk for team in teams_with(user, Role.CURATOR)]
    made = [-team.pk for team in teams_with(user, Role.CONTRIBUTOR)]
    allowed = Q(space__in=[user.pk, *curated]) if curated else Q(space=user.pk)
    return allowed | Q(space__in=made, owner=user) if made else allowed


def visible_images(user: "Actor") -> QuerySet[Image]:
    """Pictures the person may look at that aren't in the trash, also those kept aside."""
    return Image.objects.filter(_seen_by(user), trashed_at=None)


def changeable_images(user: "Actor") -> QuerySet[Image]:
    """Those of them that the person may describe, sort, throw away."""
    return Image.objects.filter(_changed_by(user), trashed_at=None)


def gallery_images(user: "Actor", team: str = "") -> QuerySet[Image]:
    """What hangs in one gallery: not what came after somebody had stopped waiting."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Image.objects.none()
    return Image.objects.filter(space=space, trashed_at=None, is_hidden=False)


def trashed_images(user: "Actor", team: str = "") -> QuerySet[Image]:
    """What was thrown away out of one gallery and this person can still have back."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Image.objects.none()
    return restorable_images(user).filter(space=space)


def restorable_images(user: "Actor") -> QuerySet[Image]:
    """What the person can still have back, out of any trash."""
    since = timezone.now() - TRASH_KEPT
    return Image.objects.filter(_changed_by(user), trashed_at__gt=since)


def can_change(user: "Actor", image: Image) -> bool:
    """One of `visible_images`, as `changeable_images` says it."""
    if image.team_id is None or has_role(user, image.team_id, Role.CURATOR):
        return True
    return image.owner_id == user.pk and has_role(user, image.team_id, Role.CONTRIBUTOR)


def can_download(user: "Actor", image: Image) -> bool:
    """The original of one of `visible_images`: a team decides about its viewers."""
    if image.team_id is None or has_role(user, image.team_id, Role.CONTRIBUTOR):
        return True
    return any(team.pk == image.team_id for team in _downloading_teams(user))


def _downloading_teams(user: "Actor") -> list[Team]:
    teams = memberships_of(user).values()
    return [row.team for row in teams if row.role != Role.VIEWER or row.team.viewers_download]


def downloadable_images(user: "Actor") -> QuerySet[Image]:
    spaces = [user.pk, *(-team.pk for team in _downloading_teams(user))]
    return visible_images(user).filter(space__in=spaces)


def require_download(user: "Actor", image: Image) -> None:
    if not can_download(user, image):
        raise NotAllowed(REFUSAL)


def require_downloads(user: "Actor", team: str) -> None:
    """As `require_download`, for a whole gallery that the person may look into."""
    if team and team not in {each.slug for each in _downloading_teams(user)}:
        raise NotAllowed(REFUSAL)


def sees_cost(user: "Actor", image: Image) -> bool:
    """What a team's picture cost is for who made it and who curates."""
    return can_change(user, image)


def sees_costs(user: "Actor", team: str) -> bool:
    """The sums over a whole gallery."""
    membership = membership_in(user, team)
    return not team or bool(membership and Role(membership.role).reaches(Role.CURATOR))


def movable_images(user: "Actor", into: Team | None) -> QuerySet[Image]:
    """Pictures the person may hang in another gallery: their own in a team they contribute to,
    a team's anywhere they may, for who curates it."""
    if not user.is_authenticated or (into and not has_role(user, into.pk, Role.CONTRIBUTOR)):
        return Image.objects.none()
    curated = [-team.pk for team in teams_with(user, Role.CURATOR)]
    goal = space_of(user.pk, into.pk if into else None)
    return visible_images(user).filter(space__in=[user.pk, *curated]).exclude(space=goal)


def _own_or_shared(user: "Actor", teams: Iterable[Any] | None = None) -> Q:
    """Of rows without a space: the person's own, and their teams'."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    ids = [row.team_id for row in memberships_of(user).values()]
    own = Q(owner=user, team=None)
    return own | Q(team__in=ids) if ids else own


def _in_list(user: "Actor", team: str) -> Q:
    """Of rows without a space: those of one gallery."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    if not team:
        return Q(owner=user, team=None)
    membership = membership_in(user, team)
    return Q(team=membership.team_id) if membership else Q(pk__in=[])


def _changed_rows(user: "Actor") -> Q:
    if not user.is_authenticated:
        return Q(pk__in=[])
    curated = Q(team__in=[team.pk for team in teams_with(user, Role.CURATOR)])
    made = Q(team__in=[team.pk for team in teams_with(user, Role.CONTRIBUTOR)], owner=user)
    return Q(owner=user, team=None) | curated | made


def visible_albums(user: "Actor") -> QuerySet[Album]:
    return Album.objects.filter(_own_or_shared(user))


def albums_of(user: "Actor", team: str = "") -> QuerySet[Album]:
    return Album.objects.filter(_in_list(user, team))


def changeable_albums(user: "Actor") -> QuerySet[Album]:
    """Own ones, and a team's: for who made it, and for curators."""
    return Album.objects.filter(_changed_rows(user))


def visible_tags(user: "Actor") -> QuerySet[Tag]:
    return Tag.objects.filter(_own_or_shared(user))


def tags_of(user: "Actor", team: str = "") -> QuerySet[Tag]:
    return Tag.objects.filter(_in_list(user, team))


def changeable_tags(user: "Actor") -> QuerySet[Tag]:
    return Tag.objects.filter(_changed_rows(user))


def visible_searches(user: "Actor") -> QuerySet[SavedSearch]:
    if not user.is_authenticated:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(owner=user)


def visible_templates(user: "Actor") -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(_own_or_shared(user))


def templates_of(user: "Actor", team: str = "") -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(_in_list(user, team))


def changeable_templates(user: "Actor") -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(_changed_rows(user))


def own_generations(user: "Actor") -> QuerySet[Generation]:
    """What the person asked for themselves, for whichever gallery they still belong to."""
    if not user.is_authenticated:
        return Generation.objects.none()
    return visible_generations(user).filter(owner=user)


def visible_generations(user: "Actor") -> QuerySet[Generation]:
    return Generation.objects.filter(_own_or_shared(user))


def changeable_generations(user: "Actor") -> QuerySet[Generation]:
    """Those the person may cancel, dismiss and run again."""
    return Generation.objects.filter(_changed_rows(user))


def visible_attempts(user: "Actor") -> QuerySet[Attempt]:
    return Attempt.objects.filter(_seen_by(user))


def gallery_attempts(user: "Actor", team: str = "") -> QuerySet[Attempt]:
    """Those that speak on a tile of one gallery."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Attempt.objects.none()
    return Attempt.objects.filter(space=space, is_vacant=True, is_hidden=False)


def usable_models(user: "Actor", team: str = "") -> QuerySet[CatalogModel]:
    """Models that this person may choose in the form, for one gallery."""
    if not user.is_authenticated:
        return CatalogModel.objects.none()
    rows = CatalogModel.objects.filter(is_enabled=True, is_available=True)
    membership = membership_in(user, team) if team else None
    allowed = membership.team.allowed_models if membership else []
    return rows.filter(model_id__in=allowed) if allowed else rows


def own_attempts(user: "Actor") -> QuerySet[Attempt]:
    """What the person spent, for whichever gallery: their money stays theirs to look at."""
    return Attempt.objects.filter(owner=user) if user.is_authenticated else Attempt.objects.none()


def own_images(user: "Actor") -> QuerySet[Image]:
    """What the person made and still hangs somewhere: to be counted, not to be looked at."""
    if not user.is_authenticated:
        return Image.objects.none()
    return Image.objects.filter(HANGS, owner=user)


def operated_attempts(user: "Actor") -> QuerySet[Attempt]:
    """Everybody's calls for staff, to look after: never what was asked for, nor what was drawn."""
    return Attempt.objects.all() if _is_staff(user) else Attempt.objects.none()


def operated_images(user: "Actor") -> QuerySet[Image]:
    """What hangs in anybody's gallery, for staff to count."""
    return Image.objects.filter(HANGS) if _is_staff(user) else Image.objects.none()


def can_decide(user: User) -> bool:
    """About calls that failed: whether they were charged, and whether to run them again."""
    return user.is_staff and user.has_perm("generations.change_attempt")


def can_pause(user: User) -> bool:
    return user.is_staff and user.has_perm("generations.change_gate")


def _is_staff(user: "Actor") -> bool:
    return user.is_authenticated and user.is_staff
