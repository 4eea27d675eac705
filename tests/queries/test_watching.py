"""What a page and its polls tell while a picture is being stored."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction

from generations import lifecycle, watch
from generations.models import Attempt, CatalogModel, Generation, Image, User
from generations.models.generation import sort_key
from generations.queries.cards import Card
from generations.queries.gallery import cards_of, page_of
from generations.queries.watching import look_at, watch_for

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
Run = Callable[[], Generation]


@pytest.fixture(params=[1, 3], ids=["one a call", "three a call"])
def run(request: pytest.FixtureRequest, alice: User, painter: CatalogModel, submit: Submit) -> Run:
    """Submit a run of three pictures."""
    painter.images_per_call = request.param
    return partial(submit, alice, n=3)


def receive(generation: Generation) -> Attempt:
    """Its first attempt, answered and about to be stored."""
    attempt = lifecycle.claim("w", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    assert lifecycle.move(attempt, lifecycle.S.RECEIVED)
    return attempt


def store(attempt: Attempt) -> None:
    """Rows and state in one transaction, as a worker commits them."""
    generation = attempt.generation
    with transaction.atomic():
        for index, slot in enumerate(attempt.slots):
            Image.objects.create(
                generation=generation,
                attempt=attempt,
                owner=generation.owner,
                index=index,
                slot=slot,
                sort_key=sort_key(generation.created_at, slot),
                key=f"v1/{attempt.pk}-{index}.png",
                sha256="0" * 64,
                size_bytes=1,
                mime="image/png",
                extension="png",
                width=1024,
                height=1024,
                created_at=generation.created_at,
            )
        assert lifecycle.move(attempt, lifecycle.S.STORED, is_vacant=False)


@contextmanager
def stored_before_query(attempt: Attempt, number: int) -> Iterator[list[str]]:
    """The attempt is stored just before query `number`, from 1 on; yields what was asked."""
    asked: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        if len(asked) == number:
            store(attempt)
            del asked[number:]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield asked


class Page:
    """The tiles of a run as an open page shows them."""

    def __init__(self, generation: Generation) -> None:
        self.owner = generation.owner
        self.tiles: dict[int, str] = {}
        self._show(cards := cards_of(generation, self.owner), cards)

    def poll(self) -> None:
        if self.token:
            look = look_at(self.token, self.owner)
            self._show(look.changed, look.cards)

    def _show(self, changed: Iterable[Card], cards: Sequence[Card]) -> None:
        self.tiles |= {card.slot: card.state for card in changed}
        watched = watch_for(cards, self.owner, "", version="v")
        self.token = watch.Token.read(watched.token) if watched else None


READS: dict[str, Callable[[Generation], Sequence[Card]]] = {
    "its page": lambda generation: cards_of(generation, generation.owner),
    "the gallery": lambda generation: page_of(generation.owner, size=3).cards,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_page_has_each_tile_once_whenever_a_picture_is_stored(
    read: Callable[[Generation], Sequence[Card]], run: Run
) -> None:
    for number in count(1):
        generation = run()
        with stored_before_query(receive(generation), number) as asked:
            cards = read(generation)
        if len(asked) < number:
            break
        places = sorted((card.generation_id, card.slot) for card in cards)
        assert places == [(generation.pk, slot) for slot in range(3)], asked[:number]
    assert number > 2


def test_polls_end_with_the_picture_whenever_it_is_stored(run: Run) -> None:
    for number in count(1):
        generation = run()
        attempt = receive(generation)
        page = Page(generation)
        assert page.tiles[0] == "saving"
        with stored_before_query(attempt, number) as asked:
            page.poll()
        if len(asked) < number:
            break
        page.poll()
        assert page.tiles == Page(generation).tiles, asked[:number]
        assert page.tiles[0] == "done"
    assert number > 2


def test_what_is_here_is_asked_for_at_once(run: Run) -> None:
    generation = run()
    attempt = receive(generation)
    cards = cards_of(generation, generation.owner)
    watched = watch_for(cards, generation.owner, "", version="v", began=int(time.time()) - 60)
    assert watched
    assert watched.delay_seconds == 0.2
    token = watch.Token.read(watched.token)
    assert token
    assert token.next_poll_seconds() == 0.4
    later = replace(token, eta=token.eta - 100)  # a store that is away isn't asked for every moment
    assert later.next_poll_seconds() == 4.0
    assert attempt.state == "received"
