"""The catalogue of models, refreshed from the provider."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models.functions import Now

from generations.mesh import MeshError, Model
from generations.models import CatalogModel, Price
from generations.pipeline import upstream
from generations.transactions import writing

_log = logging.getLogger(__name__)

MOST_USD = 1000  # for a million tokens or a picture; beyond that it is a mistake


@dataclass(frozen=True, slots=True)
class Family:
    """What models of one kind are known to take; cautious where the vendor says nothing."""

    marks: tuple[str, ...]
    sizes: tuple[str, ...]
    qualities: tuple[str, ...] = ()
    output_formats: tuple[str, ...] = ()
    largest_n: int = 10
    position: int = 100


FAMILIES = (
    Family(
        ("gpt-image",),
        ("auto", "1024x1024", "1536x1024", "1024x1536"),
        ("auto", "low", "medium", "high"),
        ("png", "jpeg", "webp"),
        position=10,  # gives a revised prompt and its usage: the most to learn from at first
    ),
    Family(("dall-e-3",), ("1024x1024", "1792x1024", "1024x1792"), ("standard", "hd")),
    Family(("dall-e-2",), ("1024x1024", "512x512", "256x256")),
    Family(("imagen", "gemini"), ("1:1", "3:4", "4:3", "9:16", "16:9"), largest_n=4),
)
UNKNOWN_FAMILY = Family((), ("auto", "1024x1024"), largest_n=4)


def refresh_catalog() -> int:
    """Bring the rows up to what the provider lists; how many picture models it has.

    New models start switched on. What an admin changed stays. Raises MeshError when the provider
    can't be asked; the rows are then left as they are.
    """
    models = [
        model for model in upstream.client().models.list() if "image" in model.output_modalities
    ]
    if not models:
        _log.warning("The provider lists no model that makes pictures; ours stay as they are.")
        return 0
    with writing():
        for model in models:
            _upsert(model)
        gone = CatalogModel.objects.filter(is_available=True)
        gone.exclude(model_id__in=[model.id for model in models]).update(is_available=False)
    return len(models)


def refresh_catalog_quietly() -> None:
    """For a start-up that must go on without the provider."""
    try:
        refresh_catalog()
    except MeshError as error:
        _log.warning("The provider's models can't be read just now: %s", error)


def _upsert(model: Model) -> None:
    family = _family(model.id)
    said = {
        "name": (model.name or model.id)[:200],
        "provider": (model.provider or "")[:100],
        "description": model.description or "",
        "is_free": bool(model.is_free),
        "is_available": True,
        "can_edit": bool(model.supports.get("image_edit")),
        "refreshed_at": Now(),
    }
    assumed = {
        "sizes": list(family.sizes),
        "qualities": list(family.qualities),
        "output_formats": list(family.output_formats),
        "largest_n": family.largest_n,
        "position": family.position,
    }
    row, _ = CatalogModel.objects.update_or_create(
        model_id=model.id[:200], defaults=said, create_defaults=said | assumed
    )
    _record_price(row, model)


def _family(model_id: str) -> Family:
    known = (family for family in FAMILIES if any(mark in model_id for mark in family.marks))
    return next(known, UNKNOWN_FAMILY)


def _record_price(row: CatalogModel, model: Model) -> None:
    """A new dated row when the provider's general price differs from the last one it gave."""
    told = {
        "image_micros": _per_picture(model),
        "prompt_micros_per_million": _per_million(model, "prompt"),
        "completion_micros_per_million": _per_million(model, "completion"),
    }
    last = row.prices.filter(is_from_catalog=True, size="", quality="").first()
    if last and all(getattr(last, name) == value for name, value in told.items()):
        return
    if last or any(value is not None for value in told.values()):
        Price.objects.create(model=row, starts_at=Now(), is_from_catalog=True, **told)


def _per_picture(model: Model) -> int | None:
    """What a call for one picture costs: the picture, and the request where that is priced too."""
    parts = [_micros(model, (name,), 1) for name in ("image_output_usd_per_image", "request_usd")]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _per_million(model: Model, kind: str) -> int | None:
    found = _micros(model, (f"{kind}_usd_per_1m",), 1)
    return found if found is not None else _micros(model, (f"{kind}_usd_per_1k",), 1000)


def _micros(model: Model, names: Iterable[str], times: int) -> int | None:
    """A decimal string in dollars as micro-dollars, rounded up; None for what is no price."""
    for name in names:
        try:
            usd = Decimal(str(model.pricing.get(name) or "")) * times
        except InvalidOperation:
            continue
        if usd.is_finite() and 0 < usd <= MOST_USD:
            return int(-(-usd * 1_000_000 // 1))
    return None
