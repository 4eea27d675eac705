"""WebP (RFC 9649): RIFF chunks; only the extended form, begun by VP8X, can carry metadata."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generations.imaging.header import Damaged, read_header
from generations.imaging.metadata.color import is_needless, turn_alone
from generations.imaging.metadata.note import Note
from generations.imaging.metadata.parts import MAX_PIECES, end_of, length_of, read_at

ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, XMP_FLAG = 0x20, 0x10, 0x08, 0x04
BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
PIXELS = BITSTREAMS | {b"ALPH", b"ANIM", b"ANMF"}
C2PA = b"C2PA"
MAX_BLOCK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    kind: bytes
    start: int
    size: int  # of its data, without the byte that makes it even

    @property
    def whole(self) -> range:
        return range(self.start, self.start + 8 + self.size + self.size % 2)


def with_note(file: BinaryIO, note: Note) -> Iterator[bytes | range]:
    first, *rest = _chunks(file)
    extended = _extended(file, first)
    if first.kind != b"VP8X":
        rest = [first]  # the plain form ends here: anything behind it would come to life
    kept = [chunk.whole for chunk in rest if chunk.kind not in {b"XMP ", C2PA}]
    head = _with_flags(extended, extended[0] | XMP_FLAG)
    return _riff([_written(b"VP8X", head), *kept, _written(b"XMP ", note.as_xmp())])


def clean(file: BinaryIO) -> Iterator[bytes | range]:
    first, *rest = _chunks(file)
    if first.kind in BITSTREAMS:
        return _riff([first.whole])
    kept: list[bytes | range] = []
    flags = _extended(file, first)[0] & ~(ICC_FLAG | EXIF_FLAG | XMP_FLAG)
    for chunk in rest:
        if chunk.kind in PIXELS:
            kept.append(chunk.whole)
        elif chunk.kind == b"ICCP" and not is_needless(_data(file, chunk)):
            kept.append(chunk.whole)
            flags |= ICC_FLAG
        elif chunk.kind == b"EXIF" and (turn := turn_alone(_data(file, chunk))):
            kept.append(_written(b"EXIF", turn))
            flags |= EXIF_FLAG
    return _riff([_written(b"VP8X", _with_flags(_extended(file, first), flags)), *kept])


def _extended(file: BinaryIO, first: Chunk) -> bytes:
    """The ten bytes of VP8X, made from the picture's own header where the file has none."""
    if first.kind == b"VP8X":
        return read_at(file, first.start + 8, 10)
    file.seek(0)
    header = read_header(file, "webp")
    sides = [(side - 1).to_bytes(3, "little") for side in (header.width, header.height)]
    return bytes((ALPHA_FLAG * _has_alpha(file, first), 0, 0, 0)) + b"".join(sides)


def _has_alpha(file: BinaryIO, first: Chunk) -> bool:
    """RFC 9649 §3.4: the bit behind the sides of a lossless picture; a lossy one alone has none."""
    if first.kind != b"VP8L":
        return False
    return bool(read_at(file, first.start + 8, 5)[4] & 0x10)


def _chunks(file: BinaryIO) -> list[Chunk]:
    """All that the file's own length covers; what hangs on behind it is no part of it."""
    head = read_at(file, 0, 12)
    end = int.from_bytes(head[4:8], "little") + 8
    if head[:4] != b"RIFF" or head[8:] != b"WEBP" or end > end_of(file):
        raise Damaged("not a whole RIFF WebP")
    found: list[Chunk] = []
    at = 12
    while at + 8 <= end and len(found) < MAX_PIECES:
        head = read_at(file, at, 8)
        found.append(Chunk(head[:4], at, int.from_bytes(head[4:], "little")))
        at = found[-1].whole.stop
        if at > end:
            raise Damaged("a chunk ends behind the file")
    if not found or found[0].kind not in BITSTREAMS | {b"VP8X"}:
        raise Damaged("no WebP bitstream where one must be")
    if found[0].kind == b"VP8X" and found[0].size < 10:
        raise Damaged("a VP8X that is too short")
    return found


def _data(file: BinaryIO, chunk: Chunk) -> bytes:
    return read_at(file, chunk.start + 8, min(chunk.size, MAX_BLOCK_BYTES))


def _with_flags(extended: bytes, flags: int) -> bytes:
    return bytes((flags,)) + extended[1:]


def _riff(parts: list[bytes | range]) -> Iterator[bytes | range]:
    yield b"RIFF" + (length_of(parts) + 4).to_bytes(4, "little") + b"WEBP"
    yield from parts


def _written(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
