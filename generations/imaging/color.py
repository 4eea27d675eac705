"""Colours of a picture that is already small: into sRGB, and the one it is mostly made of."""

import io

from PIL import Image

# Display profiles take 0.5 to 3 kB, large printing tables 2 MB; more is no profile.
MAX_PROFILE_BYTES = 4 * 1024 * 1024
SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
NO_COLOR = "#808080"


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """RGB or RGBA in sRGB. A profile that is broken, too large or for other inks is left out."""
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    inks = image.convert(image.mode.removesuffix("A")) if alpha else image
    plain = _converted(inks, profile) if isinstance(profile, bytes) else None
    result = plain or inks.convert("RGB")
    if alpha:
        result.putalpha(alpha)
    return result


def _converted(inks: Image.Image, profile: bytes) -> Image.Image | None:
    if not 128 <= len(profile) <= MAX_PROFILE_BYTES:
        return None
    from PIL import ImageCms  # most pictures bring no profile, and this loads LittleCMS

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != SPACES[inks.mode]:
            return None
        if "sRGB" in (source.profile.profile_description or ""):
            return None
        return ImageCms.profileToProfile(
            inks, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def dominant_color(tiny: Image.Image) -> str:
    """The mean of the fullest of 512 colour boxes, see-through pixels left out, as "#rrggbb"."""
    boxes: dict[tuple[int, ...], list[bytes]] = {}
    data = tiny.convert("RGBA").tobytes()
    for at in range(0, len(data), 4):
        if data[at + 3] >= 128:
            pixel = data[at : at + 3]
            boxes.setdefault(tuple(part >> 5 for part in pixel), []).append(pixel)
    if not boxes:
        return NO_COLOR
    fullest = min(boxes, key=lambda box: (-len(boxes[box]), box))
    pixels = boxes[fullest]
    mean = (round(sum(part) / len(pixels)) for part in zip(*pixels, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mean)
