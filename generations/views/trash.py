from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generations import policy
from generations.forms.sorting import AfterForm
from generations.queries.albums import picture_cards
from generations.queries.filters import GalleryFilter
from generations.queries.trash import left_text, trash_page, trashed_card
from generations.views.image import preview
from generations.views.requests import SignedInRequest, team_of


@require_safe
def trash(request: SignedInRequest) -> HttpResponse:
    """What was thrown away and can still be had back."""
    team = team_of(request)
    page = trash_page(request.user, team, after=AfterForm(request.GET).cursor)
    wanted = GalleryFilter(team=team)
    context = {
        "groups": page.groups,
        "next_url": f"?{wanted.as_query(after=page.after)}" if page.after else None,
        "filter": wanted.as_query(),
        "membership": policy.membership_in(request.user, team),
    }
    fragment = "#page" if request.htmx and "after" in request.GET else ""
    return render(request, f"trash/index.html{fragment}", context)


@require_safe
def trashed(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One picture in the trash."""
    found = picture_cards(policy.restorable_images(request.user).filter(pk=image_id), request.user)
    if not found:
        raise Http404
    image, card = found[0]
    context = {"card": trashed_card(image, card), "left_text": left_text(image.trashed_at)}
    return render(request, "trash/detail.html", context)


@require_safe
def file(request: SignedInRequest, image_id: UUID, edge: int) -> HttpResponseBase:
    """A preview for the trash's own pages; originals stay in the dark."""
    image = get_object_or_404(policy.restorable_images(request.user), pk=image_id)
    return preview(image, edge)
