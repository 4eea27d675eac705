from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy, wording
from generations.forms.sorting import AfterForm, AlbumForm, PlaceForm
from generations.models import Album
from generations.queries.albums import album_page, covers, places_seen
from generations.queries.facets import address
from generations.queries.filters import GalleryFilter
from generations.services.album import (
    album_named,
    delete_album,
    edit_album,
    move_image,
    set_cover,
    shift_image,
)
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, changeable_or_refused, team_of

NAME_TAKEN = "You have an album of this name."


@require_http_methods(["GET", "POST"])
def albums(request: SignedInRequest) -> HttpResponseBase:
    """All albums, and the form for a new one."""
    form, team = AlbumForm(request.POST or None), team_of(request)
    if request.method == "POST" and form.is_valid():
        album = album_named(request.user, form.cleaned_data["name"], team)
        return see_other("album", album_id=album.pk)
    membership = policy.membership_in(request.user, team)
    context = {"covers": covers(request.user, team), "form": form, "membership": membership}
    status = 422 if request.method == "POST" else 200
    return render(request, "album/index.html", context, status=status)


@require_safe
def detail(request: SignedInRequest, album_id: UUID) -> HttpResponse:
    """An album's pictures in its order."""
    return _page(request, "album/detail.html", album_id)


@require_safe
def arrange(request: SignedInRequest, album_id: UUID) -> HttpResponse:
    """The same pictures, to be put in another order."""
    _changeable(request, album_id)
    return _page(request, "album/arrange.html", album_id)


def _page(request: SignedInRequest, template: str, album_id: UUID) -> HttpResponse:
    albums = policy.visible_albums(request.user).select_related("team")
    album = get_object_or_404(albums, pk=album_id)
    page = album_page(album, request.user, after=AfterForm(request.GET).cursor)
    context = {
        "album": album,
        "cards": page.cards,
        "next_url": f"?after={page.after}" if page.after else None,
        "count_text": wording.count(places_seen(album, request.user).count(), "picture"),
        "membership": policy.membership_in(request.user, album.team.slug) if album.team else None,
        "filter": GalleryFilter(
            team=album.team.slug if album.team else "", album=album.pk
        ).as_query(),
        "fill_url": _fill_url(request, album),
        "can_change": policy.changeable_albums(request.user).filter(pk=album.pk).exists(),
    }
    fragment = "#page" if request.htmx and "after" in request.GET else ""
    return render(request, f"{template}{fragment}", context)


def _fill_url(request: SignedInRequest, album: Album) -> str:
    """Where one asks for pictures that will hang in it; empty for who can't fill it."""
    team = album.team.slug if album.team else ""
    if not policy.albums_to_fill(request.user, team).filter(pk=album.pk).exists():
        return ""
    return f"{address(GalleryFilter(team=team))}?into={album.pk}"


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, album_id: UUID) -> HttpResponseBase:
    """Its name and description."""
    album = _changeable(request, album_id)
    known = {"name": album.name, "description": album.description}
    form = AlbumForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        if edit_album(album, **form.cleaned_data):
            return see_other("album", album_id=album.pk)
        form.add_error("name", NAME_TAKEN)
    status = 422 if request.method == "POST" else 200
    return render(request, "album/edit.html", {"album": album, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, album_id: UUID) -> HttpResponseBase:
    """Asks first; the album's pictures stay where they are."""
    album = _changeable(request, album_id)
    if request.method == "GET":
        return render(request, "album/delete.html", {"album": album})
    delete_album(album)
    messages.success(request, f"The album “{album.name}” is gone. Its pictures are all there.")
    return see_other("albums")


@require_POST
def move(request: SignedInRequest, album_id: UUID) -> HttpResponseBase:
    """Another place for one picture."""
    album = _changeable(request, album_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    wanted = form.cleaned_data
    if wanted["step"]:
        shift_image(album, wanted["image"], step=int(wanted["step"]))
    else:
        move_image(album, wanted["image"], before=wanted["before"])
    if request.htmx:
        return HttpResponse(status=204)
    return _arranged(album, wanted["image"])


@require_POST
def cover(request: SignedInRequest, album_id: UUID) -> HttpResponseBase:
    """The picture that stands for the album."""
    album = _changeable(request, album_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise Http404
    place = get_object_or_404(places_seen(album, request.user), image=form.cleaned_data["image"])
    set_cover(album, place.image)
    if request.htmx:
        return HttpResponse(status=204)
    return _arranged(album, place.image_id)


def _arranged(album: Album, image_id: UUID) -> HttpResponse:
    """Back to the same picture in its new place."""
    return see_other(f"{reverse('arrange_album', args=[album.pk])}#place-{image_id}")


def _changeable(request: SignedInRequest, album_id: UUID) -> Album:
    changeable = policy.changeable_albums(request.user)
    return changeable_or_refused(changeable, policy.visible_albums(request.user), pk=album_id)
