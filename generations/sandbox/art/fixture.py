"""The ready picture of load runs: as heavy to decode as a real one, drawn once."""

import io
import struct
import zlib

from PIL import Image, ImageChops, ImageFilter

from generations.sandbox.art import canvas, grain

EDGE_PX = 1024
PROMPT = "a mountain lake at dawn"
CALM_PX = 4.0
TRIES = 4
NEAR_ENOUGH = 0.02
MOST_BITS = 7.0
CHUNK_BYTES = 12  # what a PNG chunk has besides its data


def png_of_size(size_bytes: int) -> bytes:
    """Its noise is chosen so that packing comes out near the size; a larger file is padded.

    The smallest is what the picture packs to without noise, about 500 kB.
    """
    calm = canvas.draw(PROMPT, seed=1, size=(EDGE_PX, EDGE_PX))
    calm = calm.filter(ImageFilter.GaussianBlur(CALM_PX))
    noise = grain.colour_noise((EDGE_PX, EDGE_PX), seed=1)
    low, high = (0.0, _packed(calm, noise, 0.0)), (MOST_BITS, _packed(calm, noise, MOST_BITS))
    best = min(low, high, key=lambda end: abs(len(end[1]) - size_bytes))[1]
    for _ in range(TRIES):
        if abs(len(best) - size_bytes) <= NEAR_ENOUGH * size_bytes or len(best) == len(low[1]):
            break
        bits = _between(low, high, size_bytes)
        best = _packed(calm, noise, bits)
        low, high = ((bits, best), high) if len(best) < size_bytes else (low, (bits, best))
    return _padded(best, size_bytes)


def _between(low: tuple[float, bytes], high: tuple[float, bytes], size_bytes: int) -> float:
    """Packed noise grows about evenly with its bits."""
    share = (size_bytes - len(low[1])) / max(1, len(high[1]) - len(low[1]))
    return low[0] + (high[0] - low[0]) * min(0.95, max(0.05, share))


def _packed(calm: Image.Image, noise: Image.Image, bits: float) -> bytes:
    reach = 2.0**bits - 1
    swing = [round((value - 127.5) / 127.5 * reach) + grain.NEUTRAL for value in range(256)]
    swing = [min(255, max(0, value)) for value in swing]
    lively = ImageChops.add(calm, noise.point(swing * 3), offset=-grain.NEUTRAL)
    out = io.BytesIO()
    lively.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _padded(content: bytes, size_bytes: int) -> bytes:
    """A private chunk before the end, where noise alone can't make it as large."""
    missing = size_bytes - len(content) - CHUNK_BYTES
    if missing <= NEAR_ENOUGH * size_bytes:
        return content
    name, filler = b"saNd", bytes(missing)
    chunk = struct.pack(">I", missing) + name + filler
    chunk += struct.pack(">I", zlib.crc32(name + filler))
    return content[:-CHUNK_BYTES] + chunk + content[-CHUNK_BYTES:]
