from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations import policy, watch, wording
from generations.forms.gallery import GalleryForm
from generations.forms.prompt import PROMPT_CHARACTERS, PromptForm
from generations.models import User
from generations.models.generation import new_submit_token
from generations.queries import gallery as tiles
from generations.queries.watching import watch_for
from generations.views.requests import SignedInRequest


@require_safe
def gallery(request: SignedInRequest) -> HttpResponse:
    """The front page: the prompt form and one's own pictures, newest first."""
    wanted = GalleryForm(request.GET)
    version = watch.ensure_version(request.user.pk)
    page = tiles.page_of(request.user, after=wanted.cursor)
    form = prompt_form(request.user, **_remixed(request.user, wanted))
    context = {
        **composer_context(form),
        "days": tiles.days_of(page, request.user),
        "next_url": f"?after={page.after}" if page.after else None,
        "watch": watch_for(
            page.cards, request.user, request.session.session_key or "", version=version
        ),
        "first_run": not page.cards and wanted.cursor is None,
    }
    fragment = "#page" if request.htmx and wanted.cursor else ""
    return render(request, f"gallery/index.html{fragment}", context)


@require_safe
def composer(request: SignedInRequest) -> HttpResponse:
    """The form's options for the model chosen in it, with the price."""
    form = PromptForm(
        initial=request.GET.dict() | {"submit_token": new_submit_token()}, user=request.user
    )
    fragment = "#options" if request.htmx else ""
    context = composer_context(form) | {"days": [], "first_run": False}
    return render(request, f"gallery/index.html{fragment}", context)


def prompt_form(user: User, **initial: Any) -> PromptForm:
    return PromptForm(initial={"submit_token": new_submit_token()} | initial, user=user)


def composer_context(form: PromptForm) -> dict[str, Any]:
    each = form.each_micros()
    total = None if each is None else each * form.count()
    quote = {
        "total_text": wording.usd(total),
        "each_text": wording.usd(each),
        "known": each is not None,
    }
    return {"form": form, "quote": quote}


def _remixed(user: User, wanted: GalleryForm) -> dict[str, Any]:
    if wanted.remixed_id is None:
        return {}
    generation = policy.visible_generations(user).filter(pk=wanted.remixed_id).first()
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
