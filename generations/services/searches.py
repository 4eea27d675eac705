"""Filters worth keeping, a person's and a team's, and how a person looks at their gallery."""

from django.db import IntegrityError

from generations import policy
from generations.errors import Conflict, GalleryError
from generations.models import Role, SavedSearch, Team, User
from generations.queries.names import named
from generations.transactions import writing

MOST_SEARCHES = 50


def save_search(owner: User, *, name: str, query: str, team: Team | None = None) -> SavedSearch:
    """A new one; under a name that is there already it takes the old one's place.

    A team's is kept by who curates it, and found by everybody in the team.
    """
    if team:
        policy.require_role(owner, team.pk, Role.CURATOR)
    searches = policy.searches_of(owner, team.slug if team else "")
    with writing():
        _hold(team or owner)
        found = named(searches, name).first()
        if found is None and searches.count() >= MOST_SEARCHES:
            raise GalleryError(
                f"{_have(team)} {MOST_SEARCHES} saved searches. Delete one to save another.",
                code="too_many_searches",
            )
        found = found or SavedSearch(owner=owner, team=team)
        found.name, found.query = name, query
        found.save()
    return found


def _hold(holder: User | Team) -> None:
    """The same form sent twice: the second waits here, and finds what the first one saved."""
    if isinstance(holder, Team):
        Team.objects.select_for_update(no_key=True).get(pk=holder.pk)
    else:
        User.objects.select_for_update(no_key=True).get(pk=holder.pk)


def _have(team: Team | None) -> str:
    return "The team has" if team else "You have"


def rename_search(search: SavedSearch, *, name: str) -> None:
    search.name = name
    try:
        with writing():
            search.save(update_fields=["name"])
    except IntegrityError as error:
        raise Conflict(f"{_have(search.team)} a search called {name} already.") from error


def delete_search(search: SavedSearch) -> None:
    with writing():
        search.delete()


def set_density(user: User, density: str) -> None:
    with writing():
        user.density = density
        user.save(update_fields=["density"])
