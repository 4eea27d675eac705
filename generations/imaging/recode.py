"""A whole picture in another format, without its metadata. Runs only in the decoding child."""

import io

from PIL import Image

from generations.imaging.color import to_srgb
from generations.imaging.probe import MAX_PIXELS
from generations.imaging.render import DECODERS, TURNS, TooManyPixels, in_plain_mode, orientation

QUALITY = 92
# JPEG's colours at full size: letters and flat edges, which models draw a lot, stay sharp.
FULL_COLOR = 0
OPTIONS: dict[str, dict[str, int]] = {
    "png": {"compress_level": 6},
    "jpeg": {"quality": QUALITY, "subsampling": FULL_COLOR},
    "webp": {"quality": QUALITY, "method": 4},
}


def recode(path: str, *, name: str, target: str) -> bytes:
    """The "png", "jpeg" or "webp" at `path` as another of them: upright, in sRGB, one frame.

    What is see-through comes onto white where the target is a JPEG.
    """
    options = OPTIONS[target]
    with DECODERS[name](path) as image:
        if image.width * image.height > MAX_PIXELS:
            raise TooManyPixels
        image.load()
        turn, profile = orientation(image), image.info.get("icc_profile")
        decoded = in_plain_mode(image)
    drawn = to_srgb(decoded, profile)
    if turn in TURNS:
        drawn = drawn.transpose(TURNS[turn])
    if target == "jpeg":
        drawn = _on_white(drawn)
    drawn.info = {}  # or Pillow would write some of it again
    output = io.BytesIO()
    drawn.save(output, target.upper(), **options)
    return output.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
