from dataclasses import replace
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations import policy, watch, wording
from generations.forms.filters import filter_of
from generations.forms.gallery import GalleryForm
from generations.forms.prompt import PROMPT_CHARACTERS, PromptForm
from generations.models import User
from generations.models.accounts import Density
from generations.models.generation import new_submit_token
from generations.queries import gallery as tiles
from generations.queries.again import can_run, question_for
from generations.queries.catalog import usable_models
from generations.queries.days import day_of, days_of
from generations.queries.facets import address as address_of
from generations.queries.facets import chips_of
from generations.queries.filters import GalleryFilter
from generations.queries.notices import notices_for
from generations.queries.spending import spending_of
from generations.queries.watching import watch_for
from generations.services.generation import UNPRICED
from generations.views.requests import SignedInRequest


@require_safe
def gallery(request: SignedInRequest, slug: str = "") -> HttpResponse:
    """The front page: the prompt form and one's own pictures, newest first; or a team's page.

    For htmx the next page below the cursor, or what the filters find in place of what was there.
    """
    address, wanted = GalleryForm(request.GET), filter_of(request.GET)
    wanted = replace(wanted, team=slug or wanted.team)
    space = policy.space_for(request.user, wanted.team)
    if space is None:
        raise Http404
    version = watch.ensure_version(space)
    page = tiles.page_of(request.user, wanted, after=address.cursor)
    is_whole = wanted.is_empty
    context: dict[str, Any] = {
        "days": days_of(page.cards, request.user, wanted, by_run=address.is_by_run),
        "next_url": _next_url(address, wanted, page),
        "watch": watch_for(
            page.cards,
            request.user,
            request.session.session_key or "",
            version=version,
            space=space,
        ),
        "membership": policy.membership_in(request.user, wanted.team),
    }
    is_for_list = request.htmx and request.htmx.target == "found"
    if request.htmx and address.cursor and not is_for_list:
        return render(request, "gallery/index.html#page", context)
    context["first_run"] = not page.cards and address.cursor is None and is_whole
    context["finder"] = finder_of(request.user, wanted, address)
    if is_for_list:
        return render(request, "gallery/index.html#found", context | {"oob": True})
    initial = _model_used_last(request.user, page) if address.cursor is None and is_whole else {}
    initial |= _remixed(request.user, address) | {"team": wanted.team}
    initial |= {} if address.album is None else {"album": address.album}
    form = prompt_form(request.user, **initial)
    return render(request, "gallery/index.html", context | composer_context(form))


def _model_used_last(user: User, page: tiles.Page) -> dict[str, Any]:
    """For the form, from the newest page; nothing if none of its models can be used any more."""
    usable = {row.model_id for row in usable_models(user)}
    return next(({"model": each.model_id} for each in page.cards if each.model_id in usable), {})


def finder_of(user: User, wanted: GalleryFilter, address: GalleryForm) -> dict[str, Any]:
    """What stands above the days: the filters that are on, and the ways to others."""
    group = address.group_by
    liked = replace(wanted, fav=not wanted.fav)
    return {
        "wanted": wanted,
        "query": wanted.as_query(),
        "address": wanted.as_query(group=group),
        "group": group,
        "chips": chips_of(wanted, user, group=group),
        "kept": wanted.without("q").pairs(),
        "whole_url": address_of(wanted.whole, group=group),
        "liked_url": address_of(liked, group=group),
        "by_run_url": address_of(wanted, group=None if group else "run"),
        "newest_url": address_of(wanted, group=group) if address.cursor else "",
        "from": day_of(address.cursor) if address.cursor else None,
        "is_newest": address.cursor is None,
        "density": user.density,
        "densities": Density.choices,
    }


def _next_url(address: GalleryForm, wanted: GalleryFilter, page: tiles.Page) -> str | None:
    if page.after is None:
        return None
    bare = replace(wanted, team="")
    return f"{address_of(wanted.whole)}?{bare.as_query(group=address.group_by, after=page.after)}"


@require_safe
def composer(request: SignedInRequest) -> HttpResponse:
    """The form's options for the model chosen in it, with the price."""
    asked = request.GET.dict() | {"also": request.GET.getlist("also")}
    is_asking = GalleryForm(request.GET).album is not None  # for the list of albums, just now
    form = prompt_form(request.user, **asked | ({"album": ""} if is_asking else {}))
    if is_asking:
        form.fields["album"].widget.attrs["autofocus"] = True
    fragment = "#chosen" if request.htmx else ""
    is_choosing = "X-Choosing" in request.headers  # the list one ticks in stays as it is
    context = composer_context(form) | {"days": [], "first_run": False, "is_choosing": is_choosing}
    return render(request, f"gallery/index.html{fragment}", context)


def prompt_form(user: User, **initial: Any) -> PromptForm:
    return PromptForm(initial=initial | {"submit_token": new_submit_token()}, user=user)


def composer_context(form: PromptForm) -> dict[str, Any]:
    """The form with its price, and what the person's budgets say to that."""
    total, spending = form.total_micros(), spending_of(form.user, form.destination)
    refusal = "" if can_run(total) else UNPRICED
    shortage = refusal or spending.shortage(total, form.count())
    question = "" if shortage else question_for(total)  # not asked about what won't run
    quote = {"total_text": wording.usd(total), "question": question}
    money = {"meter": spending.meter, "budget_notices": partial(notices_for, form.user, spending)}
    return {"form": form, "quote": quote, "shortage": shortage} | money


def _remixed(user: User, wanted: GalleryForm) -> dict[str, Any]:
    if wanted.remixed_id is None:
        return {}
    generation = policy.remixable_generations(user).filter(pk=wanted.remixed_id).first()
    if generation is None:
        return {}
    return {
        "prompt": _wording(user, wanted) or generation.prompt,
        "model": generation.model_id,
        "n": str(generation.n),
        "size": generation.size,
        "quality": generation.quality,
        "output_format": generation.output_format,
    }


def _wording(user: User, wanted: GalleryForm) -> str:
    """What the model made of the prompt, where that is to be the next one."""
    if wanted.wording_id is None:
        return ""
    image = policy.visible_images(user).filter(pk=wanted.wording_id).first()
    return image.revised_prompt[:PROMPT_CHARACTERS] if image else ""
