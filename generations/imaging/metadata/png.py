"""PNG (third edition) §5 and §11: a signature, then chunks of length, name, data and checksum."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generations.imaging.header import LARGEST_SIDE, PNG_SIGNATURE, Damaged
from generations.imaging.metadata.color import is_needless, turn_alone
from generations.imaging.metadata.note import Note
from generations.imaging.metadata.parts import MAX_PIECES, end_of, read_at

XMP_KEYWORD = b"XML:com.adobe.xmp"
TEXT_KEYWORD = b"parameters"
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
C2PA = b"caBX"
# What a decoder needs to show the pixels as they are meant, animations too.
PIXELS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}
    | {b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs"}
)
MAX_PROFILE_BYTES = 4 * 1024 * 1024
MAX_EXIF_BYTES = 1024 * 1024
MAX_KEYWORD_BYTES = 80


@dataclass(frozen=True, slots=True)
class Chunk:
    kind: bytes
    start: int
    size: int  # of its data

    @property
    def whole(self) -> range:
        return range(self.start, self.start + 12 + self.size)


def with_note(file: BinaryIO, note: Note) -> Iterator[bytes | range]:
    yield PNG_SIGNATURE
    for chunk in _chunks(file):
        if chunk.kind == C2PA or _is_replaced(file, chunk):
            continue
        yield chunk.whole
        if chunk.kind == b"IHDR":
            yield _text(XMP_KEYWORD, note.as_xmp())
            yield _text(TEXT_KEYWORD, note.as_text().encode("utf-8", "replace"))


def clean(file: BinaryIO) -> Iterator[bytes | range]:
    yield PNG_SIGNATURE
    for chunk in _chunks(file):
        if chunk.kind in PIXELS or _is_needed_profile(file, chunk):
            yield chunk.whole
        elif chunk.kind == b"eXIf":
            turn = turn_alone(_data(file, chunk, most=MAX_EXIF_BYTES))
            if turn:
                yield _written(b"eXIf", turn)


def _chunks(file: BinaryIO) -> Iterator[Chunk]:
    """To IEND and no further: what hangs on behind it is no part of the picture."""
    at, end = len(PNG_SIGNATURE), end_of(file)
    for _ in range(MAX_PIECES):
        head = read_at(file, at, 8)
        chunk = Chunk(head[4:], at, int.from_bytes(head[:4], "big"))
        if chunk.size > LARGEST_SIDE or chunk.whole.stop > end:
            raise Damaged("a chunk ends behind the file")
        yield chunk
        if chunk.kind == b"IEND":
            return
        at = chunk.whole.stop
    raise Damaged("too many chunks")


def _data(file: BinaryIO, chunk: Chunk, *, most: int) -> bytes:
    return read_at(file, chunk.start + 8, min(chunk.size, most))


def _is_replaced(file: BinaryIO, chunk: Chunk) -> bool:
    if chunk.kind not in TEXTS:
        return False
    keyword = _data(file, chunk, most=MAX_KEYWORD_BYTES).partition(b"\0")[0]
    return keyword in {XMP_KEYWORD, TEXT_KEYWORD}


def _is_needed_profile(file: BinaryIO, chunk: Chunk) -> bool:
    return chunk.kind == b"iCCP" and not is_needless(_profile(file, chunk))


def _profile(file: BinaryIO, chunk: Chunk) -> bytes:
    """The name and the unpacked profile; what can't be unpacked isn't needless."""
    name, _, packed = _data(file, chunk, most=MAX_PROFILE_BYTES).partition(b"\0")
    try:
        return name + zlib.decompressobj().decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def _text(keyword: bytes, text: bytes) -> bytes:
    """An international text, not compressed, in no language (§11.3.3.4)."""
    return _written(b"iTXt", keyword + b"\0\0\0\0\0" + text)


def _written(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
