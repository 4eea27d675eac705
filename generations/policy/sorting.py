"""Albums, tags, searches and templates: a person's own and their teams'."""

from django.db.models import QuerySet

from generations.models import Album, PromptTemplate, SavedSearch, Tag
from generations.policy.actor import Actor
from generations.policy.spaces import changed_rows, in_list, own_or_shared


def visible_albums(user: Actor) -> QuerySet[Album]:
    return Album.objects.filter(own_or_shared(user))


def albums_of(user: Actor, team: str = "") -> QuerySet[Album]:
    return Album.objects.filter(in_list(user, team))


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
    if not user.is_authenticated:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(owner=user)


def visible_templates(user: Actor) -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(own_or_shared(user))


def templates_of(user: Actor, team: str = "") -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(in_list(user, team))


def changeable_templates(user: Actor) -> QuerySet[PromptTemplate]:
    return PromptTemplate.objects.filter(changed_rows(user))
