"""What a picture's header says, read without decoding anything.

Read here by hand, not by Pillow: the processes that hold keys and sessions then never run a
picture library over bytes from outside. Sources: PNG specification (third edition) §11.2.1 and the
acTL chunk, ITU-T T.81 annex B, RFC 9649 (WebP container).
"""

from dataclasses import dataclass
from typing import BinaryIO

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Between the start of a file and its dimensions or first pixels; more is an attack on patience.
MAX_SEGMENTS = 4096

LARGEST_SIDE = 2**31 - 1  # PNG specification §11.2.1

# SOF0…SOF15 without the three that share their range: DHT (C4), JPG (C8), DAC (CC).
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


class Damaged(Exception):
    """The header breaks its own format's rules, or ends before it says how large the picture is."""


@dataclass(frozen=True, slots=True)
class Header:
    width: int
    height: int
    animated: bool = False


def read_header(file: BinaryIO, name: str) -> Header:
    """Sides as stored, before any EXIF turn, of a "png", "jpeg" or "webp"; raises `Damaged`."""
    header = {"png": _read_png, "jpeg": _read_jpeg, "webp": _read_webp}[name](file)
    if not header.width or not header.height:
        raise Damaged("a side is 0 pixels")
    return header


def _take(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise Damaged("ends inside its header")
    return data


def _read_png(file: BinaryIO) -> Header:
    head = _take(file, 33)
    if head[:8] != PNG_SIGNATURE or head[8:16] != b"\0\0\0\x0dIHDR":
        raise Damaged("does not begin with IHDR")
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise Damaged("has sides that no PNG can have")
    return Header(width, height, animated=_has_animation_control(file))


def _has_animation_control(file: BinaryIO) -> bool:
    """An acTL chunk counts only before the first pixels."""
    for _ in range(MAX_SEGMENTS):
        chunk = file.read(8)
        kind = chunk[4:8]
        if len(chunk) < 8 or kind in {b"IDAT", b"IEND"}:
            return False
        if kind == b"acTL":
            return True
        file.seek(int.from_bytes(chunk[:4], "big") + 4, 1)
    raise Damaged("too many chunks before the first pixels")


def _read_jpeg(file: BinaryIO) -> Header:
    if _take(file, 2) != b"\xff\xd8":
        raise Damaged("does not begin with SOI")
    for _ in range(MAX_SEGMENTS):
        marker = _next_jpeg_marker(file)
        if marker in JPEG_BARE_MARKERS:
            continue
        length = int.from_bytes(_take(file, 2), "big")
        if marker in JPEG_FRAMES:
            frame = _take(file, 5)
            return Header(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
        if marker in {0xD9, 0xDA} or length < 2:
            raise Damaged("no frame before the first scan")
        file.seek(length - 2, 1)
    raise Damaged("too many segments before the frame")


def _next_jpeg_marker(file: BinaryIO) -> int:
    if _take(file, 1) != b"\xff":
        raise Damaged("a segment does not begin with a marker")
    for _ in range(MAX_SEGMENTS):
        if (byte := _take(file, 1)) != b"\xff":  # any number of fill bytes may come first
            return byte[0]
    raise Damaged("too many fill bytes")


def _read_webp(file: BinaryIO) -> Header:
    head = _take(file, 30)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise Damaged("not a RIFF WebP")
    kind, body = head[12:16], head[20:30]
    if kind == b"VP8X":
        width, height = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:10], "little")
        return Header(width + 1, height + 1, animated=bool(body[0] & 0b10))
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return Header(width & 0x3FFF, height & 0x3FFF)
    raise Damaged("no WebP bitstream where one must be")
