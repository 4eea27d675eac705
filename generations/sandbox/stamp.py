"""A mark that pictures wear to be flagged: the moderation of a sandbox has no eyes.

Two corners of one loud colour, which survive another size and another format.
"""

import io

from PIL import Image, UnidentifiedImageError

COLOUR = (255, 0, 170)
PART = 10  # of the shorter edge
TOLERANCE = 40


def stamped(image: Image.Image) -> Image.Image:
    marked = image.copy()
    edge = max(2, min(marked.size) // PART)
    patch = Image.new(marked.mode, (edge, edge), COLOUR)
    marked.paste(patch, (0, 0))
    marked.paste(patch, (marked.width - edge, marked.height - edge))
    return marked


def is_stamped(content: bytes) -> bool:
    """False also for what is no picture."""
    try:
        image = Image.open(io.BytesIO(content)).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return False
    inset = min(image.size) // PART // 2
    corners = ((inset, inset), (image.width - 1 - inset, image.height - 1 - inset))
    return all(_is_near(image.getpixel(corner)) for corner in corners)


def _is_near(pixel: object) -> bool:
    if not isinstance(pixel, tuple):
        return False
    return all(abs(a - b) <= TOLERANCE for a, b in zip(pixel, COLOUR, strict=True))
