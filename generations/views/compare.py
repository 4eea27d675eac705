from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generations import policy
from generations.forms.image import CompareForm
from generations.models import Image
from generations.queries.comparison import comparison_of, partners_for
from generations.queries.picture import picture
from generations.views.requests import SignedInRequest


@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """Two pictures beside each other; with one alone, the question which other."""
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Http404
    a, b = form.cleaned_data["a"], form.cleaned_data["b"]
    one = _own(request, a)
    if b is None or a == b:
        context = {"image": picture(one), "partners": partners_for(one, request.user)}
        return render(request, "image/partners.html", context)
    pair = comparison_of(one, _own(request, b), request.user)
    return render(request, "image/compare.html", {"pair": pair})


def _own(request: SignedInRequest, image_id: UUID) -> Image:
    return get_object_or_404(
        policy.visible_images(request.user).select_related("generation", "attempt__generation"),
        pk=image_id,
    )
