"""Files that a picture API should not send, and does. All functions are pure: bytes out."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
BOMB_EDGE_PX = 13_000
HUGE_EDGE_PX = 50_000
ROWS_PER_BLOCK = 1_000
ADLER_PRIME = 65_521
ORIENTATION_TAG, GPS_TAG = 0x0112, 0x8825
TURNED_RIGHT = 6

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
    b'<script>alert(1)</script><rect width="64" height="64" fill="#c44"/></svg>'
)
HTML = b"<!doctype html><title>Sign in</title><script>alert(1)</script><h1>Please sign in</h1>"
# An end-of-central-directory record: the smallest archive there is.
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def odd_file(kind: str, drawn: bytes) -> bytes:
    """The file of that kind; `drawn` is the picture it may be made of."""
    if kind in FIXED:
        return FIXED[kind]()
    return MADE[kind](drawn)


def _truncated(drawn: bytes) -> bytes:
    return drawn[: len(drawn) // 2]


def _polyglot(drawn: bytes) -> bytes:
    return drawn + HTML + EMPTY_ZIP


def _svg() -> bytes:
    return SVG


def _html() -> bytes:
    return HTML


@cache
def bomb() -> bytes:
    """All black, so its one block of rows can be repeated without packing 500 MB of zeros."""
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * BOMB_EDGE_PX)
    opening = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(row * ROWS_PER_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((len(row) * BOMB_EDGE_PX % ADLER_PRIME) << 16) | 1  # Adler-32 of zeros
    ending = b"\x03\x00" + struct.pack(">I", checksum)
    data = opening + block * (BOMB_EDGE_PX // ROWS_PER_BLOCK) + ending
    return PNG_MAGIC + _header(BOMB_EDGE_PX) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _huge_dims() -> bytes:
    return PNG_MAGIC + _header(HUGE_EDGE_PX) + _chunk(b"IEND", b"")


def _header(edge_px: int) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", edge_px, edge_px, 8, 2, 0, 0, 0))


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def _opened(drawn: bytes) -> Image.Image:
    return Image.open(io.BytesIO(drawn)).convert("RGB")


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _gif(drawn: bytes) -> bytes:
    return _saved(_opened(drawn).quantize(64), "GIF")


def _tiff(drawn: bytes) -> bytes:
    return _saved(_opened(drawn), "TIFF", compression="tiff_deflate")


def _cmyk(drawn: bytes) -> bytes:
    return _saved(_opened(drawn).convert("CMYK"), "JPEG", quality=88)


def _deep(drawn: bytes) -> bytes:
    grey = _opened(drawn).convert("L")
    return _saved(grey.convert("I").point(lambda value: value * 257).convert("I;16"), "PNG")


def _exif(drawn: bytes) -> bytes:
    image = _opened(drawn).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = TURNED_RIGHT
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return _saved(image, "JPEG", quality=88, exif=exif)


def _animated(kind: str, drawn: bytes) -> bytes:
    image = _opened(drawn)
    image.thumbnail((512, 512))
    frames = [image.point(lambda value, f=factor: int(value * f)) for factor in (0.8, 0.6)]
    return _saved(image, kind, save_all=True, append_images=frames, duration=200)


def _animated_webp(drawn: bytes) -> bytes:
    return _animated("WEBP", drawn)


def _animated_png(drawn: bytes) -> bytes:
    return _animated("PNG", drawn)


FIXED: Mapping[str, Callable[[], bytes]] = {
    "svg": _svg,
    "html_image": _html,
    "bomb": bomb,
    "huge_dims": _huge_dims,
}
MADE: Mapping[str, Callable[[bytes], bytes]] = {
    "gif": _gif,
    "tiff": _tiff,
    "truncated_image": _truncated,
    "animated=webp": _animated_webp,
    "animated=apng": _animated_png,
    "cmyk": _cmyk,
    "deep": _deep,
    "exif": _exif,
    "polyglot": _polyglot,
}
