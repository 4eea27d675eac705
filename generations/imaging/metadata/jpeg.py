"""JPEG (ITU-T T.81 annex B): segments behind markers, and between them the packed pixels."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generations.imaging.header import Damaged
from generations.imaging.metadata.color import is_needless, turn_alone
from generations.imaging.metadata.note import Note
from generations.imaging.metadata.parts import CHUNK_BYTES, MAX_PIECES, read_at

SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
JFIF, EXIF_OR_XMP, ICC, C2PA, ADOBE = 0xE0, 0xE1, 0xE2, 0xEB, 0xEE
APPLICATIONS = range(0xE0, 0xF0)
BARE = frozenset({0x01, *range(0xD0, 0xD8)})
XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
XMP_MORE_NAME = b"http://ns.adobe.com/xmp/extension/\0"
EXIF_NAME = b"Exif\0\0"
ICC_NAME = b"ICC_PROFILE\0"
# In packed pixels a marker is 0xFF and anything but a stuffed zero, a restart or a fill byte.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class Segment:
    marker: int
    start: int
    stop: int

    @property
    def whole(self) -> range:
        return range(self.start, self.stop)


def with_note(file: BinaryIO, note: Note) -> Iterator[bytes | range]:
    """The packet goes behind JFIF's and EXIF's segments, which have to come first."""
    packet: bytes | None = _written(EXIF_OR_XMP, XMP_NAME + note.as_xmp())
    for segment in _segments(file):
        head = _data(file, segment, most=len(XMP_MORE_NAME))
        if segment.marker == C2PA or _is_xmp(segment, head):
            continue
        is_first = segment.marker in {SOI, JFIF} or head.startswith(EXIF_NAME)
        if packet and not is_first:
            yield packet
            packet = None
        yield segment.whole


def clean(file: BinaryIO) -> Iterator[bytes | range]:
    for segment in _segments(file):
        if segment.marker not in APPLICATIONS and segment.marker != COM:
            yield segment.whole
        elif segment.marker == JFIF:
            yield from _bare_jfif(_data(file, segment, most=14))
        elif segment.marker == EXIF_OR_XMP:
            yield from _bare_exif(_data(file, segment))
        elif segment.marker == ICC:
            data = _data(file, segment)
            if data.startswith(ICC_NAME) and not is_needless(data):
                yield segment.whole
        elif segment.marker == ADOBE and _data(file, segment, most=5) == b"Adobe":
            yield segment.whole  # how the colours are packed


def _bare_jfif(data: bytes) -> Iterator[bytes]:
    """Without the thumbnail that it may carry."""
    if data.startswith(b"JFIF\0") and len(data) == 14:
        yield _written(JFIF, data[:12] + b"\0\0")


def _bare_exif(data: bytes) -> Iterator[bytes]:
    turn = turn_alone(data.removeprefix(EXIF_NAME)) if data.startswith(EXIF_NAME) else b""
    if turn:
        yield _written(EXIF_OR_XMP, EXIF_NAME + turn)


def _is_xmp(segment: Segment, head: bytes) -> bool:
    return segment.marker == EXIF_OR_XMP and head.startswith((XMP_NAME, XMP_MORE_NAME))


def _segments(file: BinaryIO) -> Iterator[Segment]:
    """To the end of the picture and no further. Packed pixels belong to the scan before them."""
    if read_at(file, 0, 2) != b"\xff\xd8":
        raise Damaged("does not begin with SOI")
    yield Segment(SOI, 0, 2)
    at = 2
    for _ in range(MAX_PIECES):
        segment = _segment(file, at)
        yield segment
        if segment.marker == EOI:
            return
        at = segment.stop
    raise Damaged("too many segments")


def _segment(file: BinaryIO, start: int) -> Segment:
    at = start
    while (mark := read_at(file, at, 2)) == b"\xff\xff":  # fill bytes
        at += 1
    if mark[0] != 0xFF or mark[1] == 0:
        raise Damaged("no marker where one must be")
    if mark[1] == EOI or mark[1] in BARE:
        return Segment(mark[1], start, at + 2)
    length = int.from_bytes(read_at(file, at + 2, 2), "big")
    if length < 2:
        raise Damaged("a segment shorter than its length")
    stop = at + 2 + length
    if mark[1] == SOS:
        stop = _end_of_scan(file, stop)
    read_at(file, stop - 1, 1)
    return Segment(mark[1], start, stop)


def _end_of_scan(file: BinaryIO, at: int) -> int:
    """Where the next marker stands. A picture that breaks off has none."""
    file.seek(at)
    carried = b""
    while data := file.read(CHUNK_BYTES):
        found = MARKER.search(carried + data)
        if found:
            return at - len(carried) + found.start()
        at += len(data)
        carried = data[-1:]
    raise Damaged("no end of the picture")


def _data(file: BinaryIO, segment: Segment, *, most: int = 65533) -> bytes:
    """What stands behind its marker and length; nothing for a marker alone."""
    if segment.marker in {SOI, EOI} or segment.marker in BARE:
        return b""
    whole = read_at(file, segment.start, min(len(segment.whole), most + 4))
    return whole.lstrip(b"\xff")[3 : most + 3]


def _written(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data
