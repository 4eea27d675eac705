"""The ready picture of load runs: as heavy to decode as a real one, drawn once."""

import io
import struct
import zlib

from PIL import Image, ImageChops, ImageFilter

from generations.sandbox.art import canvas, grain

EDGE_PX = 1024
PROMPT = "a mountain lake at dawn"
TRIES = 7
NEAR_ENOUGH = 0.02
MOST_NOISE = 255.0


def png_of_size(size_bytes: int) -> bytes:
    """Its noise is chosen so that packing comes out near the size; a larger file is padded."""
    calm = canvas.draw(PROMPT, seed=1, size=(EDGE_PX, EDGE_PX))
    calm = calm.filter(ImageFilter.GaussianBlur(1.5))
    noise = grain.colour_noise((EDGE_PX, EDGE_PX), seed=1)
    low, high = 0.0, MOST_NOISE
    content = b""
    for _ in range(TRIES):
        amount = (low + high) / 2 if low else min(high, size_bytes / 60_000)
        content = _packed(calm, noise, amount)
        if abs(len(content) - size_bytes) <= NEAR_ENOUGH * size_bytes:
            break
        low, high = (amount, high) if len(content) < size_bytes else (low, amount)
    return _padded(content, size_bytes)


def _packed(calm: Image.Image, noise: Image.Image, amount: float) -> bytes:
    swing = noise.point([round((value - 127.5) * amount / 127.5) + 128 for value in range(256)] * 3)
    out = io.BytesIO()
    ImageChops.add(calm, swing, offset=-128).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _padded(content: bytes, size_bytes: int) -> bytes:
    """A private chunk before the end, where noise alone can't make it as large."""
    missing = size_bytes - len(content) - 12
    if missing <= NEAR_ENOUGH * size_bytes:
        return content
    name, filler = b"saNd", bytes(missing)
    chunk = struct.pack(">I", missing) + name + filler
    chunk += struct.pack(">I", zlib.crc32(name + filler))
    return content[:-12] + chunk + content[-12:]
