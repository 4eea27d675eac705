"""The Pillow work: one decode, then every size from it. Runs only in the decoding child.

The three decoders are called by class, not through Image.open(): nothing else can be reached, and
a JPEG that calls itself multi-picture stays a JPEG.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from generations.imaging.color import dominant_color, to_srgb
from generations.imaging.orientation import SIDEWAYS, read_orientation
from generations.imaging.probe import MAX_PIXELS
from generations.imaging.sizes import PLACEHOLDER_BYTES, PLACEHOLDER_EDGE, fit

DECODERS: dict[str, type[ImageFile.ImageFile]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
}
QUALITY = 80
# A third of the default's CPU for 5 % more bytes on textures, 15 % on flat drawings, and no more
# error; method 2 costs a third more than 1 and saves bytes on drawings alone (libwebp 1.6, 640 px).
METHOD = 1

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooManyPixels(Exception):
    """The decoder sees a larger picture than the header promised."""


@dataclass(frozen=True, slots=True)
class Picture:
    edge: int
    width: int
    height: int
    webp: bytes


@dataclass(frozen=True, slots=True)
class Rendering:
    width: int  # of the original as a person sees it, its EXIF turn applied
    height: int
    pictures: tuple[Picture, ...]
    placeholder: bytes
    color: str


def render(path: str, *, name: str, edges: tuple[int, ...]) -> Rendering:
    """Every size of the "png", "jpeg" or "webp" at `path`, without its metadata."""
    with DECODERS[name](path) as image:
        if image.width * image.height > MAX_PIXELS:
            raise TooManyPixels
        stored = image.size
        _shrink_while_decoding(image, max(edges))
        image.load()
        turn, profile = orientation(image), image.info.get("icc_profile")
        width, height = _upright(stored, turn)
        decoded = in_plain_mode(image)
    drawn = _sizes(decoded, (width, height), edges=edges, turn=turn, profile=profile)
    tiny = _tiny(drawn[min(edges)])
    encoded = {picture.size: encode(picture) for picture in drawn.values()}
    return Rendering(
        width=width,
        height=height,
        pictures=tuple(
            Picture(edge, *drawn[edge].size, encoded[drawn[edge].size]) for edge in edges
        ),
        placeholder=placeholder(tiny),
        color=dominant_color(tiny),
    )


def encode(image: Image.Image, *, quality: int = QUALITY, method: int = METHOD) -> bytes:
    output = io.BytesIO()
    image.save(output, "WEBP", quality=quality, method=method)
    return output.getvalue()


def placeholder(tiny: Image.Image) -> bytes:
    """A WebP small enough for a data: URI; colours go before size does."""
    for quality in (50, 20, 0):
        data = encode(tiny, quality=quality, method=4)
        if len(data) <= PLACEHOLDER_BYTES:
            return data
    return placeholder(_resized(tiny.convert("RGB"), fit(*tiny.size, tiny.width // 2)))


def orientation(image: Image.Image) -> int:
    exif = image.info.get("exif")
    return read_orientation(exif) if isinstance(exif, bytes) else 1


def _upright(size: tuple[int, int], turn: int) -> tuple[int, int]:
    return (size[1], size[0]) if turn in SIDEWAYS else size


def _shrink_while_decoding(image: ImageFile.ImageFile, edge: int) -> None:
    """A JPEG can be decoded at 1/2, 1/4 or 1/8; twice the size we need keeps every detail."""
    turn = orientation(image)
    width, height = _upright(fit(*_upright(image.size, turn), edge), turn)
    image.draft(image.mode, (2 * width, 2 * height))


def in_plain_mode(image: Image.Image) -> Image.Image:
    """L, LA, RGB, RGBA or CMYK; alpha only where something is see-through."""
    if image.mode.startswith("I"):  # 16-bit grey; convert() alone would clip all above 255 to white
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.has_transparency_data:
        return _without_needless_alpha(image if image.mode == "LA" else image.convert("RGBA"))
    if image.mode in {"L", "RGB", "CMYK"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _without_needless_alpha(image: Image.Image) -> Image.Image:
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("L" if image.mode == "LA" else "RGB")
    return image


def _sizes(
    decoded: Image.Image,
    upright: tuple[int, int],
    *,
    edges: tuple[int, ...],
    turn: int,
    profile: object,
) -> dict[int, Image.Image]:
    """The largest from the original, each smaller one from the one before."""
    largest, *smaller = sorted(set(edges), reverse=True)
    image = _resized(decoded, _upright(fit(*upright, largest), turn))
    image = to_srgb(image, profile)
    if turn in TURNS:
        image = image.transpose(TURNS[turn])
    drawn = {largest: image}
    for edge in smaller:
        drawn[edge] = image = _resized(image, fit(*upright, edge))
    return drawn


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """HAMMING is as sharp as BICUBIC for shrinking and costs two thirds; halves are averaged."""
    if size == image.size:
        return image
    if image.size == (2 * size[0], 2 * size[1]):
        return image.reduce(2)
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _tiny(image: Image.Image) -> Image.Image:
    scale = PLACEHOLDER_EDGE / max(*image.size, PLACEHOLDER_EDGE)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX)
