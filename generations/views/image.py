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
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from generations import policy, storage
from generations.queries.picture import neighbours, picture
from generations.services.image import trash_image
from generations.storage import keys
from generations.storage.base import Missing
from generations.views.requests import SignedInRequest

SIGNED_SECONDS = 60
PREVIEW_CACHING = "private, max-age=31536000, immutable"
REDIRECT_CACHING = "private, max-age=30"
SANDBOXED = "sandbox; default-src 'none'"
EDGES = {"320": 320, "640": 640, "1600": 1600}


@require_safe
def detail(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One picture with all that is known of it."""
    image = get_object_or_404(
        policy.visible_images(request.user).select_related("generation", "attempt__generation"),
        pk=image_id,
    )
    newer, older = neighbours(image, request.user)
    context = {
        "image": picture(image),
        "previous_url": reverse("image", args=[newer]) if newer else None,
        "next_url": reverse("image", args=[older]) if older else None,
    }
    return render(request, "image/detail.html", context)


@require_safe
def file(request: SignedInRequest, image_id: UUID, size: str) -> HttpResponseBase:
    """The picture's bytes: the original as a download, or one of the sizes made of it."""
    image = get_object_or_404(policy.visible_images(request.user), pk=image_id)
    if size == "original":
        return _serve(image.key, image.mime, filename=image.filename)
    wanted = EDGES.get(size)
    made = [edge for edge, _, _ in image.edges]
    if wanted is None or not made:
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


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """Asks first; then the picture leaves the gallery."""
    image = get_object_or_404(
        policy.visible_images(request.user).select_related("generation", "attempt__generation"),
        pk=image_id,
    )
    if request.method == "GET":
        return render(request, "image/delete.html", {"image": picture(image)})
    trash_image(image)
    messages.success(request, "The picture was deleted.")
    response = redirect("gallery")
    response.status_code = 303
    return response
