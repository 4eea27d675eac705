"""Money: the only code that writes it. Amounts are integers in micro-dollars; None is "not known".

An unknown price is never 0: it stays None through quote, reservation and settlement.
"""

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Now

from generations.models import Attempt, CatalogModel, LedgerEntry, LedgerKind, Price


def price_for(model: CatalogModel, *, size: str, quality: str) -> Price | None:
    """The finest row that applies today: size and quality before either, either before general."""
    rows = model.prices.filter(
        Q(size="") | Q(size=size), Q(quality="") | Q(quality=quality), starts_at__lte=Now()
    )
    return max(
        rows, key=lambda row: (bool(row.size) + bool(row.quality), row.starts_at), default=None
    )


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
    model = CatalogModel.objects.filter(model_id=generation.model_id).first()
    if model is None:
        return None
    price = price_for(model, size=generation.size, quality=generation.quality)
    return _token_cost(price, attempt.usage or {}) if price else None


def _token_cost(price: Price, usage: Mapping[str, object]) -> int | None:
    tokens = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
    rates = [price.prompt_micros_per_million, price.completion_micros_per_million]
    if not all(isinstance(count, int) for count in tokens) or rates[1] is None:
        return None
    total = sum(int(count) * (rate or 0) for count, rate in zip(tokens, rates, strict=True))  # type: ignore[call-overload]
    return -(-total // 1_000_000)


def reserve(attempts: Iterable[Attempt]) -> None:
    """Count the attempts' worst case as spent; in the transaction that makes them."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(attempt=attempt, kind=LedgerKind.RESERVE, micros=attempt.reserved_micros)
        for attempt in attempts
    )


def hold(attempt: Attempt) -> None:
    """Note that the reservation stays because the outcome is unknown. May run twice."""
    _write(attempt, LedgerKind.HOLD, attempt.reserved_micros)


def release(attempt: Attempt) -> None:
    """Give back what was reserved: nothing was charged."""
    _write(attempt, LedgerKind.RELEASE, attempt.reserved_micros)


def settle(attempt: Attempt, *, micros: int | None) -> None:
    """Replace the reservation by what it really cost."""
    if _write(attempt, LedgerKind.SETTLE, micros):
        Attempt.objects.filter(pk=attempt.pk).update(cost_micros=micros)


def _write(attempt: Attempt, kind: LedgerKind, micros: int | None) -> bool:
    _, is_new = LedgerEntry.objects.get_or_create(
        attempt=attempt, kind=kind, defaults={"micros": micros}
    )
    return is_new
