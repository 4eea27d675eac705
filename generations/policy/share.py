"""What may be shown to others by a link. A link can do no more than its creator can now."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from generations.models import (
    Album,
    Image,
    Role,
    SavedSearch,
    ShareImage,
    ShareLink,
    Team,
    User,
)
from generations.policy.actor import Actor
from generations.policy.shown import shown_outside
from generations.policy.sorting import changeable_albums, changeable_searches
from generations.policy.teams import has_role, members_of, membership_in, teams_with


def shareable_images(user: Actor) -> QuerySet[Image]:
    """Their own; of a team's all where they curate, and what they made where its makers may."""
    return Image.objects.filter(shared_by(user))


def shared_by(user: Actor, path: str = "") -> Q:
    """The same for a query that reaches the pictures by a path, like “image__”: to look each up
    among all that hang in a gallery would take long in a large one."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    curated = [-team.pk for team in teams_with(user, Role.CURATOR)]
    contributed = teams_with(user, Role.CONTRIBUTOR)
    made = [-team.pk for team in contributed if team.contributors_share]
    found = Q(**{f"{path}space__in": [user.pk, *curated]})
    if made:
        found |= Q(**{f"{path}space__in": made, f"{path}owner": user})
    return found & shown_outside(user, path) & Q(**{f"{path}trashed_at": None})


def can_share(user: User, target: Image | Album | SavedSearch) -> bool:
    """Whether the person may make a link to it; what it shows is never more than
    `shareable_images`."""
    if isinstance(target, Image):
        return shareable_images(user).filter(pk=target.pk).exists()
    if isinstance(target, Album):
        return user.is_active and changeable_albums(user).filter(pk=target.pk).exists()
    return user.is_active and changeable_searches(user).filter(pk=target.pk).exists()


def can_share_search_in(user: User, team: str) -> bool:
    """Whether whatever a search finds in that gallery may be shown: in a team by curators, and
    not where it has to be approved."""
    membership = membership_in(user, team) if team else None
    if membership is None:
        return not team
    return Role(membership.role).reaches(Role.CURATOR) and not membership.team.approved_only


def visible_shares(user: Actor) -> QuerySet[ShareLink]:
    """The links that the person made."""
    if not user.is_authenticated:
        return ShareLink.objects.none()
    return ShareLink.objects.filter(creator=user)


def team_shares(user: Actor, team: Team) -> QuerySet[ShareLink]:
    """For who curates a team: what its members made that shows something of it. Links of somebody
    who left lead nowhere, and aren't among them."""
    if not has_role(user, team.pk, Role.CURATOR):
        return ShareLink.objects.none()
    chosen = ShareImage.objects.filter(link=OuterRef("pk"), image__team=team)
    found = Q(search__team=team) | Q(search__query__regex=rf"(^|&)team={team.slug}(&|$)")
    shown = Q(image__team=team) | Q(album__team=team) | found | Exists(chosen)
    members = members_of(team).values("user")
    return ShareLink.objects.filter(shown, creator__in=members)


def live_shares() -> QuerySet[ShareLink]:
    """Links that lead somewhere, as far as their own rows tell."""
    return ShareLink.objects.filter(
        revoked_at=None, expires_at__gt=timezone.now(), creator__is_active=True
    )
