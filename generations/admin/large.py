"""Tables that grow with every picture: as quick at ten millions as at ten rows.

A list runs along an index, newest first; it can be leafed through for a hundred pages, and beyond
that it is searched. A search is for what an index finds, and says what that is. Columns aren't
sorted by, filters aren't counted, and an address that names other columns is refused.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpRequest

from generations.admin.readonly import ReadOnly
from generations.models import Attempt, User


class InIndexOrder(ChangeList):
    """Whatever order an address asks for; nor by the key behind it, which SQLite would sort by."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return list(self.model_admin.get_ordering(request))


class ChoiceFilter(SimpleListFilter):
    """By one of a column's own choices; its table has an index for each."""

    choices_of: type[TextChoices]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(value, str(label)) for value, label in self.choices_of.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        is_one = self.value() in self.choices_of.values
        return queryset.filter(**{self.parameter_name or "": self.value()}) if is_one else queryset


class LargeTable(ReadOnly):
    sortable_by = ()
    show_facets = ShowFacets.NEVER
    list_per_page = 100
    list_max_show_all = 0
    search_fields = ("id",)  # makes the box appear; `found` does the rest
    list_filter: ClassVar[Any] = ()
    ordering: ClassVar[Any] = ("-pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InIndexOrder

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {each.parameter_name for each in self.list_filter}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self.found(term)) if term else queryset), False

    def found(self, term: str) -> Q:
        """What the term finds, by an index. `search_help_text` says what one can look for."""
        raise NotImplementedError


def short_id(key: UUID) -> str:
    """Enough to tell rows apart; the row's own page has all of it."""
    return str(key)[:8]


def id_of(term: str) -> UUID | None:
    """As people paste it, whole."""
    try:
        return UUID(term)
    except ValueError:
        return None


def attempts_of(term: str) -> list[UUID]:
    """The call of this id, or all calls of the generation of this id."""
    wanted = id_of(term)
    rows = Attempt.objects.filter(Q(pk=wanted) | Q(generation=wanted)) if wanted else ()
    return [row.pk for row in rows]


def people_of(term: str) -> list[int]:
    """Whoever has this name; one, unless names differ by their case alone."""
    return list(User.objects.filter(username__iexact=term).values_list("pk", flat=True)[:10])
