"""Prices and costs: the finest row wins, unknown stays unknown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from generations import ledger
from generations.models import Attempt, CatalogModel, Generation, Price, User

pytestmark = [pytest.mark.db]


def price(model: CatalogModel, micros: int | None, **fields: object) -> Price:
    starts_at = fields.pop("starts_at", timezone.now() - timedelta(minutes=1))
    return Price.objects.create(model=model, image_micros=micros, starts_at=starts_at, **fields)


def quote(model: CatalogModel, size: str = "", quality: str = "") -> int | None:
    return ledger.quote(model, size=size, quality=quality)


def test_quote_takes_the_finest_row(painter: CatalogModel) -> None:
    price(painter, 60_000, quality="high")
    price(painter, 90_000, quality="high", size="1536x1024")
    assert quote(painter) == 40_000
    assert quote(painter, quality="high") == 60_000
    assert quote(painter, "1536x1024", "high") == 90_000
    assert quote(painter, "1536x1024", "low") == 40_000


def test_quote_takes_the_newest_row_that_has_begun(painter: CatalogModel) -> None:
    price(painter, 50_000, starts_at=timezone.now() + timedelta(days=1))
    assert quote(painter) == 40_000
    price(painter, 30_000)
    assert quote(painter) == 30_000


def test_quote_of_the_unpriced_is_unknown_and_of_the_free_is_nothing(db: None) -> None:
    model = CatalogModel.objects.create(model_id="m", name="M")
    assert quote(model) is None
    model.is_free = True
    assert quote(model) == 0


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 1000}, 40_050),
        ({"prompt_tokens": 1, "completion_tokens": 0}, 5),
        ({"completion_tokens": 1000}, None),
        ({}, None),
        ({"prompt_tokens": "10", "completion_tokens": 1.5}, None),
    ],
)
def test_cost_by_tokens_is_rounded_up_and_unknown_without_usage(
    alice: User,
    submit: Callable[..., Generation],
    painter: CatalogModel,
    usage: dict[str, object],
    cost: int | None,
) -> None:
    painter.prices.update(
        image_micros=None,
        prompt_micros_per_million=5_000_000,
        completion_micros_per_million=40_000_000,
    )
    attempt = submit(alice).attempts.select_related("generation").get()
    attempt.usage = usage
    assert attempt.reserved_micros is None
    assert ledger.cost_of(attempt, pictures=1) == cost


def test_cost_by_picture_counts_pictures(alice: User, submit: Callable[..., Generation]) -> None:
    attempt = submit(alice).attempts.select_related("generation").get()
    assert ledger.cost_of(attempt, pictures=3) == 120_000


def test_settling_twice_keeps_the_first(alice: User, submit: Callable[..., Generation]) -> None:
    attempt = submit(alice).attempts.select_related("generation").get()
    ledger.settle(attempt, micros=40_000, pictures=1)
    ledger.settle(attempt, micros=99_000, pictures=1)
    assert Attempt.objects.get().cost_micros == 40_000
    assert attempt.ledger.filter(kind="settle").get().micros == 40_000
