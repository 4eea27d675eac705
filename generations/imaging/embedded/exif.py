"""What EXIF says of a picture in words, and when it was taken. Source: EXIF 2.32, TIFF 6.0."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from generations.imaging.embedded.blocks import decoded

MAX_ENTRIES = 200
BYTE, ASCII, LONG, UNDEFINED = 1, 2, 4, 7
IMAGE_DESCRIPTION, DATE_TIME, EXIF_IFD = 0x010E, 0x0132, 0x8769
DATE_TIME_ORIGINAL, USER_COMMENT = 0x9003, 0x9286
# A comment's first eight bytes name its alphabet.
ALPHABETS = {b"ASCII\0\0\0": "utf-8", b"\0" * 8: "utf-8", b"UNICODE\0": "utf-16"}


@dataclass(frozen=True, slots=True)
class Exif:
    description: str = ""
    comment: str = ""
    taken_at: datetime | None = None  # its clock's zone is not told: taken as UTC


def read_exif(tiff: bytes) -> Exif:
    """Empty where the block is absent or broken. One pointer is followed, and never back."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return Exif()
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    found = dict(_entries(tiff, order, first))
    pointer = found.get(EXIF_IFD)
    if pointer and len(pointer) == 4:
        found |= dict(_entries(tiff, order, struct.unpack(f"{order}I", pointer)[0]))
    taken = found.get(DATE_TIME_ORIGINAL) or found.get(DATE_TIME) or b""
    return Exif(
        description=decoded(found.get(IMAGE_DESCRIPTION, b"").rstrip(b"\0")),
        comment=_comment(found.get(USER_COMMENT, b""), order),
        taken_at=_moment(taken.rstrip(b"\0")),
    )


def _entries(tiff: bytes, order: str, at: int) -> Iterator[tuple[int, bytes]]:
    """The bytes of every text, and of every single pointer, in one directory."""
    if at + 2 > len(tiff):
        return
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(at + 2, at + 2 + 12 * min(count, MAX_ENTRIES), 12):
        if entry + 12 > len(tiff):
            return
        tag, kind, size, place = struct.unpack_from(f"{order}HHII", tiff, entry)
        if kind in {BYTE, ASCII, UNDEFINED}:
            start = entry + 8 if size <= 4 else place
            yield tag, tiff[start : start + size]
        elif kind == LONG and size == 1:
            yield tag, tiff[entry + 8 : entry + 12]


def _comment(data: bytes, order: str) -> str:
    alphabet = ALPHABETS.get(data[:8])
    if alphabet is None:
        return decoded(data.rstrip(b"\0"))
    text = data[8:]
    if alphabet == "utf-8":
        return decoded(text.rstrip(b"\0"))
    return text.decode(_utf16(text, order), errors="replace").rstrip("\0")


def _utf16(text: bytes, order: str) -> str:
    """Most writers take big-endian whatever the block says; Latin letters tell which it is."""
    if text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    zeros = text[0::2].count(0) - text[1::2].count(0)
    if zeros:
        return "utf-16-be" if zeros > 0 else "utf-16-le"
    return "utf-16-le" if order == "<" else "utf-16-be"


def _moment(text: bytes) -> datetime | None:
    try:
        return datetime.strptime(decoded(text).strip(), "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
