from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations import policy, storage
from generations.forms.filters import FilterForm
from generations.forms.image import AltTextForm, DownloadForm
from generations.models import Image
from generations.queries.facets import address
from generations.queries.family import belongings_of
from generations.queries.filters import GalleryFilter
from generations.queries.neighbours import neighbours
from generations.queries.picture import picture
from generations.queries.review import standing_of
from generations.services.image import describe_image, keep_in_gallery
from generations.storage import keys
from generations.storage.base import Missing
from generations.views.redirects import see_next, see_other
from generations.views.requests import SignedInRequest
from generations.views.sorting import changeable_image

SIGNED_SECONDS = 60
PREVIEW_CACHING = "private, max-age=31536000, immutable"
REDIRECT_CACHING = "private, max-age=30"
SANDBOXED = "sandbox; default-src 'none'"
INFO_COOKIE, CLOSED = "info", "closed"  # written by the page's own script
EDGES = {"320": 320, "640": 640, "1600": 1600}


@require_safe
def detail(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One picture with all that is known of it."""
    return _page(request, _own(request, image_id))


def _page(
    request: SignedInRequest, image: Image, *, form: AltTextForm | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, or for scripts the picture with its panel alone."""
    wanted = FilterForm(request.GET).filter
    if not wanted.team and image.team:  # from a link: its neighbours hang in the same gallery
        wanted = replace(wanted, team=image.team.slug)
    query = wanted.as_query()
    newer, older = neighbours(image, request.user, wanted)
    context = {
        "image": picture(image),
        "belongings": belongings_of(image, request.user),
        "alt_form": form or AltTextForm(instance=image),
        "download_form": DownloadForm(),
        "review": standing_of(image, request.user),
        "previous_url": _address(newer, query),
        "next_url": _address(older, query),
        "close_url": _list_address(wanted),
        "can_change": policy.can_change(request.user, image),
        "can_download": policy.can_download(request.user, image),
        "shows_cost": policy.sees_cost(request.user, image),
        "sees_run": policy.sees_run(request.user, image),
        "maker": image.owner.username if image.team else "",
        "copied_at": image.copied_at,
        "copied_by": image.copied_by if image.team else None,
        "is_info_closed": request.COOKIES.get(INFO_COOKIE) == CLOSED,
    }
    fragment = "#picture" if request.htmx else ""
    return render(request, f"image/detail.html{fragment}", context, status=status)


def _address(image_id: UUID | None, query: str) -> str:
    if image_id is None:
        return ""
    address = reverse("image", args=[image_id])
    return f"{address}?{query}" if query else address


def _list_address(wanted: GalleryFilter) -> str:
    """Where one looks at the picture from: the gallery as it was filtered, or an album."""
    if wanted.album and replace(wanted, album=None).is_empty:
        return reverse("album", args=[wanted.album])
    return address(wanted)


def _own(request: SignedInRequest, image_id: UUID) -> Image:
    return get_object_or_404(
        policy.visible_images(request.user).select_related(
            "team", "owner", "generation", "attempt__generation", "copied_by"
        ),
        pk=image_id,
    )


@require_safe
def file(request: SignedInRequest, image_id: UUID, size: str) -> HttpResponseBase:
    """The picture's bytes: the original as a download, or one of the sizes made of it."""
    image = get_object_or_404(policy.visible_images(request.user), pk=image_id)
    if size == "original":
        policy.require_download(request.user, image)
        return original(image)
    return preview(image, EDGES.get(size))


def original(image: Image) -> HttpResponseBase:
    """The bytes as they came, as a download."""
    return _serve(image.key, image.mime, filename=image.filename)


def preview(image: Image, wanted: int | None) -> HttpResponseBase:
    """The size of that edge, or the largest there is while it is being made."""
    made = [edge for edge, _, _ in image.edges]
    if wanted is None or wanted not in EDGES.values() or not made:
        raise Http404
    edge = wanted if wanted in made else max(made)
    response = _serve(keys.derived_key(image.key, edge), "image/webp")
    if edge != wanted and not image.sizes_done:
        response.headers["Cache-Control"] = "private, no-store"  # the real one is being made
    return response


def _serve(key: str, mime: str, *, filename: str = "") -> HttpResponseBase:
    store = storage.get_store()
    address = store.signed_url(
        key,
        seconds=SIGNED_SECONDS,
        content_type=mime,
        filename=filename,
        attachment=bool(filename),
    )
    if address:
        response: HttpResponseBase = HttpResponseRedirect(address)
        response.headers["Cache-Control"] = "no-store" if filename else REDIRECT_CACHING
        return response
    return _stream(key, mime, filename=filename)


def _stream(key: str, mime: str, *, filename: str) -> HttpResponseBase:
    try:
        found = storage.get_store().open(key)
    except Missing as error:
        raise Http404 from error
    connection.close()  # a slow reader must not keep a database connection meanwhile
    headers = {
        "Content-Length": str(found.size),
        "Content-Security-Policy": SANDBOXED,
        "Cache-Control": "private, no-store" if filename else PREVIEW_CACHING,
    }
    if filename:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return StreamingHttpResponse(found.chunks, content_type=mime, headers=headers)


@require_POST
def describe(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """What the picture shows, in a person's own words."""
    image = changeable_image(request, image_id)
    form = AltTextForm(request.POST, instance=image)
    if form.is_valid():
        describe_image(image, alt_text=form.cleaned_data["alt_text"])
        if not request.htmx:
            return see_next(request, otherwise=reverse("image", args=[image.pk]))
    status = 200 if form.is_valid() else 422
    if not request.htmx:
        return _page(request, image, form=form, status=status)
    context = {"image": picture(image), "alt_form": form}
    return render(request, "image/detail.html#alt", context, status=status)


@require_POST
def keep(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """Hang a picture that was kept aside in the gallery."""
    image = changeable_image(request, image_id)
    keep_in_gallery(image)
    messages.success(request, "The picture is in the gallery.")
    return see_other("generation", generation_id=image.generation_id)
