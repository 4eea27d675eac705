"""What a picture costs: dated rows, the finest match, and the tokens where those are priced."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Now

from generations.models import Attempt, CatalogModel, Price


def price_for(model: CatalogModel, *, size: str, quality: str) -> Price | None:
    """The finest row that applies today: size and quality before either, either before general."""
    today: list[Price] | None = getattr(model, "today", None)
    if today is not None:
        return _finest(p for p in today if p.size in {"", size} and p.quality in {"", quality})
    rows = model.prices.filter(
        Q(size="") | Q(size=size), Q(quality="") | Q(quality=quality), starts_at__lte=Now()
    )
    return _finest(rows)


def _finest(rows: Iterable[Price]) -> Price | None:
    return max(
        rows, key=lambda row: (bool(row.size) + bool(row.quality), row.starts_at), default=None
    )


def price_among(prices: Iterable[Price], *, size: str, quality: str, at: datetime) -> Price | None:
    """The finest of a model's rows that held at this time."""
    return _finest(
        row
        for row in prices
        if row.size in {"", size} and row.quality in {"", quality} and row.starts_at <= at
    )


Wish = tuple[str, str, str]  # model, size, quality


def with_prices(models: QuerySet[CatalogModel]) -> QuerySet[CatalogModel]:
    """Models that bring the prices of today along: their quotes ask the database nothing."""
    today = Prefetch("prices", Price.objects.filter(starts_at__lte=Now()), to_attr="today")
    return models.prefetch_related(today)


def quotes(models: Iterable[CatalogModel], wishes: Iterable[Wish]) -> dict[Wish, int | None]:
    """What one picture costs today for each wish whose model is among `models`."""
    rows = {row.model_id: row for row in models}
    return {
        wish: quote(rows[wish[0]], size=wish[1], quality=wish[2])
        for wish in set(wishes)
        if wish[0] in rows
    }


def quote(model: CatalogModel, *, size: str, quality: str) -> int | None:
    """What one picture will cost, if that can be known before it is made."""
    if model.is_free:
        return 0
    price = price_for(model, size=size, quality=quality)
    return price.image_micros if price else None


def cost_of(attempt: Attempt, *, pictures: int) -> int | None:
    """What an answered attempt cost: by picture where priced so, else by the tokens it used."""
    generation = attempt.generation
    if generation.quote_micros is not None:
        return generation.quote_micros * pictures
    return cost_of_tokens(attempt)


def cost_of_tokens(attempt: Attempt) -> int | None:
    """What the tokens it used cost, where the model is priced by them; None when not known."""
    generation = attempt.generation
    model = CatalogModel.objects.filter(model_id=generation.model_id).first()
    if model is None or not attempt.usage:
        return None
    price = price_for(model, size=generation.size, quality=generation.quality)
    return _token_cost(price, attempt.usage) if price else None


def _token_cost(price: Price, usage: Mapping[str, object]) -> int | None:
    tokens = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
    rates = [price.prompt_micros_per_million, price.completion_micros_per_million]
    if not all(isinstance(count, int) for count in tokens) or rates[1] is None:
        return None
    total = sum(int(count) * (rate or 0) for count, rate in zip(tokens, rates, strict=True))  # type: ignore[call-overload]
    return -(-total // 1_000_000)
