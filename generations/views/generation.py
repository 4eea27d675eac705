from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from generations import policy, watch, wording
from generations.errors import BudgetExhausted, GalleryError
from generations.forms.gallery import AgainForm, GalleryForm, StopForm, TileForm
from generations.forms.prompt import PromptForm
from generations.models import Generation, Membership, Team, User
from generations.models.team import space_of
from generations.queries.batch import beside_of
from generations.queries.cards import Card
from generations.queries.days import days_of
from generations.queries.facets import address
from generations.queries.filters import GalleryFilter
from generations.queries.gallery import cards_at, cards_of, set_aside_of
from generations.queries.picture import asked_for, model_name
from generations.queries.watching import Watch, watch_for
from generations.services.generation import (
    cancel_generation,
    count_sent,
    dismiss_tile,
    run_again,
    stop_waiting,
    submit_batch,
)
from generations.views.gallery import composer_context, prompt_form
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, changeable_or_refused


@require_POST
def submit(request: SignedInRequest) -> HttpResponseBase:
    """Take a prompt: tiles for htmx, the generation's page for everybody else."""
    form = PromptForm(request.POST, user=request.user)
    if not form.is_valid():
        return _refused(request, form)
    version = watch.ensure_version(_space_of(request.user, form.destination))
    token = form.cleaned_data["submit_token"]
    try:
        generations = submit_batch(request.user, form.requests(), submit_token=token)
    except BudgetExhausted as refusal:
        form.add_error(None, refusal.sentence)
        return _refused(request, form)
    if request.htmx and _gallery_shown(request) != (
        form.destination.slug if form.destination else ""
    ):
        return HttpResponse(headers={"HX-Redirect": _gallery_of(generations[0])})
    if request.htmx:
        again = prompt_form(request.user, **_as_sent(form))
        return _submitted(request, generations, again, version=version)
    return _see(generations[0])


def _space_of(user: User, team: Team | None) -> int:
    return space_of(user.pk, team.pk if team else None)


def _gallery_shown(request: SignedInRequest) -> str:
    """The team whose gallery stands on the page that asks; "" for one's own and all else."""
    page = urlsplit(request.htmx.current_url or "")
    with suppress(Resolver404):
        found = resolve(page.path)
        if found.url_name == "team":
            return str(found.kwargs["slug"])
    return QueryDict(page.query).get("team") or ""


def _gallery_of(generation: Generation) -> str:
    return address(GalleryFilter(team=generation.team.slug if generation.team else ""))


def _refused(request: SignedInRequest, form: PromptForm) -> HttpResponse:
    """The form once more, with what was typed and why it wasn't taken."""
    form.renew_token()
    fragment = "#composer" if request.htmx else ""
    context = composer_context(form) | {"days": [], "first_run": False}
    return render(request, f"gallery/index.html{fragment}", context, status=422)


def _as_sent(form: PromptForm) -> dict[str, Any]:
    shown = ("model", "n", "size", "quality", "output_format")
    kept = {name: form.cleaned_data[name] for name in ("prompt", "also", "template", "team")}
    kept |= {"album": form.cleaned_data["album"]} if "album" in form.data else {}
    return kept | {name: form.value_of(name) for name in shown}


def _submitted(
    request: SignedInRequest, generations: Sequence[Generation], form: PromptForm, *, version: str
) -> HttpResponse:
    team = generations[0].team
    wanted = GalleryFilter(team=team.slug if team else "")
    cards = [card for each in generations for card in cards_of(each, request.user)]
    context = composer_context(form) | {
        "cards": cards,
        "days": days_of(cards, request.user, wanted, by_run=_is_by_run(request)),
        "watch": _watch_all(request, generations[0], cards, version),
    }
    return render(request, "gallery/index.html#submitted", context)


def _is_by_run(request: SignedInRequest) -> bool:
    """Whether the page that asks groups its tiles by run."""
    page = urlsplit(request.htmx.current_url or "")
    return GalleryForm(QueryDict(page.query)).is_by_run


def _watch_all(
    request: SignedInRequest, generation: Generation, cards: list[Card], version: str
) -> Watch | None:
    space = space_of(generation.owner_id, generation.team_id)
    key = request.session.session_key or ""
    return watch_for(cards, request.user, key, version=version, space=space)


def _see(generation: Generation) -> HttpResponse:
    return see_other("generation", generation_id=generation.pk)


@require_safe
def detail(request: SignedInRequest, generation_id: UUID) -> HttpResponse:
    """One run: its prompt, its parameters, all its tiles."""
    found = policy.visible_generations(request.user)
    return _page(request, get_object_or_404(found, pk=generation_id))


def _page(request: SignedInRequest, generation: Generation, *, status: int = 200) -> HttpResponse:
    version = watch.ensure_version(space_of(generation.owner_id, generation.team_id))
    cards = cards_of(generation, request.user)
    beside = beside_of(generation, request.user)
    can_change = policy.can_change(request.user, generation)
    sent = count_sent(generation) if can_change else 0
    context = {
        "generation": {
            "id": generation.pk,
            "prompt": generation.prompt,
            "title": wording.one_line(generation.prompt),
            "model_name": model_name(generation.model_id),
            "parameters": asked_for(generation, shows_cost=can_change),
            "created": generation.created_at,
        },
        "membership": _membership(request, generation),
        "cards": cards,
        "beside": beside,
        "watch": _watch_all(
            request, generation, [*cards, *(card for run in beside for card in run.cards)], version
        ),
        "can_cancel": can_change and any(card.state in {"waiting", "held"} for card in cards),
        "sent_text": wording.count(sent, "picture") if sent else "",
        "set_aside": set_aside_of(generation, request.user),
        "refresh_url": reverse("generation", args=[generation.pk]),
    }
    return render(request, "generation/detail.html", context, status=status)


def _membership(request: SignedInRequest, generation: Generation) -> Membership | None:
    team = generation.team
    return policy.membership_in(request.user, team.slug) if team else None


@require_POST
def cancel(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    generation = _changeable(request, generation_id)
    on_their_way = cancel_generation(generation)
    if not request.htmx:
        if on_their_way:
            messages.info(request, _already_sent(on_their_way))
        return _see(generation)
    return _changed(request, generation, sent=on_their_way)


def _already_sent(count: int) -> str:
    had = "had already been sent and may be charged. What comes is kept in your gallery."
    return f"{wording.count(count, 'picture')} {had}"


@require_POST
def stop(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    """Stop waiting for what was sent: it goes on, and what comes is kept on the run's page."""
    generation = _changeable(request, generation_id)
    form = StopForm(request.POST)
    if not form.is_valid():
        raise Http404
    slots = stop_waiting(generation, slot=form.cleaned_data["slot"])
    if request.htmx:
        return _changed(request, generation, hidden=slots)
    return _see(generation)


@require_POST
def again(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    """Run one tile's wish again, as a new generation at today's price."""
    generation = _changeable(request, generation_id)
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Http404
    version = watch.ensure_version(_space_of(request.user, generation.team))
    token = form.cleaned_data["submit_token"]
    try:
        following = run_again(request.user, generation, submit_token=token)
    except GalleryError as refusal:
        if request.htmx:
            raise  # the page takes the sentence out of the answer
        messages.error(request, refusal.sentence)
        return _page(request, generation, status=refusal.status)
    if request.htmx:
        return _submitted(request, [following], prompt_form(request.user), version=version)
    return _see(following)


@require_POST
def dismiss(request: SignedInRequest, generation_id: UUID) -> HttpResponseBase:
    generation = _changeable(request, generation_id)
    form = TileForm(request.POST)
    if not form.is_valid():
        raise Http404
    dismiss_tile(generation, slot=form.cleaned_data["slot"])
    if request.htmx:
        return HttpResponse()  # an empty tile
    return _see(generation)


def _changed(
    request: SignedInRequest, generation: Generation, *, hidden: Sequence[int] = (), sent: int = 0
) -> HttpResponse:
    """The generation's tiles as they are now; those just hidden too, so that they go."""
    cards = cards_of(generation, request.user)
    cards += cards_at({(generation.pk, slot) for slot in hidden}, request.user)
    context: dict[str, Any] = {"cards": cards, "watch": None, "has_ended": True}
    context["generation"] = generation
    if sent:
        context |= {"notice": _already_sent(sent), "sent_text": wording.count(sent, "picture")}
    return render(request, "generation/changed.html", context)


def _changeable(request: SignedInRequest, generation_id: UUID) -> Generation:
    changeable = policy.changeable_generations(request.user)
    visible = policy.visible_generations(request.user)
    return changeable_or_refused(changeable, visible, pk=generation_id)
