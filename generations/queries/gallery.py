"""What a gallery shows: pictures and tiles without one, newest first, page by page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations import ledger, lifecycle, policy
from generations.models import Attempt, Generation, Image, User
from generations.models.generation import new_submit_token
from generations.models.image import ORIGINAL
from generations.queries.again import Again, can_run, wish_of
from generations.queries.cards import Card, HungImage, attempt_card, image_card
from generations.queries.catalog import usable_models
from generations.queries.estimates import usual_of
from generations.queries.filters import EVERYTHING, GalleryFilter, attempts_wanted, images_wanted
from generations.queries.found import newest_wanted
from generations.queries.sorting import heart_of

PAGE = 60


@dataclass(frozen=True, slots=True)
class Page:
    cards: Sequence[Card]
    after: int | None  # the next page's cursor


def page_of(
    user: User, wanted: GalleryFilter = EVERYTHING, *, after: int | None = None, size: int = PAGE
) -> Page:
    """One page below the cursor `after`; its cost doesn't grow with the gallery."""
    images = newest_wanted(wanted, user, below=after, most=size + 1)
    attempts = attempts_wanted(wanted, user, below=after).order_by("-sort_key")
    if wanted.is_empty:
        attempts = attempts.filter(sort_key__gte=_surely_below(user, wanted, after, size))
    both = _cards(images, attempts[: size + 1], user)
    cards = sorted(both, key=lambda card: -card.sort_key)[: size + 1]
    return Page(cards[:size], cards[size - 1].sort_key if len(cards) > size else None)


def _surely_below(user: User, wanted: GalleryFilter, after: int | None, size: int) -> Coalesce:
    """A sort key that the page won't reach, even if as many pictures go to the trash meanwhile."""
    images = images_wanted(wanted, user, below=after).order_by("-sort_key")
    keys = images.values("sort_key")
    return Coalesce(Subquery(keys[2 * size : 2 * size + 1]), 0)


def cards_of(generation: Generation, user: User) -> list[Card]:
    """Every tile of one generation that is in the gallery, by slot."""
    images = policy.visible_images(user).filter(ORIGINAL, generation=generation, is_hidden=False)
    attempts = policy.visible_attempts(user).filter(
        generation=generation, is_vacant=True, is_hidden=False
    )
    return sorted(_cards(images, attempts, user), key=lambda card: card.slot)


def set_aside_of(generation: Generation, user: User) -> list[Card]:
    """What one stopped waiting for: the pictures that came all the same, and what is still out.

    Nothing for who only looks at the run.
    """
    if not policy.can_change(user, generation):
        return []
    images = policy.visible_images(user).filter(ORIGINAL, generation=generation, is_hidden=True)
    attempts = policy.visible_attempts(user).filter(
        generation=generation, is_vacant=True, is_hidden=True
    )
    cards = [replace(card, is_set_aside=True) for card in _cards(images, attempts, user)]
    return sorted(cards, key=lambda card: card.slot)


def cards_at(places: Iterable[tuple[UUID, int]], user: User) -> list[Card]:
    """The tiles that stand at these (generation, slot) places now, the hidden ones too."""
    wanted = set(places)
    generations = {generation for generation, _ in wanted}
    images = policy.visible_images(user).filter(ORIGINAL, generation__in=generations)
    attempts = policy.visible_attempts(user).filter(generation__in=generations, is_vacant=True)
    cards = _cards(images, attempts, user)
    return [card for card in cards if (card.generation_id, card.slot) in wanted]


def _cards(images: QuerySet[Image], attempts: QuerySet[Attempt], user: User) -> list[Card]:
    """Pictures, and tiles where there is none.

    The attempts are read first: a picture stored between the two reads is then seen twice, which
    can be put right, and not missed by both.
    """
    empty = _attempt_cards(attempts, user)
    pictures = _image_cards(images, user)
    filled = {(card.generation_id, card.slot) for card in pictures}
    return [*pictures, *(card for card in empty if (card.generation_id, card.slot) not in filled)]


def _image_cards(images: QuerySet[Image], user: User) -> list[Card]:
    rows = images.values_list(*HungImage._fields, "generation__prompt", heart_of(user))
    return [
        image_card(
            HungImage(*picture), prompt=prompt, density=user.density, is_favorite=heart is not None
        )
        for *picture, prompt, heart in rows
    ]


def _attempt_cards(attempts: QuerySet[Attempt], user: User) -> list[Card]:
    rows = list(attempts.select_related("generation"))
    drawn = {a.generation.model_id for a in rows if a.state not in lifecycle.ENDS}
    usual = {model: usual_of(model) for model in drawn}
    filled, quotes = _filled_slots(rows), _quotes(rows, user)
    return [
        _as_seen(
            attempt,
            user,
            attempt_card(
                attempt,
                slot=slot,
                submit_token=new_submit_token(),
                usual=usual.get(attempt.generation.model_id),
                again=quotes.get(wish_of(attempt.generation)),
            ),
        )
        for attempt in rows
        for slot in attempt.slots
        if slot not in filled[attempt.pk]
    ]


def _as_seen(attempt: Attempt, user: User, card: Card) -> Card:
    """What it cost and what can be done about it is for who may change it."""
    return card if policy.can_change(user, attempt) else replace(card, money=None, actions=())


def _filled_slots(attempts: Sequence[Attempt]) -> dict[UUID, set[int]]:
    """Slots that have their picture, or whose empty tile was dismissed."""
    filled = {attempt.pk: lifecycle.dismissed_slots(attempt) for attempt in attempts}
    several = [attempt.pk for attempt in attempts if attempt.slot_count > 1]
    if several:
        rows = Image.objects.filter(ORIGINAL, attempt__in=several).values_list("attempt", "slot")
        for attempt, slot in rows:
            filled[attempt].add(slot)
    return filled


def _quotes(attempts: Sequence[Attempt], user: User) -> dict[tuple[str, str, str], Again]:
    """What the ended ones would cost today; models that can't be used any more are left out."""
    ended = [attempt.generation for attempt in attempts if attempt.state in lifecycle.ENDS]
    if not ended:
        return {}
    found = ledger.quotes(usable_models(user), {wish_of(generation) for generation in ended})
    return {wish: Again(micros) for wish, micros in found.items() if can_run(micros)}
