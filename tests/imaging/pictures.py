"""Pictures for the tests, made with Pillow or by hand, kind and hostile."""

import io
import random
import struct
import zlib
from pathlib import Path

from PIL import Image

EXIF_ORIENTATION = 0x0112
GPS_IFD = 0x8825


def saved(image: Image.Image, path: Path, format: str = "PNG", **options) -> Path:
    image.save(path, format, **options)
    return path


def gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Dark at the left, bright at the right."""
    return Image.linear_gradient("L").rotate(90).resize((width, height)).convert(mode)


def quarters(width: int = 400, height: int = 200) -> Image.Image:
    """Red, green / blue, white: any wrong turn shows."""
    image = Image.new("RGB", (width, height))
    corners = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "white"}
    for (column, row), color in corners.items():
        box = (column * width // 2, row * height // 2, (column + 1) * width // 2)
        image.paste(color, (*box, (row + 1) * height // 2))
    return image


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    return Image.frombytes(
        "RGB", (width, height), random.Random(seed).randbytes(width * height * 3)
    )


def with_exif(turn: int) -> bytes:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = turn
    exif[GPS_IFD] = {1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 0.0)}
    return exif.tobytes()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int,
    height: int,
    *,
    depth: int = 8,
    color: int = 2,
    pixels: bytes = b"",
    extra: bytes = b"",
) -> bytes:
    """A PNG that claims what it likes; `pixels` are the compressed rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + (png_chunk(b"IDAT", pixels) if pixels else b"")
        + png_chunk(b"IEND", b"")
    )


def bomb(side: int) -> bytes:
    """Honest and tiny: `side`² black pixels that compress to almost nothing."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (side * 3 + 1)
    return png(
        side, side, pixels=b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    )


def encoded(image: Image.Image, format: str, **options) -> bytes:
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()
