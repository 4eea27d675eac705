"""What a caller orders: the body of a generation, checked and made whole."""

import re
from dataclasses import dataclass
from typing import Any

from generations.sandbox import catalogue
from generations.sandbox.catalogue import ImageModel
from generations.sandbox.fields import (
    Field,
    check_fields,
    is_flag,
    is_mapping,
    is_text,
    number,
    one_of,
    read_body,
    text_or_texts,
    whole_number,
)
from generations.sandbox.problems import ApiError

FIELDS = {
    "prompt": Field(is_text, is_required=True, is_nullable=False),
    "model": Field(is_text),
    "n": Field(whole_number(least=1, most=10), default=1),
    "size": Field(is_text, default="auto"),
    "quality": Field(is_text, default="auto"),
    "response_format": Field(one_of("url", "b64_json"), default="url"),
    "output_format": Field(one_of("png", "jpeg", "webp")),
    "stream": Field(is_flag, default=False),
    "aspect_ratio": Field(is_text),
    "resolution": Field(is_text),
    "output_compression": Field(whole_number(least=0, most=100)),
    "background": Field(one_of("transparent", "opaque", "auto")),
    "moderation": Field(one_of("low", "auto")),
    "partial_images": Field(whole_number(least=0, most=3), default=0),
    "image": Field(text_or_texts),
    "seed": Field(whole_number(least=-1, most=2**31 - 1)),
    "guidance_scale": Field(number(least=1, most=10)),
    "watermark": Field(is_flag),
    "sequential_image_generation": Field(one_of("auto", "disabled")),
    "sequential_image_generation_options": Field(is_mapping),
    "optimize_prompt_options": Field(is_mapping),
}
QUALITIES = ("auto", "low", "medium", "high", "hd", "standard")
RESOLUTIONS = {"1k": 1024, "2k": 2048}
WIDTH_BY_HEIGHT = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})\Z")


@dataclass(frozen=True, slots=True)
class Order:
    model: ImageModel
    prompt: str
    n: int
    size: tuple[int, int]
    quality: str
    response_format: str
    output_format: str
    """Empty when the caller named none."""
    compression: int | None
    background: str
    is_stream: bool
    previews: int
    seed: int | None


def read_order(raw: bytes) -> Order:
    """Raises the 422 of the framework, the 404 of an unknown model or the provider's 400."""
    return order_from(check_fields(read_body(raw), FIELDS))


def order_from(values: dict[str, Any]) -> Order:
    model = find_model(values["model"])
    _check_provider_rules(model, values)
    return Order(
        model=model,
        prompt=values["prompt"],
        n=values["n"],
        size=_size(model, values),
        quality=values["quality"],
        response_format=values["response_format"],
        output_format=values["output_format"] or "",
        compression=values["output_compression"],
        background=values["background"] or "auto",
        is_stream=values["stream"],
        previews=values["partial_images"] if values["stream"] else 0,
        seed=None if values["seed"] == -1 else values["seed"],
    )


def find_model(model_id: str | None) -> ImageModel:
    if model_id is None:
        return catalogue.DEFAULT_MODEL
    model = catalogue.BY_ID.get(model_id)
    if model is None:
        message = f"The model '{model_id[:100]}' does not exist."
        raise ApiError(404, message, code="model_not_found")
    if not isinstance(model, ImageModel):
        raise ApiError(501, f"{model.id} does not support image generation.")
    return model


def _check_provider_rules(model: ImageModel, values: dict[str, Any]) -> None:
    prompt, n, quality = values["prompt"], values["n"], values["quality"]
    if not prompt.strip():
        raise _provider_says("prompt", "The prompt must not be empty.")
    if len(prompt) > model.max_prompt_chars:
        limit = model.max_prompt_chars
        raise _provider_says("prompt", f"The prompt is longer than {limit} characters.")
    if n > model.max_n:
        raise _provider_says("n", f"{model.id} makes at most {model.max_n} images per call.")
    if quality not in QUALITIES or quality not in model.qualities:
        known = ", ".join(model.qualities)
        raise _provider_says("quality", f"'{quality[:40]}' is not supported. Choose from: {known}.")
    if values["output_format"] and not model.formats:
        raise _provider_says("output_format", "Only OpenAI models take output_format.")
    if values["background"] == "transparent" and values["output_format"] == "jpeg":
        raise _provider_says("background", "A transparent background needs png or webp.")
    if values["image"] is not None and not model.can_edit:
        raise _provider_says("image", f"{model.id} takes no reference images.")


def _size(model: ImageModel, values: dict[str, Any]) -> tuple[int, int]:
    asked = values["size"]
    if asked == "auto" and values["aspect_ratio"]:
        asked = values["aspect_ratio"]
    size = model.sizes.get(asked) or _free_size(model, asked)
    if size is None:
        known = ", ".join(model.sizes)
        raise _provider_says("size", f"'{asked[:40]}' is not supported. Choose from: {known}.")
    return _at_resolution(model, size, values["resolution"])


def _free_size(model: ImageModel, asked: str) -> tuple[int, int] | None:
    match = WIDTH_BY_HEIGHT.match(asked)
    if match is None or model.free_edges is None:
        return None
    least, most = model.free_edges
    width, height = int(match[1]), int(match[2])
    return (width, height) if least <= min(width, height) <= max(width, height) <= most else None


def _at_resolution(
    model: ImageModel, size: tuple[int, int], resolution: str | None
) -> tuple[int, int]:
    """Larger in the same ratio, within what the model can: "2K" makes the long edge 2048."""
    if resolution is None or model.free_edges is None:
        return size
    edge = RESOLUTIONS.get(resolution.lower())
    if edge is None:
        raise _provider_says("resolution", f"'{resolution[:40]}' is not supported.")
    factor = min(edge, model.free_edges[1]) / max(size)
    return (round(size[0] * factor), round(size[1] * factor))


def _provider_says(field: str, message: str) -> ApiError:
    return ApiError(400, message, details=[{"field": field}])
