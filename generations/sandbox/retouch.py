"""Changes to a picture that came with the request."""

import base64
import binascii
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from generations.sandbox.art import canvas
from generations.sandbox.problems import ApiError

MAX_EDGE_PX = 2048
MAX_GIVEN_PIXELS = 40_000_000
BLENDED = 0.5
OUTPAINT_SHARE = 0.62


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to which picture."""

    given: bytes
    operation: str
    factor: float = 2.0


def read_given(value: Any) -> bytes:
    """The picture in a request: base64, bare or in a `data:` URL. Raises a 400 for others."""
    text = value["url"] if isinstance(value, dict) else value
    if text.startswith(("http://", "https://")):
        raise ApiError(400, "Remote image URLs are not accepted here; send base64.")
    try:
        content = base64.b64decode(text.partition(",")[2] or text, validate=True)
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except (binascii.Error, ValueError, OSError) as error:
        raise ApiError(400, "The image can't be read.", code="invalid_image") from error
    if width * height > MAX_GIVEN_PIXELS:
        raise ApiError(400, "The image is too large.", code="invalid_image")
    return content


def retouched(change: Change, *, prompt: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """What the operation makes of the picture, in the given size where it sets one."""
    image = Image.open(io.BytesIO(change.given)).convert("RGB")
    operation = change.operation
    if operation == "upscale":
        return _upscaled(image, change.factor)
    if operation == "remove_background":
        return canvas.cut_out(ImageOps.fit(image, size))
    if operation == "reframe":
        return ImageOps.fit(image, size)
    scene = canvas.draw(prompt, seed=seed, size=size)
    if operation == "outpaint":
        return _framed(image, scene)
    if operation == "inpaint":
        return Image.composite(scene, ImageOps.fit(image, size), _patch(size))
    return Image.blend(ImageOps.fit(image, size), scene, BLENDED)


def _upscaled(image: Image.Image, factor: float) -> Image.Image:
    scale = min(factor, MAX_EDGE_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _framed(image: Image.Image, scene: Image.Image) -> Image.Image:
    """The picture in the middle, fading into the scene around it."""
    inner = (round(scene.width * OUTPAINT_SHARE), round(scene.height * OUTPAINT_SHARE))
    corner = ((scene.width - inner[0]) // 2, (scene.height - inner[1]) // 2)
    edge = max(2, min(inner) // 12)
    mask = Image.new("L", inner)
    ImageDraw.Draw(mask).rectangle((edge, edge, inner[0] - edge, inner[1] - edge), fill=255)
    scene.paste(ImageOps.fit(image, inner), corner, mask.filter(ImageFilter.GaussianBlur(edge / 2)))
    return scene


def _patch(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    box = (size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(min(size) / 40))
