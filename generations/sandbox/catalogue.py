"""The models on offer: what each takes, gives back, costs and how long it thinks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from generations.sandbox.sizes import DALL_E_SIZES, GPT_IMAGE_SIZES, IMAGEN_SIZES, OPEN_SIZES, Size

Gives = Literal["url", "data", "b64"]

ANY_QUALITY = ("auto", "low", "medium", "high", "standard", "hd")


@dataclass(frozen=True, slots=True)
class ImageModel:
    id: str
    name: str
    brand: str
    description: str
    sizes: Mapping[str, Size]
    seconds: tuple[float, float]
    gives: Gives
    pricing: Mapping[str, str] | None
    free_edges: tuple[int, int] | None = None
    """Any WIDTHxHEIGHT with edges in this range, beside the named sizes."""
    qualities: tuple[str, ...] = ANY_QUALITY
    formats: tuple[str, ...] = ()
    default_format: str = "png"
    max_n: int = 10
    max_prompt_chars: int = 32_000
    has_usage: bool = False
    revises: bool = True
    can_edit: bool = False
    is_free: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def provider(self) -> str:
        return self.id.partition("/")[0]

    def listed(self) -> dict[str, Any]:
        return _listed(self) | {
            "model_type": "image",
            "input_modalities": ["text", "image"] if self.can_edit else ["text"],
            "output_modalities": ["image"],
            "context_length": None,
            **{f"supports_image_{skill}": self.can_edit for skill in EDIT_SKILLS},
        }


@dataclass(frozen=True, slots=True)
class TextModel:
    id: str
    name: str
    brand: str
    description: str
    context_length: int
    pricing: Mapping[str, str] | None = None
    is_free: bool = field(default=False)

    @property
    def provider(self) -> str:
        return self.id.partition("/")[0]

    def listed(self) -> dict[str, Any]:
        return _listed(self) | {
            "model_type": "text",
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
            "context_length": self.context_length,
            **{f"supports_image_{skill}": None for skill in EDIT_SKILLS},
        }


EDIT_SKILLS = (
    *("edit", "inpaint", "outpaint", "mix", "reframe", "upscale"),
    *("remove_background", "reference"),
)


def _listed(model: "ImageModel | TextModel") -> dict[str, Any]:
    prices: dict[str, Any] | None = None
    if model.pricing is not None:
        prices = {"prompt_usd_per_1k": None, "completion_usd_per_1k": None, **model.pricing}
    return {
        "id": model.id,
        "name": model.name,
        "brand": model.brand,
        "provider": model.provider,
        "description": model.description,
        "is_free": model.is_free,
        "pricing": prices,
    }


IMAGE_MODELS = (
    ImageModel(
        "openai/gpt-image-1",
        "GPT Image 1",
        "OpenAI",
        "Follows long prompts closely; transparent backgrounds and edits.",
        GPT_IMAGE_SIZES,
        (6.5, 9.0),
        "data",
        {
            "image_output_usd_per_image": "0.042",
            "prompt_usd_per_1m": "5.00",
            "completion_usd_per_1m": "40.00",
            "pricing_unit": "image",
        },
        qualities=("auto", "low", "medium", "high"),
        formats=("png", "jpeg", "webp"),
        has_usage=True,
        can_edit=True,
    ),
    ImageModel(
        "openai/gpt-image-1-mini",
        "GPT Image 1 Mini",
        "OpenAI",
        "Quicker and cheaper; billed by tokens.",
        GPT_IMAGE_SIZES,
        (4.5, 6.5),
        "data",
        {
            "prompt_usd_per_1k": "0.002",
            "completion_usd_per_1k": "0.008",
            "prompt_usd_per_1m": "2.00",
            "completion_usd_per_1m": "8.00",
            "pricing_unit": "token",
        },
        qualities=("auto", "low", "medium", "high"),
        formats=("png", "jpeg", "webp"),
        has_usage=True,
        can_edit=True,
    ),
    ImageModel(
        "openai/dall-e-3",
        "DALL·E 3",
        "OpenAI",
        "Rewrites every prompt; one picture a call.",
        DALL_E_SIZES,
        (6.0, 8.0),
        "url",
        {"image_output_usd_per_image": "0.040", "image_output_size": "1024x1024"},
        qualities=("auto", "standard", "hd"),
        formats=("png", "jpeg", "webp"),
        max_n=1,
        max_prompt_chars=4_000,
        aliases=("dall-e-3",),
    ),
    ImageModel(
        "vertex/imagen-3",
        "Imagen 3",
        "Google",
        "Photographic light and fine detail.",
        IMAGEN_SIZES,
        (5.0, 7.0),
        "b64",
        {"image_output_usd_per_image": "0.03"},
        max_n=4,
        revises=False,
        aliases=("imagen-3",),
    ),
    ImageModel(
        "vertex/imagen-4-fast",
        "Imagen 4 Fast",
        "Google",
        "The quick one of its family.",
        IMAGEN_SIZES,
        (4.0, 5.0),
        "b64",
        {"image_output_usd_per_image": "0.02"},
        max_n=4,
        aliases=("imagen-4-fast",),
    ),
    ImageModel(
        "black-forest-labs/flux-1.1-pro",
        "FLUX 1.1 Pro",
        "Black Forest Labs",
        "Any size, repeatable by seed.",
        OPEN_SIZES,
        (4.5, 6.5),
        "url",
        {"image_output_usd_per_image": "0.04", "request_usd": "0"},
        free_edges=(256, 1440),
        default_format="webp",
        max_n=4,
        revises=False,
    ),
    ImageModel(
        "bytedance/seedream-4.0",
        "Seedream 4.0",
        "ByteDance",
        "Up to 2048 × 2048, sets of related pictures.",
        OPEN_SIZES,
        (6.0, 9.0),
        "url",
        {"image_output_usd_per_image": "0.03", "effective_date": "2025-09-09"},
        free_edges=(512, 2048),
        default_format="jpeg",
        has_usage=True,
        can_edit=True,
    ),
    ImageModel(
        "stabilityai/sdxl-turbo",
        "SDXL Turbo",
        "Stability AI",
        "Free of charge, a little rough.",
        OPEN_SIZES,
        (4.0, 4.8),
        "url",
        {"image_output_usd_per_image": "0"},
        free_edges=(256, 1024),
        max_n=4,
        revises=False,
        is_free=True,
    ),
    ImageModel(
        "luma/photon-preview",
        "Photon Preview",
        "Luma",
        "A preview; its price isn't published yet.",
        OPEN_SIZES,
        (5.0, 7.5),
        "url",
        None,
        free_edges=(512, 1536),
        default_format="jpeg",
        max_n=4,
    ),
)

TEXT_MODELS = (
    TextModel(
        "openai/gpt-4o",
        "GPT-4o",
        "OpenAI",
        "Text and pictures in, text out.",
        128_000,
        {"prompt_usd_per_1k": "0.0025", "completion_usd_per_1k": "0.01"},
    ),
    TextModel(
        "openai/gpt-4o-mini",
        "GPT-4o mini",
        "OpenAI",
        "The small one.",
        128_000,
        {"prompt_usd_per_1k": "0.00015", "completion_usd_per_1k": "0.0006"},
    ),
    TextModel(
        "anthropic/claude-3.5-sonnet",
        "Claude 3.5 Sonnet",
        "Anthropic",
        "Careful with long texts.",
        200_000,
        {"prompt_usd_per_1k": "0.003", "completion_usd_per_1k": "0.015"},
    ),
)

DEFAULT_MODEL = IMAGE_MODELS[0]
MODELS: tuple[ImageModel | TextModel, ...] = (*IMAGE_MODELS, *TEXT_MODELS)
BY_ID: Mapping[str, ImageModel | TextModel] = {model.id: model for model in MODELS} | {
    alias: model for model in IMAGE_MODELS for alias in model.aliases
}
