"""What a tile says and offers, by the state of its attempt."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from generations.lifecycle import S
from generations.models import Attempt, CatalogModel, Generation, Price, User
from generations.outcomes import OUTCOMES, OVER, sentence_for
from generations.queries.cards import Card
from generations.queries.gallery import cards_of, page_of

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


@pytest.fixture
def card(alice: User, submit: Submit) -> Callable[..., Card]:
    """The tile of a submission that has come to this."""

    def card_of(state: S, code: str = "", **fields: Any) -> Card:
        generation = submit(alice)
        Attempt.objects.filter(generation=generation).update(
            state=state, code=code, sent_at=generation.created_at, **fields
        )
        return cards_of(generation, alice)[0]

    return card_of


PROMISES = ("by itself", "once more", "starts", "goes on", "until an operator")


@pytest.mark.parametrize("code", sorted(OUTCOMES))
def test_nothing_is_promised_when_it_is_over(code: str) -> None:
    said = sentence_for(code, is_over=True).sentence.replace("is not repeated by itself", "")
    is_only_for_the_living = OUTCOMES[code].title in {"Saving", "Done"}
    assert is_only_for_the_living or not any(promise in said for promise in PROMISES), said
    assert len(sentence_for(code, is_over=True).title) <= 30


def test_what_gave_up_waiting_says_so(card: Callable[..., Card]) -> None:
    waiting = card(S.HELD, "rate_limited")
    over = card(S.REJECTED_FREE, "rate_limited")
    assert (waiting.title, waiting.sentence[-30:]) == (
        "Provider is busy",
        "wait; it is tried again by itself."[-30:],
    )
    assert (over.title, over.sentence) == (
        "Given up",
        "The provider kept asking us to wait, so it is not tried any more; you can run it again.",
    )
    assert set(OUTCOMES) >= set(OVER)


@pytest.mark.parametrize(
    ("state", "fields", "money"),
    [
        (S.REJECTED_FREE, {}, ("nothing charged", "free")),
        (S.REJECTED_FREE, {"cost_micros": 3_000}, ("charged $0.003", "charged")),
        (S.CANCELED, {}, ("nothing charged", "free")),
        (S.UNKNOWN, {}, ("may have cost $0.04", "risk")),
        (S.UNKNOWN, {"reserved_micros": None}, ("may have cost money", "risk")),
        (S.CHARGED_UNUSABLE, {"cost_micros": 70_000}, ("charged $0.07", "charged")),
        (S.CHARGED_UNUSABLE, {}, ("may have been charged", "charged")),
        (S.RESOLVED_CHARGED, {"cost_micros": 40_000}, ("charged $0.04", "charged")),
        (S.RESOLVED_FREE, {}, ("nothing charged", "free")),
        (S.CHARGED_UNUSABLE, {"reserved_micros": 0}, ("free model", "free")),
    ],
)
def test_money_is_what_the_books_say(
    card: Callable[..., Card], state: S, fields: dict[str, Any], money: tuple[str, str]
) -> None:
    found = card(state, "invalid_request", **fields).money
    assert found
    assert (found.text, found.tone) == money


def test_resolved_is_not_unknown_any_more(card: Callable[..., Card]) -> None:
    assert card(S.RESOLVED_CHARGED, "connection_lost").title == "Charged, no picture"
    assert card(S.RESOLVED_FREE, "connection_lost").title == "Not charged"


ENDED = (S.REJECTED_FREE, S.CHARGED_UNUSABLE, S.UNKNOWN, S.CANCELED, S.RESOLVED_FREE)


@pytest.mark.parametrize("state", ENDED)
def test_run_again_has_todays_price(
    card: Callable[..., Card], painter: CatalogModel, state: S
) -> None:
    Price.objects.update(image_micros=50_000)
    assert [action.label for action in card(state).actions] == ["Run again, $0.05", "Dismiss"]


def test_run_again_takes_the_finest_price(card: Callable[..., Card], painter: CatalogModel) -> None:
    newest = painter.prices.get().starts_at
    painter.prices.create(size="1024x1024", image_micros=60_000, starts_at=newest)
    painter.prices.create(size="9:16", image_micros=70_000, starts_at=newest)
    assert card(S.UNKNOWN).actions[0].label == "Run again, $0.06"


def test_run_again_of_a_free_model_says_free(
    card: Callable[..., Card], painter: CatalogModel
) -> None:
    CatalogModel.objects.update(is_free=True)
    assert card(S.UNKNOWN).actions[0].label == "Run again, free"


@pytest.mark.parametrize(
    ("setting", "label", "asks"),
    [
        ("ask", "Run again, price unknown", True),
        ("allow", "Run again, price unknown", False),
        ("refuse", "Edit prompt", False),
    ],
)
def test_run_again_without_a_price(
    card: Callable[..., Card],
    painter: CatalogModel,
    settings: Any,
    setting: str,
    label: str,
    asks: bool,
) -> None:
    unknown = card(S.UNKNOWN)
    painter.prices.all().delete()
    settings.UNKNOWN_PRICE = setting
    generation = Generation.objects.get()
    action = cards_of(generation, generation.owner)[0].actions[0]
    assert (action.label, bool(action.question)) == (label, asks)
    assert unknown.actions[0].question == ""


def test_model_that_is_gone_can_only_be_left(
    card: Callable[..., Card], painter: CatalogModel
) -> None:
    CatalogModel.objects.update(is_available=False)
    assert card(S.REJECTED_FREE, "model_gone").actions[0].label == "Edit prompt"


def test_a_page_of_ended_tiles_asks_as_often_for_thirty_as_for_one(
    alice: User,
    submit: Submit,
    painter: CatalogModel,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    painter.images_per_call = 3
    counts = []
    for number in (1, 29):
        for _ in range(number):
            submit(alice, n=3)
        Attempt.objects.update(state=S.CANCELED)
        page_of(alice)  # what everybody asks for is known for two seconds from here
        with django_assert_max_num_queries(10) as captured:
            page_of(alice)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_dismissing_one_of_several_leaves_the_others(
    as_alice: Any, alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.images_per_call = 4
    generation = submit(alice, n=4)
    as_alice.post(f"/generations/{generation.pk}/cancel/")

    def left() -> list[int]:
        return [card.slot for card in cards_of(generation, alice)]

    for slot, rest in ((1, [0, 2, 3]), (1, [0, 2, 3]), (3, [0, 2]), (0, [2])):
        as_alice.post(f"/generations/{generation.pk}/dismiss/", {"slot": slot})
        assert left() == rest
    assert generation.attempts.get().is_vacant
    as_alice.post(f"/generations/{generation.pk}/dismiss/", {"slot": 2})
    assert left() == []
    assert not generation.attempts.get().is_vacant
