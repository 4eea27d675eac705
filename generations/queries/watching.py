"""Which tiles of a page changed since it was made."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from generations import policy, watch
from generations.models import AttemptState, User
from generations.queries.cards import Card
from generations.queries.gallery import cards_at

MOST_WATCHED = 240  # the token travels in an address
SAVING_SECONDS = 0.2  # until the next look at a picture that is here and only being put away
PICTURE, HIDDEN = 255, 254
STATE_CODES = {state: code for code, state in enumerate(AttemptState)}


@dataclass(frozen=True, slots=True)
class Watch:
    """What a page needs in order to poll."""

    token: str
    delay_seconds: float


def watch_for(
    cards: Iterable[Card],
    user: User,
    session_key: str,
    *,
    version: str,
    space: int | None = None,
    began: int | None = None,
) -> Watch | None:
    """A watch over the unfinished ones among `cards`; None when there is nothing to wait for.

    They hang in one gallery, the person's own unless another `space` is named.

    Read `version` before the cards: what changes in between is then seen by the next poll.
    """
    unfinished = [card for card in cards if card.is_unfinished and card.attempt_id]
    if not unfinished:
        return None
    token = watch.Token(
        user_id=user.pk,
        space=user.pk if space is None else space,
        session=watch.session_digest(session_key),
        version=version,
        watched=tuple(
            watch.Watched(card.attempt_id, _code(card))
            for card in unfinished[:MOST_WATCHED]
            if card.attempt_id
        ),
        eta=_eta(unfinished),
        began=began or int(time.time()),
    )
    is_here = any(card.state == "saving" for card in unfinished)
    return Watch(token.sign(), SAVING_SECONDS if is_here else token.next_poll_seconds())


def _code(card: Card) -> int:
    """A card's attempt state as the token has it; pictures and hidden tiles have another."""
    if card.hidden:
        return HIDDEN
    return STATE_CODES[AttemptState(card.attempt_state)] if card.attempt_state else PICTURE


def _eta(cards: list[Card]) -> int:
    """When the first picture is expected, in Unix seconds; 0 when nobody can tell."""
    if any(card.state == "saving" for card in cards):
        return int(time.time())
    expected = [
        card.since.timestamp() + card.soonest_seconds
        for card in cards
        if card.state == "working" and card.since and card.soonest_seconds
    ]
    return int(min(expected, default=0))


@dataclass(frozen=True, slots=True)
class Look:
    """The watched tiles as they are now. `gone` are places of tiles that no longer exist."""

    cards: list[Card]
    changed: list[Card]
    gone: list[tuple[UUID, int]]


def look_at(token: watch.Token, user: User) -> Look:
    """What became of everything the token watches."""
    known: dict[UUID | None, int] = {w.attempt: w.state for w in token.watched}
    ids = [watched.attempt for watched in token.watched]
    rows = policy.visible_attempts(user).filter(pk__in=ids).select_related("generation")
    attempts = {attempt.pk: attempt for attempt in rows}
    places = {(a.generation_id, slot) for a in attempts.values() for slot in a.slots}
    cards = cards_at(places, user)
    changed = [card for card in cards if known.get(card.attempt_id) != _code(card)]
    gone = places - {(card.generation_id, card.slot) for card in cards}
    return Look(cards, changed, sorted(gone))
