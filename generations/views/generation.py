from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from generations import policy, watch, wording
from generations.forms.gallery import AgainForm, TileForm
from generations.forms.prompt import PromptForm
from generations.models import Generation
from generations.queries.gallery import cards_of, count_of_day, day_of
from generations.queries.picture import asked_for, model_name
from generations.queries.watching import watch_for
from generations.services.generation import (
    Request,
    cancel_generation,
    dismiss_tile,
    run_again,
    submit_generation,
)
from generations.views.gallery import composer_context, prompt_form
from generations.views.requests import SignedInRequest


@require_POST
def submit(request: SignedInRequest) -> HttpResponseBase:
    """Take a prompt: tiles for htmx, the generation's page for everybody else."""
    form = PromptForm(request.POST, user=request.user)
    if not form.is_valid():
        form.renew_token()
        fragment = "#composer" if request.htmx else ""
        context = composer_context(form) | {"days": [], "first_run": False}
        return render(request, f"gallery/index.html{fragment}", context, status=422)
    version = watch.ensure_version(request.user.pk)
    generation = submit_generation(
        request.user, _request(form), submit_token=form.cleaned_data["submit_token"]
    )
    if request.htmx:
        again = prompt_form(request.user, **_as_sent(form))
        return _submitted(request, generation, again, version=version)
    return redirect_to(generation)


def _request(form: PromptForm) -> Request:
    wanted = form.cleaned_data
    names = ("prompt", "model", "n", "size", "quality", "output_format")
    return Request(**{name: wanted[name] for name in names})


def _as_sent(form: PromptForm) -> dict[str, Any]:
    shown = ("model", "n", "size", "quality", "output_format")
    return {"prompt": form.cleaned_data["prompt"]} | {name: form.value_of(name) for name in shown}


def _submitted(
    request: SignedInRequest, generation: Generation, form: PromptForm, *, version: str
) -> HttpResponse:
    cards = cards_of(generation, request.user)
    day = day_of(cards[0].sort_key) if cards else timezone.now().date()
    context = composer_context(form) | {
        "generation": generation,
        "cards": cards,
        "day_label": wording.day(day, today=timezone.now().date()),
        "day_key": day,
        "count_text": count_of_day(request.user, cards),
        "watch": _watch_all(request, cards, version),
    }
    return render(request, "gallery/index.html#submitted", context)


def _watch_all(request: SignedInRequest, cards: list[Any], version: str) -> Any:
    return watch_for(cards, request.user, request.session.session_key or "", version=version)


def redirect_to(generation: Generation) -> HttpResponse:
    """303: the browser GETs the page, and a reload sends nothing again."""
    response = redirect("generation", generation_id=generation.pk)
    response.status_code = 303
    return response


@require_safe
def detail(request: SignedInRequest, generation_id: UUID) -> HttpResponse:
    """One run: its prompt, its parameters, all its tiles."""
    generation = _own(request, generation_id)
    version = watch.ensure_version(request.user.pk)
    cards = cards_of(generation, request.user)
    context = {
        "generation": {
            "id": generation.pk,
            "prompt": generation.prompt,
            "model_name": model_name(generation.model_id),
            "parameters": asked_for(generation),
            "created": generation.created_at,
        },
        "cards": cards,
        "watch": _watch_all(request, cards, version),
        "can_cancel": any(card.state in {"waiting", "held"} for card in cards),
        "refresh_url": request.path,
    }
    return render(request, "generation/detail.html", context)


@require_POST
def cancel(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    generation = _own(request, generation_id)
    on_their_way = cancel_generation(generation)
    if on_their_way:
        noun = wording.count(on_their_way, "picture")
        messages.info(request, f"{noun} had already been sent and may be charged; kept when ready.")
    return _changed(request, generation)


@require_POST
def again(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    """Run one tile's wish again, as a new generation at today's price."""
    generation = _own(request, generation_id)
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Http404
    version = watch.ensure_version(request.user.pk)
    following = run_again(request.user, generation, submit_token=form.cleaned_data["submit_token"])
    if request.htmx:
        return _submitted(request, following, prompt_form(request.user), version=version)
    return redirect_to(following)


@require_POST
def dismiss(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    generation = _own(request, generation_id)
    form = TileForm(request.POST)
    if not form.is_valid():
        raise Http404
    dismiss_tile(generation, slot=form.cleaned_data["slot"])
    if request.htmx:
        return HttpResponse()  # an empty tile
    return redirect_to(generation)


def _changed(request: SignedInRequest, generation: Generation) -> HttpResponseBase:
    if not request.htmx:
        return redirect_to(generation)
    cards = cards_of(generation, request.user)
    return render(request, "generation/poll.html", {"cards": cards, "watch": None})


def _own(request: SignedInRequest, generation_id: UUID) -> Generation:
    return get_object_or_404(policy.visible_generations(request.user), pk=generation_id)
