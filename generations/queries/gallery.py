"""What a gallery shows: pictures and tiles without one, newest first, page by page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db.models import Count, F
from django.utils import timezone

from generations import policy, wording
from generations.models import Attempt, Generation, Image, User
from generations.models.generation import SLOTS, new_submit_token
from generations.queries.cards import Card, attempt_card, image_card
from generations.queries.estimates import typical_seconds

PAGE = 60
DAY_KEYS = 86_400_000_000 * SLOTS  # a day, in sort keys
CARD_COLUMNS = (
    "id",
    "generation_id",
    "slot",
    "sort_key",
    "edges",
    "placeholder",
    "width",
    "height",
    "problem",
    "is_hidden",
    "generation__prompt",
)


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    date: date
    count_text: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Page:
    cards: Sequence[Card]
    after: int | None  # the next page's cursor


def page_of(user: User, *, after: int | None = None, size: int = PAGE) -> Page:
    """One page below the cursor `after`; its cost doesn't grow with the gallery."""
    bound: dict[str, Any] = {} if after is None else {"sort_key__lt": after}
    images = policy.visible_images(user).filter(**bound).order_by("-sort_key")
    attempts = policy.visible_attempts(user).filter(is_vacant=True, **bound).order_by("-sort_key")
    both = merge(
        _image_cards(images[: size + 1]),
        _attempt_cards(attempts[: size + 1]),
        key=lambda card: -card.sort_key,
    )
    cards = list(islice(both, size + 1))
    return Page(cards[:size], cards[size - 1].sort_key if len(cards) > size else None)


def cards_of(generation: Generation, user: User) -> list[Card]:
    """Every tile of one generation, by slot."""
    images = policy.visible_images(user).filter(generation=generation)
    attempts = policy.visible_attempts(user).filter(generation=generation, is_vacant=True)
    cards = [*_image_cards(images), *_attempt_cards(attempts)]
    return sorted(cards, key=lambda card: card.slot)


def cards_at(places: Iterable[tuple[UUID, int]], user: User) -> list[Card]:
    """The tiles that stand at these (generation, slot) places now."""
    wanted = set(places)
    generations = {generation for generation, _ in wanted}
    images = policy.visible_images(user).filter(generation__in=generations)
    attempts = policy.visible_attempts(user).filter(generation__in=generations, is_vacant=True)
    cards = [*_image_cards(images), *_attempt_cards(attempts)]
    return [card for card in cards if (card.generation_id, card.slot) in wanted]


def _image_cards(images: Any) -> Iterable[Card]:
    rows = images.select_related("generation").only(*CARD_COLUMNS)
    return [image_card(image, prompt=image.generation.prompt) for image in rows]


def _attempt_cards(attempts: Any) -> list[Card]:
    rows = list(attempts.select_related("generation"))
    usual = {model: typical_seconds(model) for model in {a.generation.model_id for a in rows}}
    cards = []
    for attempt in rows:
        filled = _filled_slots(attempt)
        typical = usual[attempt.generation.model_id]
        cards += [
            attempt_card(
                attempt, slot=slot, submit_token=new_submit_token(), typical_seconds=typical
            )
            for slot in attempt.slots
            if slot not in filled
        ]
    return cards


def _filled_slots(attempt: Attempt) -> set[int]:
    if attempt.slot_count == 1:
        return set()
    return set(Image.objects.filter(attempt=attempt).values_list("slot", flat=True))


def days_of(page: Page, user: User) -> list[Day]:
    """The page's cards under their days, each with the day's count of pictures."""
    if not page.cards:
        return []
    counts = _pictures_by_day(user, page.cards)
    today = timezone.now().date()
    return [
        Day(wording.day(day, today=today), day, _count_text(counts.get(day, 0)), list(cards))
        for day, cards in groupby(page.cards, key=lambda card: day_of(card.sort_key))
    ]


def day_of(sort_key: int) -> date:
    return datetime.fromtimestamp(sort_key // SLOTS / 1_000_000, UTC).date()


def count_of_day(user: User, cards: Sequence[Card]) -> str:
    """The count under the day that these new tiles belong to."""
    if not cards:
        return ""
    return _count_text(_pictures_by_day(user, cards).get(day_of(cards[0].sort_key), 0))


def _pictures_by_day(user: User, cards: Sequence[Card]) -> dict[date, int]:
    newest, oldest = cards[0].sort_key, cards[-1].sort_key
    first, last = oldest // DAY_KEYS * DAY_KEYS, (newest // DAY_KEYS + 1) * DAY_KEYS
    rows = (
        policy.visible_images(user)
        .filter(sort_key__gte=first, sort_key__lt=last)
        .order_by()
        .values_list(F("sort_key") / DAY_KEYS)
        .annotate(Count("id"))
    )
    return {day_of(day * DAY_KEYS): count for day, count in rows}


def _count_text(count: int) -> str:
    return wording.count(count, "picture") if count else ""
