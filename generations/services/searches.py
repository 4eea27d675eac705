"""Filters worth keeping, and how a person looks at their gallery."""

from django.db import IntegrityError

from generations import policy
from generations.errors import Conflict, GalleryError
from generations.models import SavedSearch, User
from generations.queries.names import named
from generations.transactions import writing

MOST_SEARCHES = 50


def save_search(owner: User, *, name: str, query: str) -> SavedSearch:
    """A new one; under a name that is there already it takes the old one's place."""
    searches = policy.visible_searches(owner)
    with writing():
        # The same form sent twice: the second waits here, and finds what the first one saved.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        found = named(searches, name).first()
        if found is None and searches.count() >= MOST_SEARCHES:
            raise GalleryError(
                f"You have {MOST_SEARCHES} saved searches. Delete one to save another.",
                code="too_many_searches",
            )
        found = found or SavedSearch(owner=owner)
        found.name, found.query = name, query
        found.save()
    return found


def rename_search(search: SavedSearch, *, name: str) -> None:
    search.name = name
    try:
        with writing():
            search.save(update_fields=["name"])
    except IntegrityError as error:
        raise Conflict(f"You have a search called {name} already.") from error


def delete_search(search: SavedSearch) -> None:
    with writing():
        search.delete()


def set_density(user: User, density: str) -> None:
    with writing():
        user.density = density
        user.save(update_fields=["density"])
