"""Where a picture comes from, as a sheet for programs: docs/provenance.md lists its keys.

Keys are added, never renamed or taken away. What isn't known is null, never 0 and never left out.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from generations import ledger
from generations.models import Attempt, Generation, Image, Price

SCHEMA = "mesh-gallery/provenance/1"
SeesCost = Callable[[Image], bool]
DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def provenance_of(image: Image, *, sees_cost: SeesCost = lambda image: True) -> dict[str, Any]:
    """One picture's sheet; `image` with its generation and attempt selected."""
    return sheets_of([image], sees_cost=sees_cost)[0]


def sheets_of(
    images: Sequence[Image], *, sees_cost: SeesCost = lambda image: True
) -> list[dict[str, Any]]:
    """The sheets of many, in their order; one query more for all of them.

    Whoever they are for sees what only some of the pictures cost: of the others the price is null,
    as it is of copies.
    """
    prices = _prices_of({image.generation.model_id for image in images})
    sheets = [_sheet(image, prices.get(image.generation.model_id, ())) for image in images]
    return [
        sheet | {"price": None} if image.is_copy or not sees_cost(image) else sheet
        for image, sheet in zip(images, sheets, strict=True)
    ]


def _prices_of(models: Iterable[str]) -> dict[str, list[Price]]:
    found: dict[str, list[Price]] = {}
    rows = Price.objects.filter(model__model_id__in=models).select_related("model")
    for price in rows:
        found.setdefault(price.model.model_id, []).append(price)
    return found


def _sheet(image: Image, prices: Iterable[Price]) -> dict[str, Any]:
    generation, attempt = image.generation, image.attempt
    return {
        "schema": SCHEMA,
        "digital_source_type": DIGITAL_SOURCE,
        "image": _picture(image),
        "generation": _generation(generation),
        "attempt": _attempt(attempt),
        "request": _request(generation, attempt),
        "response": _response(image, attempt),
        "price": _price(generation, attempt, prices),
    }


def _picture(image: Image) -> dict[str, Any]:
    return {
        "id": str(image.pk),
        "filename": image.filename,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
        "mime": image.mime,
        "width": image.width,
        "height": image.height,
        "slot": image.slot,
        "index": image.index,
        "alt_text": image.alt_text,
        "created_at": _time(image.created_at),
    }


def _generation(generation: Generation) -> dict[str, Any]:
    return {
        "id": str(generation.pk),
        "parent_id": _id(generation.parent_id),
        "batch_id": _id(generation.batch),
        "template_id": generation.template_id,
        "template_version": generation.template_version,
        "pictures": generation.n,
        "created_at": _time(generation.created_at),
        "imported_at": _time(generation.imported_at),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": str(attempt.pk),
        "previous_id": _id(attempt.previous_id),
        "state": attempt.state,
        "tries": attempt.tries,
        "is_automatic": attempt.is_automatic,
        "request_id": attempt.request_id or None,
        "http_status": attempt.status,
        "answer_sha256": attempt.answer_sha256 or None,
        "answer_bytes": attempt.answer_bytes,
        "created_at": _time(attempt.created_at),
        "sent_at": _time(attempt.sent_at),
        "accepted_at": _time(attempt.accepted_at),
        "received_at": _time(attempt.received_at),
        "finished_at": _time(attempt.finished_at),
    }


def _request(generation: Generation, attempt: Attempt) -> dict[str, Any]:
    """What was asked for, as the provider's API names it; no key, no address."""
    wanted: dict[str, Any] = {
        "model": generation.model_id,
        "prompt": generation.prompt,
        "n": attempt.slot_count,
        "size": generation.size or None,
        "quality": generation.quality or None,
        "output_format": generation.output_format or None,
    }
    rarer = dict(generation.parameters)
    seed = rarer.get("seed")
    if isinstance(seed, int) and seed >= 0:
        rarer["seed"] = seed + attempt.first_slot  # as it was sent
    return wanted | rarer


def _response(image: Image, attempt: Attempt) -> dict[str, Any]:
    """What came back besides the bytes."""
    return {
        "revised_prompt": image.revised_prompt or None,
        "settings": attempt.answered,
        "usage": attempt.usage,
    }


def _price(generation: Generation, attempt: Attempt, prices: Iterable[Price]) -> dict[str, Any]:
    """In millionths of a dollar, for the whole call; `row` is what held when it was asked for."""
    row = ledger.price_among(
        prices, size=generation.size, quality=generation.quality, at=generation.created_at
    )
    return {
        "currency": "USD",
        "quoted_micros": attempt.reserved_micros,
        "charged_micros": attempt.cost_micros,
        "row": _row(row) if row else None,
    }


def _row(price: Price) -> dict[str, Any]:
    return {
        "id": price.pk,
        "starts_at": _time(price.starts_at),
        "size": price.size or None,
        "quality": price.quality or None,
        "image_micros": price.image_micros,
        "prompt_micros_per_million": price.prompt_micros_per_million,
        "completion_micros_per_million": price.completion_micros_per_million,
        "is_from_catalog": price.is_from_catalog,
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="milliseconds") if when else None


def _id(value: object) -> str | None:
    return str(value) if value else None
