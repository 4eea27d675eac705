"""Tiles, written without a template: sixty of them are most of a page's work."""

from collections.abc import Sequence
from html import escape
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.html import strip_spaces_between_tags
from django.utils.safestring import SafeString, mark_safe

from generations.queries.cards import Card

register = template.Library()


@register.simple_tag(takes_context=True)
def tiles(
    context: template.Context,
    cards: Sequence[Card],
    *,
    oob: bool = False,
    selecting: object = None,
) -> SafeString:
    """`oob`: each takes the place of the one with its id; `selecting`: with a box to tick."""
    written = (_tile(context, card, oob=oob, is_selecting=bool(selecting)) for card in cards)
    return mark_safe("".join(written))  # noqa: S308


def _tile(context: template.Context, card: Card, *, oob: bool, is_selecting: bool) -> str:
    inside = _picture(card, context) if card.src else _part("generation/note.html", context, card)
    tick = _tick(card) if is_selecting and card.image_id else ""
    return f"{_opening(card, oob=oob)}{inside}{tick}</article>"


def _opening(card: Card, *, oob: bool) -> str:
    """The article's tag. Nothing in it was written by a person."""
    run, slot = str(card.generation_id), card.slot
    favorite = " data-favorite" if card.is_favorite else ""
    hidden = " hidden" if card.hidden and not card.is_set_aside else ""
    fresh, swap = (" fresh", ' hx-swap-oob="true"') if oob else ("", "")
    return (
        f'<article class="tile {card.ratio_class}{fresh}" id="tile-{run}-{slot}"'
        f' data-generation="{run}" data-slot="{slot}" data-state="{card.state}"'
        f"{favorite}{hidden}{swap}>"
    )


def _picture(card: Card, context: template.Context) -> str:
    blur = f'<img src="{card.placeholder}" alt="">' if card.placeholder else ""
    actions = _part("generation/acts.html", context, card) if card.actions else ""
    return (
        f'<a href="{card.url}">{blur}<img data-image="{card.image_id}" src="{card.src}"'
        f' srcset="{card.srcset}" sizes="auto, {card.sizes}" width="{card.width}"'
        f' height="{card.height}" alt="{escape(card.alt)}" loading="lazy"></a>{actions}'
    )


def _tick(card: Card) -> str:
    return (
        f'<label class="tick"><input type="checkbox" name="ids" value="{card.image_id}"'
        f' form="selection-form" aria-label="Select: {escape(card.alt)}"></label>'
    )


def _part(name: str, context: template.Context, card: Card) -> str:
    values: dict[str, Any] = {"card": card, "csrf_token": context.get("csrf_token")}
    return strip_spaces_between_tags(get_template(name).render(values).strip())
