"""Taking one picture along."""

from functools import partial
from uuid import UUID

from django.db import connection
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from generations import policy
from generations.errors import CannotConvert
from generations.forms.image import DownloadForm
from generations.models import Image
from generations.pipeline import download as making
from generations.queries.provenance import provenance_of
from generations.storage.base import Missing
from generations.views.requests import SignedInRequest

INDENT = 2


@require_safe
def download(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """The picture in the format asked for; the untouched original where nothing is asked."""
    image = _own(request, image_id)
    form = DownloadForm(request.GET)
    if not form.is_valid():
        raise Http404
    if form.is_as_it_came:
        return redirect("image_file", image_id=image.pk, size="original")
    try:
        wanted = form.cleaned_data
        made = making.made_of(image, target=wanted["format"], content=wanted["metadata"])
    except Missing as error:
        raise Http404 from error
    except CannotConvert as error:
        return _refused(request, image, error)
    return answer_with(made)


def answer_with(made: making.Download) -> HttpResponseBase:
    """A picture that was made to be taken along."""
    connection.close()  # a slow reader must not keep a database connection meanwhile
    headers = {
        "Content-Length": str(made.size),
        "Content-Disposition": f'attachment; filename="{made.filename}"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(made.chunks, content_type=made.mime, headers=headers)


def _refused(request: SignedInRequest, image: Image, error: CannotConvert) -> HttpResponse:
    context = {"error": error, "image": image}
    return render(request, "image/unchanged.html", context, status=error.status)


@require_safe
def provenance(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """All that is known of where the picture comes from, as JSON."""
    image = _own(request, image_id)
    sheet = provenance_of(image, sees_cost=partial(policy.sees_cost, request.user))
    response = JsonResponse(sheet, json_dumps_params={"indent": INDENT, "ensure_ascii": False})
    filename = f"{image.filename.rpartition('.')[0]}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _own(request: SignedInRequest, image_id: UUID) -> Image:
    rows = policy.visible_images(request.user)
    found = get_object_or_404(
        rows.select_related("team", "generation", "attempt__generation"), pk=image_id
    )
    policy.require_download(request.user, found)
    return found
