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
PICTURE = 255
STATE_CODES = {state: code for code, state in enumerate(AttemptState)}


@dataclass(frozen=True, slots=True)
class Watch:
    """What a page needs in order to poll."""

    token: str
    delay_seconds: float


def watch_for(
    cards: Iterable[Card], user: User, session_key: str, *, version: str, began: int | None = None
) -> Watch | None:
    """A watch over the unfinished ones among `cards`; None when there is nothing to wait for.

    Read `version` before the cards: what changes in between is then seen by the next poll.
    """
    unfinished = [card for card in cards if card.is_unfinished and card.attempt_id]
    if not unfinished:
        return None
    token = watch.Token(
        user_id=user.pk,
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
    return Watch(token.sign(), token.next_poll_seconds())


def _code(card: Card) -> int:
    """A card's attempt state as the token has it; a picture has another than any."""
    return STATE_CODES[AttemptState(card.attempt_state)] if card.attempt_state else PICTURE


def _eta(cards: list[Card]) -> int:
    """When the first picture is expected, in Unix seconds; 0 when nobody can tell."""
    expected = [
        card.since.timestamp() + card.estimate_seconds
        for card in cards
        if card.state == "working" and card.since and card.estimate_seconds
    ]
    return int(min(expected, default=0))


def changed_cards(token: watch.Token, user: User) -> tuple[list[Card], list[Card]]:
    """The watched tiles as they are now: those that changed, and all of them."""
    known: dict[UUID | None, int] = {w.attempt: w.state for w in token.watched}
    ids = [watched.attempt for watched in token.watched]
    rows = policy.visible_attempts(user).filter(pk__in=ids).select_related("generation")
    attempts = {attempt.pk: attempt for attempt in rows}
    places = {(a.generation_id, slot) for a in attempts.values() for slot in a.slots}
    cards = cards_at(places, user)
    changed = [card for card in cards if known.get(card.attempt_id) != _code(card)]
    return changed, cards
