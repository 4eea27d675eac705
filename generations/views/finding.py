"""What helps to find a picture: filters, months, saved searches, news, the size of the rows.

The lists open as sheets over the gallery; without scripts they are pages.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy
from generations.errors import GalleryError, NotAllowed
from generations.forms.filters import FilterForm
from generations.forms.gallery import GalleryForm, NewsForm
from generations.forms.searches import DensityForm, NameForm, SearchForm
from generations.models import Role, SavedSearch
from generations.queries.counting import count_found, count_new
from generations.queries.facets import address, chips_of, facets_of
from generations.queries.months import years_of
from generations.services import searches as service
from generations.views.requests import (
    SignedInRequest,
    changeable_or_refused,
    membership_of,
    team_of,
)


@require_safe
def filters(request: SignedInRequest) -> HttpResponse:
    """A form over all that one's pictures differ in."""
    wanted, group = _address_of(request)
    context = {
        "wanted": wanted,
        "group": group,
        "facets": facets_of(wanted, request.user),
        "whole_url": address(wanted.whole, group=group),
    }
    return _sheet(request, "gallery/filters.html", context)


@require_safe
def months(request: SignedInRequest) -> HttpResponse:
    """The months there are pictures of, each a place in the gallery."""
    wanted, group = _address_of(request)
    years = years_of(request.user, wanted, group=group)
    return _sheet(request, "gallery/months.html", {"years": years})


@require_http_methods(["GET", "HEAD", "POST"])
def searches(request: SignedInRequest) -> HttpResponseBase:
    """The saved ones, and the present filters to be saved."""
    if request.method != "POST":
        wanted, group = _address_of(request)
        query = wanted.as_query(group=group) if not wanted.is_empty else ""
        return _searches(request, wanted.team, query=query)
    form = SearchForm(request.POST)
    if not form.is_valid():
        return _searches_again(request, form)
    membership = membership_of(request, form.team) if form.team else None
    name, query = form.cleaned_data["name"], form.cleaned_data["query"]
    try:
        team = membership.team if membership else None
        service.save_search(request.user, name=name, query=query, team=team)
    except NotAllowed:
        raise
    except GalleryError as refusal:
        form.add_error(None, refusal.sentence)
        return _searches_again(request, form, status=refusal.status)
    messages.success(request, f"Saved as {name}.")
    return _to(f"{reverse('gallery')}?{query}")


@require_POST
def rename_search(request: SignedInRequest, search_id: int) -> HttpResponseBase:
    search = _changeable(request, search_id)
    form = NameForm(request.POST)
    if not form.is_valid():
        team = _team_of(search)
        return _searches(request, team, renaming=form, renamed_id=search.pk, status=422)
    service.rename_search(search, name=form.cleaned_data["name"])
    return _to_searches(search)


@require_POST
def delete_search(request: SignedInRequest, search_id: int) -> HttpResponseBase:
    search = _changeable(request, search_id)
    service.delete_search(search)
    return _to_searches(search)


def _changeable(request: SignedInRequest, search_id: int) -> SavedSearch:
    changeable = policy.changeable_searches(request.user).select_related("team")
    return changeable_or_refused(changeable, policy.visible_searches(request.user), pk=search_id)


def _team_of(search: SavedSearch) -> str:
    return search.team.slug if search.team else ""


def _to_searches(search: SavedSearch) -> HttpResponse:
    team = _team_of(search)
    return _to(f"{reverse('searches')}?team={team}" if team else reverse("searches"))


@require_POST
def set_density(request: SignedInRequest) -> HttpResponseBase:
    form = DensityForm(request.POST)
    if not form.is_valid():
        raise Http404
    service.set_density(request.user, form.cleaned_data["density"])
    return _to(form.cleaned_data["next"] or reverse("gallery"))


@require_safe
def news(request: SignedInRequest) -> HttpResponse:
    """“3 new” for what came in above the newest tile of a page; 204 while there is nothing."""
    form = NewsForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=204)
    wanted, _ = _address_of(request)
    text = count_new(wanted, request.user, since=form.cleaned_data["above"])
    return HttpResponse(text, content_type="text/plain") if text else HttpResponse(status=204)


def _address_of(request: SignedInRequest) -> tuple[Any, str | None]:
    team_of(request)
    return FilterForm(request.GET).filter, GalleryForm(request.GET).group_by


def _searches_again(
    request: SignedInRequest, form: SearchForm, *, status: int = 422
) -> HttpResponse:
    query = request.POST.get("query", "")
    team = FilterForm(QueryDict(query)).filter.team
    shown = team if policy.membership_in(request.user, team) else ""
    return _searches(request, shown, query=query, form=form, status=status)


def _searches(
    request: SignedInRequest,
    team: str,
    *,
    query: str = "",
    form: SearchForm | None = None,
    renaming: NameForm | None = None,
    renamed_id: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """One's own, and those of the team whose gallery one comes from; with what was typed as another
    name for one of them, where that was refused."""
    wanted = FilterForm(QueryDict(query)).filter
    membership = policy.membership_in(request.user, team)
    curates = bool(membership and Role(membership.role).reaches(Role.CURATOR))
    groups = [(_saved(request, team), curates)] if team else []
    context = {
        "groups": [*groups, (_saved(request), True)],
        "membership": membership,
        "curates": curates,
        "query": query,
        "chips": chips_of(wanted, request.user, group=None),
        "form": form,
        "renaming": renaming,
        "renamed_id": renamed_id,
    }
    return _sheet(request, "gallery/searches.html", context, status=status)


def _saved(request: SignedInRequest, team: str = "") -> list[dict[str, Any]]:
    rows = policy.searches_of(request.user, team).order_by("name")
    filters = [(row, FilterForm(QueryDict(row.query)).filter) for row in rows]
    return [{"search": row, "count": count_found(each, request.user)} for row, each in filters]


def _sheet(
    request: SignedInRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A whole page, or what of it goes into a sheet."""
    name = f"{template}#sheet" if request.htmx else template
    return render(request, name, context, status=status)


def _to(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)
