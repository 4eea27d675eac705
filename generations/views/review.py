"""The review: one picture after the other, many at once, and taking verdicts back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy, wording
from generations.errors import Conflict, GalleryError
from generations.forms.review import ManyVerdictsForm, ReviewFilterForm, VerdictForm
from generations.forms.selection import OnForm
from generations.models import Image, Reason, Verdict
from generations.queries.review import (
    ReviewFilter,
    count_left,
    free_for,
    page_of_queue,
    reviewed,
)
from generations.queries.review_choices import filter_choices, grid_of
from generations.services.review import (
    Opinion,
    ask_for_review,
    give_verdict,
    give_verdicts,
    hold,
    take_back_last,
    take_next,
    whole,
)
from generations.views.image import preview
from generations.views.redirects import see_next
from generations.views.requests import SignedInRequest

NOTHING_DONE = "There is nothing to take back."
TAKEN = "Somebody else has this picture before them just now."


@require_safe
def review(request: SignedInRequest) -> HttpResponse:
    """How much waits, and the way in: looking at it takes a picture away from others."""
    _require_reviewer(request)
    return _desk(request, ReviewFilterForm(request.GET).filter, None)


@require_POST
def next_one(request: SignedInRequest) -> HttpResponseBase:
    """The next picture that waits, held for this reviewer for a few minutes."""
    _require_reviewer(request)
    form = ReviewFilterForm(request.POST)
    if request.htmx:
        image = take_next(request.user, form.filter, after=form.cursor)
        return _desk(request, form.filter, image, is_over=image is None)
    return _see_next(request, form.filter, form.cursor)


def _see_next(request: SignedInRequest, wanted: ReviewFilter, after: int | None) -> HttpResponse:
    image = take_next(request.user, wanted, after=after)
    if image is None:
        messages.info(request, "Nothing more waits for you here.")
    return _see(image.pk if image else None, wanted)


def _see(image_id: UUID | None, wanted: ReviewFilter) -> HttpResponse:
    """303 to a picture, or to where the review begins."""
    query = wanted.as_query()
    address = reverse("review_image", args=[image_id]) if image_id else reverse("review")
    location = f"{address}?{query}" if query else address
    return HttpResponse(status=303, headers={"Location": location})


@require_safe
def one(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One certain picture, with what there is to say about it."""
    image = _reviewable(request, image_id)
    if not free_for(request.user, policy.reviewable_images(request.user)).filter(pk=image.pk):
        raise Conflict(TAKEN)
    return _desk(request, ReviewFilterForm(request.GET).filter, image)


def _desk(
    request: SignedInRequest,
    wanted: ReviewFilter,
    image: Image | None,
    *,
    form: VerdictForm | None = None,
    is_over: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page, or for scripts the picture with its form alone."""
    context: dict[str, Any] = {
        "shown": reviewed(image) if image else None,
        "form": form or VerdictForm(),
        "reasons": list(enumerate(Reason.choices, start=1)),
        "query": wanted.as_query(),
        "wanted": wanted,
        "is_over": is_over,
    }
    if request.htmx:
        return render(request, "review/desk.html#one", context, status=status)
    left = count_left(request.user, wanted)
    context |= {"left": left, "filters": filter_choices(request.user, wanted)}
    context["is_over"] = left == "0"
    return render(request, "review/desk.html", context, status=status)


@require_POST
def verdict(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """What the reviewer says of one picture; then on to the next."""
    image = get_object_or_404(policy.judged_images(request.user), pk=image_id)
    form = VerdictForm(request.POST)
    wanted = ReviewFilterForm(request.POST).filter
    if not form.is_valid():
        if request.htmx:
            raise GalleryError(str(next(iter(form.errors.values()))[0]), code="verdict")
        shown = _reviewable(request, image_id)
        return _desk(request, wanted, shown, form=form, status=422)
    try:
        give_verdict(request.user, image, _opinion(form), seen=form.cleaned_data["seen"])
    except GalleryError as refusal:
        if request.htmx:
            raise  # the page takes the sentence out of the answer
        messages.error(request, refusal.sentence)
    if request.htmx:
        return HttpResponse(status=204)
    return _see_next(request, wanted, image.sort_key)


def _opinion(form: VerdictForm | ManyVerdictsForm) -> Opinion:
    said = form.cleaned_data
    return Opinion(Verdict(said["verdict"]), said["reason"], said["note"])


@require_POST
def undo(request: SignedInRequest) -> HttpResponseBase:
    """Take back what this reviewer decided last; scripts get the picture itself."""
    _require_reviewer(request)
    wanted = ReviewFilterForm(request.POST).filter
    ids = take_back_last(request.user)
    if request.htmx and not ids:
        raise GalleryError(NOTHING_DONE, code="undo")
    if len(ids) == 1 and hold(request.user, ids[0]):
        return _desk(request, wanted, whole(ids[0])) if request.htmx else _see(ids[0], wanted)
    said = f"Taken back for {wording.count(len(ids), 'picture')}." if ids else NOTHING_DONE
    messages.info(request, said)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return see_next(request, otherwise="review")


@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: SignedInRequest) -> HttpResponseBase:
    """Many pictures at once: tick them, then one verdict for all."""
    _require_reviewer(request)
    if request.method != "POST":
        return _grid(request, ManyVerdictsForm())
    form = ManyVerdictsForm(request.POST)
    if not form.is_valid():
        return _grid(request, form, status=422)
    seen = form.seen
    change = give_verdicts(request.user, list(seen), _opinion(form), seen=seen)
    messages.success(request, _sentence(change.done, change.unchanged, change.missing))
    return see_next(request, otherwise="review_grid")


def _sentence(done: int, unchanged: int, missing: int) -> str:
    parts = [f"Decided about {wording.count(done, 'picture')}" if done else "Nothing changed"]
    if unchanged:
        parts.append(f"{unchanged:,} were decided already, or somebody else has them")
    if missing:
        parts.append(f"{missing:,} not found")
    return ". ".join(parts) + "."


def _grid(request: SignedInRequest, form: ManyVerdictsForm, *, status: int = 200) -> HttpResponse:
    asked = ReviewFilterForm(request.GET)
    wanted = asked.filter
    images, after = page_of_queue(request.user, wanted, after=asked.cursor)
    context = {
        "cards": grid_of(images, wanted),
        "form": form,
        "reasons": Reason.choices,
        "wanted": wanted,
        "left": count_left(request.user, wanted),
        "filters": filter_choices(request.user, wanted),
        "query": wanted.as_query(),
        "next_query": wanted.as_query(after=after) if after else "",
    }
    return render(request, "review/grid.html", context, status=status)


@require_safe
def file(request: SignedInRequest, image_id: UUID, edge: int) -> HttpResponseBase:
    """One of the sizes made of a picture that this person may review."""
    return preview(get_object_or_404(policy.reviewable_images(request.user), pk=image_id), edge)


@require_POST
def ask(request: SignedInRequest, image_id: UUID) -> HttpResponseBase:
    """Put a picture of one's own before the reviewers, or take it out of their queue."""
    image = get_object_or_404(policy.visible_images(request.user), pk=image_id)
    form = OnForm(request.POST)
    if not form.is_valid():
        raise Http404
    ask_for_review(request.user, image, on=form.is_on)
    said = "The reviewers will look at it." if form.is_on else "It isn’t in the review any more."
    messages.success(request, said)
    return see_next(request, otherwise="gallery")


def _require_reviewer(request: SignedInRequest) -> None:
    if not policy.can_review(request.user):
        raise Http404


def _reviewable(request: SignedInRequest, image_id: UUID) -> Image:
    rows = policy.reviewable_images(request.user)
    return get_object_or_404(
        rows.select_related("attempt__generation", "generation", "owner", "team"), pk=image_id
    )
