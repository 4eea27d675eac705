"""Break-glass: a superuser looks into a gallery, for a while and for a reason."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy
from generations.errors import GalleryError
from generations.forms.inspection import AfterKeyForm, InspectForm
from generations.models import Image, Inspection
from generations.queries.inspection import inspected, inspected_page, looks_by
from generations.services.inspection import end_inspection, inspect_gallery
from generations.views.image import EDGES, original, preview
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def superusers_only(view: View[P]) -> View[P]:
    """For everybody else it isn't there."""

    @wraps(view)
    def answer(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not policy.can_inspect(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@superusers_only
@require_http_methods(["GET", "HEAD", "POST"])
def inspections(request: SignedInRequest) -> HttpResponseBase:
    """What one looked into so far, and the form for another look."""
    form = InspectForm(request.POST or None)
    if form.is_valid() and form.whose:
        try:
            reason = form.cleaned_data["reason"]
            made = inspect_gallery(request.user, form.whose, reason=reason)
            return see_other("inspection", inspection_id=made.pk)
        except GalleryError as refusal:
            form.add_error(None, refusal.sentence)
    context = {"form": form, "looks": looks_by(request.user)}
    status = 422 if form.is_bound else 200
    return render(request, "inspection/index.html", context, status=status)


@superusers_only
@require_safe
def inspection(request: SignedInRequest, inspection_id: UUID) -> HttpResponse:
    """The gallery as it hangs, without anything that changes it."""
    found = _open(request, inspection_id)
    cards, after = inspected_page(request.user, found, after=AfterKeyForm(request.GET).cursor)
    context = {"inspection": found, "cards": cards, "after": after}
    return render(request, "inspection/gallery.html", context)


@superusers_only
@require_POST
def end(request: SignedInRequest, inspection_id: UUID) -> HttpResponseBase:
    end_inspection(_open(request, inspection_id))
    messages.success(request, "The gallery is closed again.")
    return see_other("inspections")


@superusers_only
@require_safe
def picture(request: SignedInRequest, inspection_id: UUID, image_id: UUID) -> HttpResponse:
    """One picture with its prompt."""
    found = _open(request, inspection_id)
    shown = inspected(_image(request, found, image_id), found)
    context = {"inspection": found, "shown": shown}
    return render(request, "inspection/picture.html", context)


@superusers_only
@require_safe
def file(
    request: SignedInRequest, inspection_id: UUID, image_id: UUID, size: str
) -> HttpResponseBase:
    """A size of it, or the original; kept by no browser beyond the look."""
    image = _image(request, _open(request, inspection_id), image_id)
    answer = original(image) if size == "original" else preview(image, EDGES.get(size))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _open(request: SignedInRequest, inspection_id: UUID) -> Inspection:
    rows = policy.open_inspections(request.user).select_related("person", "team")
    return get_object_or_404(rows, pk=inspection_id)


def _image(request: SignedInRequest, found: Inspection, image_id: UUID) -> Image:
    rows = policy.inspected_images(request.user, found)
    return get_object_or_404(
        rows.select_related("generation", "attempt__generation", "owner"), pk=image_id
    )
