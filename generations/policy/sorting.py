"""Albums, tags, searches and templates: a person's own and their teams'."""

from django.db.models import Q, QuerySet

from generations.models import Album, PromptTemplate, Role, SavedSearch, Tag
from generations.policy.actor import Actor
from generations.policy.spaces import changed_rows, in_list, own_or_shared
from generations.policy.teams import membership_in, teams_with


def visible_albums(user: Actor) -> QuerySet[Album]:
    return Album.objects.filter(own_or_shared(user))


def albums_of(user: Actor, team: str = "") -> QuerySet[Album]:
    return Album.objects.filter(in_list(user, team))


def albums_to_fill(user: Actor, team: str = "") -> QuerySet[Album]:
    """Those of one gallery into which the person may put what they make there."""
    membership = membership_in(user, team)
    if team and not (membership and Role(membership.role).reaches(Role.CONTRIBUTOR)):
        return Album.objects.none()
    return albums_of(user, team)


def changeable_albums(user: Actor) -> QuerySet[Album]:
    """Own ones, and a team's: for who made it, and for curators."""
    return Album.objects.filter(changed_rows(user))


def visible_tags(user: Actor) -> QuerySet[Tag]:
    return Tag.objects.filter(own_or_shared(user))


def tags_of(user: Actor, team: str = "") -> QuerySet[Tag]:
    return Tag.objects.filter(in_list(user, team))


def changeable_tags(user: Actor) -> QuerySet[Tag]:
    return Tag.objects.filter(changed_rows(user))


def visible_searches(user: Actor) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(own_or_shared(user))


def searches_of(user: Actor, team: str = "") -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(in_list(user, team))


def changeable_searches(user: Actor) -> QuerySet[SavedSearch]:
    """Own ones, and a team's for its curators alone: everybody finds by them."""
    if not user.is_authenticated:
        return SavedSearch.objects.none()
    curated = [team.pk for team in teams_with(user, Role.CURATOR)]
    return SavedSearch.objects.filter(Q(owner=user, team=None) | Q(team__in=curated))


def visible_templates(user: Actor) -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(own_or_shared(user))


def templates_of(user: Actor, team: str = "") -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(in_list(user, team))


def changeable_templates(user: Actor) -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(changed_rows(user))
