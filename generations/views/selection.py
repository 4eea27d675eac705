from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from generations import wording
from generations.errors import GalleryError
from generations.forms.selection import CountForm, SelectionForm, UndoForm
from generations.queries.sorting import count_text, results
from generations.services.selection import Outcome, Wish, act, everything
from generations.services.undo import read_undo, take_back
from generations.views.archive import chosen_zip
from generations.views.redirects import see_next
from generations.views.requests import SignedInRequest
from generations.views.sorting import answer, tell


@require_POST
def selection(request: SignedInRequest) -> HttpResponseBase:
    """Do one thing to many pictures: those named, or all that a filter finds."""
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    if form.cleaned_data["action"] in {"zip", "zip_made"}:
        return chosen_zip(request.user, form.chosen, **form.way)
    if form.cleaned_data["action"] == "delete" and not form.cleaned_data["sure"]:
        return render(request, "selection/sure.html", {"form": form})
    outcome = _act(request, form)
    if request.htmx and _is_seen(form) and not outcome.change.missing:
        return HttpResponse(status=204)
    if request.htmx and form.chosen.everything is None:
        return answer(request, outcome)
    tell(request, outcome)
    if request.htmx:  # too much to tell tile by tile
        return HttpResponse(headers={"HX-Refresh": "true"})
    return see_next(request, otherwise="gallery")


def _act(request: SignedInRequest, form: SelectionForm) -> Outcome:
    wanted, chosen = form.cleaned_data, form.chosen
    wish = Wish(
        wanted["action"],
        wanted["tag"],
        wanted["album"],
        wanted["new_album"],
        team=wanted["team"],
        into=form.goal,
    )
    if chosen.everything is None:
        return act(request.user, wish, chosen.ids, wrong=chosen.wrong)
    ids, has_more = everything(request.user, chosen.everything, action=wish.action)
    return act(request.user, wish, ids, has_more=has_more)


def _is_seen(form: SelectionForm) -> bool:
    """Whether the heart on the one picture says it all."""
    is_heart = form.cleaned_data["action"] in {"favorite", "unfavorite"}
    return is_heart and len(form.chosen.ids) == 1


def _refused(request: SignedInRequest, form: SelectionForm) -> HttpResponse:
    """Nothing was done; the first sentence says why."""
    sentence = str(next(iter(form.errors.values()))[0])
    if request.htmx:
        raise GalleryError(sentence, code="selection")  # the page takes it out of the answer
    messages.error(request, sentence)
    return see_next(request, otherwise="gallery")


@require_safe
def count(request: SignedInRequest) -> HttpResponse:
    """How many “all results” are."""
    form = CountForm(request.GET)
    if not form.is_valid():
        raise Http404
    is_trash = form.cleaned_data["kind"] == "trash"
    return JsonResponse({"text": count_text(results(request.user, form.wanted, is_trash=is_trash))})


@require_POST
def undo(request: SignedInRequest) -> HttpResponseBase:
    """Take back exactly what one answer said had been done."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refused_undo(request)
    count = take_back(request.user, read_undo(request.user, form.cleaned_data["token"]))
    sentence = f"Taken back for {wording.count(count, 'picture')}."
    if request.htmx:
        return render(request, "selection/notice.html", {"sentence": sentence})
    messages.success(request, sentence)
    return see_next(request, otherwise="gallery")


def _refused_undo(request: SignedInRequest) -> HttpResponse:
    messages.error(request, "It is too late to take that back.")
    return see_next(request, otherwise="gallery")
