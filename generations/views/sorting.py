"""One picture's heart, its way into the trash, and the page for its tags and albums."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy
from generations.forms.selection import ChosenForm, OnForm
from generations.models import Image
from generations.queries.picture import picture
from generations.queries.sorting import album_choices, tag_choices
from generations.services.selection import Outcome, Wish, act
from generations.services.sorting import Mark, put_on, take_off
from generations.services.undo import undo_token
from generations.views.redirects import see_next
from generations.views.requests import SignedInRequest, changeable_or_refused

MOST_COUNTED = 200  # pictures whose tags and albums a dialog counts


@require_POST
def favorite(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """Put the heart on a picture, or take it off."""
    image = _own(request, image_id)
    form = OnForm(request.POST)
    if not form.is_valid():
        raise Http404
    change = put_on if form.is_on else take_off
    change(Mark(request.user), request.user, [image.pk])
    if request.htmx:
        return HttpResponse(status=204)
    return see_next(request, otherwise="gallery")


@require_http_methods(["GET", "POST"])
def trash(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """Asks first where scripts can't offer an undo; then the picture leaves every list."""
    image = changeable_image(request, image_id)
    if request.method == "GET":
        return render(request, "image/trash.html", {"image": picture(image)})
    outcome = act(request.user, Wish("trash"), [image.pk])
    if request.htmx:
        return answer(request, outcome)
    tell(request, outcome)
    return see_next(request, otherwise="gallery")


@require_safe
def sort(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """Tags and albums of one picture, or of all that `ids` names beside it."""
    image = changeable_image(request, image_id)
    team = image.team.slug if image.team else ""
    form = ChosenForm(request.GET)
    more = form.chosen.ids if form.is_valid() else ()
    ids = list(dict.fromkeys([image.pk, *more]))
    counted = [] if "many" in request.GET else ids[:MOST_COUNTED]
    context = {
        "image": picture(image),
        "ids": ",".join(map(str, ids)),
        "count": len(ids),
        "team": team,
        "tags": tag_choices(request.user, counted, team),
        "albums": album_choices(request.user, counted, team),
        "part": request.GET.get("part", ""),
    }
    fragment = "#panel" if request.htmx else ""
    return render(request, f"selection/sort.html{fragment}", context)


def answer(request: SignedInRequest, outcome: Outcome) -> HttpResponse:
    """For scripts: what was done, with its undo, out of band."""
    return render(request, "selection/notice.html", _context(request, outcome))


def tell(request: SignedInRequest, outcome: Outcome) -> None:
    """For the next page: what was done, with its undo."""
    told = _context(request, outcome)
    level = messages.SUCCESS if outcome.change.done else messages.INFO
    messages.add_message(request, level, outcome.sentence, extra_tags=told["undo"])


def _context(request: SignedInRequest, outcome: Outcome) -> dict[str, str]:
    undo = outcome.change.undo
    token = undo_token(request.user, undo) if undo else ""
    return {"sentence": outcome.sentence, "undo": token}


def _own(request: SignedInRequest, image_id: UUID) -> Image:
    return get_object_or_404(policy.visible_images(request.user), pk=image_id)


def changeable_image(request: SignedInRequest, image_id: UUID) -> Image:
    """With what its page shows selected."""
    changeable = policy.changeable_images(request.user)
    rows = changeable.select_related("team", "generation", "attempt__generation")
    return changeable_or_refused(rows, policy.visible_images(request.user), pk=image_id)
