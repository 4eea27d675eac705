"""What guests see behind a share link: pages without an account.

A link that is unknown, expired or revoked, or that doesn't hold the picture asked for, is answered
by one and the same page.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from generations.errors import CannotConvert, GalleryError
from generations.forms.share import GuestForm, PickForm, UnlockForm
from generations.forms.sorting import AfterForm
from generations.models import Image, ShareKind, Viewed
from generations.networks import network_of
from generations.pipeline.archive import zip_of
from generations.pipeline.download import CLEAN, KEEP, ORIGINAL, made_of
from generations.queries import shared as queries
from generations.services import shared as service
from generations.storage.base import Missing, disposition
from generations.views.download import answer_with
from generations.views.guest import Guest
from generations.views.image import EDGES, original, preview

HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
NOT_IT = "That isn’t the password, or it was tried too often just now. Wait a moment and try again."
TOO_MANY = f"A ZIP holds {queries.MOST_IN_ZIP} pictures at most. Download them one by one."
CANT_MAKE = "This picture can’t be downloaded. Tell whoever sent you the link."
View = Callable[..., HttpResponseBase]


def behind_link(view: View, *, asks: bool = False, is_door: bool = False) -> View:
    """The view gets a `Guest` in the token's place.

    Whoever owes the password is asked for it where the view `asks`; a door lets them through.
    """

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, token: str, **places: Any) -> HttpResponseBase:
        link = queries.link_of(token)
        guest = Guest(request, token, link) if link else None
        if guest is None or not (guest.is_admitted or asks or is_door):
            response: HttpResponseBase = _gone(request)
        elif not (guest.is_admitted or is_door):
            response = _locked(guest)
        else:
            response = _seen(view, guest, **places)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return answer


def _seen(view: View, guest: Guest, **places: Any) -> HttpResponseBase:
    try:
        return view(guest.request, guest, **places)
    except (Http404, Missing):
        return _gone(guest.request)
    except GalleryError as refusal:
        context = {"sentence": refusal.sentence, "home": guest.home}
        return render(guest.request, "shared/refused.html", context, status=refusal.status)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, one that is over, and a picture that isn't behind it."""
    return render(request, "shared/gone.html", status=404)


def _locked(guest: Guest, *, sentence: str = "", status: int = 200) -> HttpResponse:
    context = {"home": guest.home, "sentence": sentence}
    return render(guest.request, "shared/unlock.html", context, status=status)


def asking(view: View) -> View:
    return behind_link(view, asks=True)


def door(view: View) -> View:
    return behind_link(view, is_door=True)


@require_safe
@asking
def page(request: HttpRequest, guest: Guest) -> HttpResponse:
    """All pictures of the link, page by page; of one picture its own page."""
    guest.count(Viewed.PAGE)
    if guest.link.kind == ShareKind.IMAGE and guest.link.image_id:
        return _picture(guest, _image(guest, guest.link.image_id))
    after = AfterForm(request.GET)
    found = queries.page_of(guest.shown, after=after.cursor, guest=guest.row)
    context = {
        "cards": found.cards,
        "next_url": f"?after={found.after}" if found.after else None,
        "after": after.written,
        "count_text": queries.count_text(guest.shown),
    }
    return guest.greet(render(request, "shared/index.html", guest.context | context))


@require_safe
@asking
def picture(request: HttpRequest, guest: Guest, image_id: UUID) -> HttpResponse:
    """One of them, large."""
    image = _image(guest, image_id)
    guest.count(Viewed.PICTURE)
    return _picture(guest, image)


def _picture(guest: Guest, image: Image) -> HttpResponse:
    previous, following = queries.neighbours_of(guest.shown, image)
    after = AfterForm(guest.request.GET).written
    context = {
        "picture": queries.picture_of(guest.shown, image, guest.row),
        "previous": previous,
        "following": following,
        "after": after,
        "is_alone": guest.link.kind == ShareKind.IMAGE,
    }
    response = render(guest.request, "shared/picture.html", guest.context | context)
    return guest.greet(response)


@require_safe
@behind_link
def file(request: HttpRequest, guest: Guest, image_id: UUID, size: str) -> HttpResponseBase:
    """A picture's bytes: one of its sizes, or the original where it may be taken along."""
    image = _image(guest, image_id)
    if size != "original":
        return preview(image, EDGES.get(size))
    if not guest.link.allows_download:
        raise Http404
    guest.count(Viewed.DOWNLOAD)
    return original(image) if guest.link.shows_prompts else _clean(image)


def _clean(image: Image) -> HttpResponseBase:
    """The original without a word of where it comes from."""
    try:
        return answer_with(made_of(image, target=ORIGINAL, content=CLEAN))
    except CannotConvert as error:
        raise CannotConvert(CANT_MAKE) from error


@require_safe
@behind_link
def archive(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """All of them as a ZIP, which holds pictures alone."""
    if not guest.link.allows_download:
        raise Http404
    ids = queries.ids_of(guest.shown, most=queries.MOST_IN_ZIP + 1)
    if len(ids) > queries.MOST_IN_ZIP:
        raise GalleryError(TOO_MANY, code="zip")
    guest.count(Viewed.DOWNLOAD)
    connection.close()  # a slow reader must not keep a database connection meanwhile
    content = KEEP if guest.link.shows_prompts else CLEAN
    filename = f"pictures-{timezone.now():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": disposition(filename, attachment=True)}
    may_have = partial(queries.still_shared, guest.link.pk)
    pieces = zip_of(ids, content=content, has_sheets=False, may_have=may_have)
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@require_POST
@behind_link
def pick(request: HttpRequest, guest: Guest, image_id: UUID) -> HttpResponseBase:
    """A guest's heart on a picture, or off it."""
    image = _image(guest, image_id)
    form = PickForm(request.POST)
    if not guest.link.allows_picks or not form.is_valid():
        raise Http404
    row, key = service.admit_guest(guest.link, guest.key)
    service.pick(row, image.pk, is_on=form.is_on)
    guest.count(Viewed.PICKS)
    if "HX-Request" in request.headers:
        response = HttpResponse(queries.picks_text(row), content_type="text/plain")
    else:
        response = _to(form.way_back(image.pk))
    guest.remember(response, key)
    return response


@require_POST
@behind_link
def name(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """Who the guest's picks are by, if they want to say."""
    form = GuestForm(request.POST)
    if not guest.link.allows_picks or not form.is_valid():
        raise Http404
    row, key = service.admit_guest(guest.link, guest.key)
    service.name_guest(row, form.cleaned_data["name"])
    response = _to("../")
    guest.remember(response, key)
    return response


@require_POST
@door
def unlock(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """The password, asked for once in each browser."""
    form = UnlockForm(request.POST)
    if not guest.is_admitted:
        tried = form.cleaned_data["password"] if form.is_valid() else ""
        network = network_of(request)
        if not tried or not service.is_password(guest.link, tried, network=network):
            return _locked(guest, sentence=NOT_IT, status=422)
    response = _to("../")
    guest.admit(response)
    return response


def _image(guest: Guest, image_id: UUID) -> Image:
    image = queries.image_of(guest.shown, image_id)
    if image is None:
        raise Http404
    return image


def _to(place: str) -> HttpResponse:
    """303 to a place beside this one: the address of the link itself is in no header."""
    return HttpResponseRedirect(place, status=303)
