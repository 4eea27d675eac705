"""The blocks of text that travel inside a picture's file: found by walking its container.

Read here by hand, as the header is, and for the same reason. Sources: PNG specification (third
edition) §11.3.3, ITU-T T.81 annex B, RFC 9649 (WebP container), XMP specification part 3.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from generations.imaging.header import PNG_SIGNATURE

MAX_BLOCK_BYTES = 1024 * 1024  # of one text; a larger one is no prompt
MAX_BYTES = 4 * 1024 * 1024  # of all together
MAX_SEGMENTS = 65_536  # a PNG of 64 MB in pieces of 1 kB
EXIF_MARK = b"Exif\0\0"
XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
XMP_KEY = "XML:com.adobe.xmp"  # PNG's name for it


@dataclass(slots=True)
class Blocks:
    """`texts` by keyword, the first of each; EXIF as its TIFF block without the mark before it."""

    texts: dict[str, str] = field(default_factory=dict)
    exif: bytes = b""
    xmp: str = ""

    def add_text(self, keyword: str, text: str) -> None:
        if keyword == XMP_KEY:
            self.xmp = self.xmp or text
        else:
            self.texts.setdefault(keyword, text)


def read_blocks(file: BinaryIO, name: str) -> Blocks:
    """Of a "png", "jpeg" or "webp". Whatever is broken or too long is left out; raises OSError."""
    blocks, left = Blocks(), MAX_BYTES
    for kind, data in {"png": _png, "jpeg": _jpeg, "webp": _webp}[name](file):
        left -= len(data)
        if left < 0:
            break
        _take(blocks, kind, data)
    return blocks


def _take(blocks: Blocks, kind: bytes, data: bytes) -> None:
    if kind in {b"tEXt", b"zTXt", b"iTXt"}:
        keyword, text = {b"tEXt": _plain, b"zTXt": _packed, b"iTXt": _international}[kind](data)
        blocks.add_text(keyword, text)
    elif kind == b"COM":
        blocks.add_text("Comment", decoded(data))
    elif kind in {b"XMP", b"XMP "}:
        blocks.xmp = blocks.xmp or decoded(data)
    elif not blocks.exif:
        blocks.exif = data.removeprefix(EXIF_MARK)


def _png(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Texts may also stand behind the pixels."""
    if file.read(8) != PNG_SIGNATURE:
        return
    for _ in range(MAX_SEGMENTS):
        head = file.read(8)
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or kind == b"IEND":
            return
        if kind in {b"tEXt", b"zTXt", b"iTXt", b"eXIf"} and size <= MAX_BLOCK_BYTES:
            yield kind, file.read(size)
            size = 0
        file.seek(size + 4, 1)


def _jpeg(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Up to the pixels: nothing of ours stands behind them."""
    if file.read(2) != b"\xff\xd8":
        return
    for _ in range(MAX_SEGMENTS):
        head = file.read(4)
        size = int.from_bytes(head[2:], "big") - 2
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA or size < 0:
            return
        data = file.read(size) if head[1] in {0xE1, 0xFE} else b""
        file.seek(size - len(data), 1)
        if head[1] == 0xFE:
            yield b"COM", data
        elif data.startswith(EXIF_MARK):
            yield b"EXIF", data
        elif data.startswith(XMP_MARK):
            yield b"XMP", data.removeprefix(XMP_MARK)


def _webp(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        return
    for _ in range(MAX_SEGMENTS):
        head = file.read(8)
        size, kind = int.from_bytes(head[4:], "little"), head[:4]
        if len(head) < 8:
            return
        if kind in {b"EXIF", b"XMP "} and size <= MAX_BLOCK_BYTES:
            yield kind, file.read(size)
            file.seek(size % 2, 1)
        else:
            file.seek(size + size % 2, 1)


def _plain(data: bytes) -> tuple[str, str]:
    keyword, _, text = data.partition(b"\0")
    return keyword.decode("latin-1"), decoded(text)


def _packed(data: bytes) -> tuple[str, str]:
    keyword, _, rest = data.partition(b"\0")
    return keyword.decode("latin-1"), decoded(_inflated(rest[1:]))


def _international(data: bytes) -> tuple[str, str]:
    keyword, _, rest = data.partition(b"\0")
    is_packed = rest[:1] == b"\1"
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return keyword.decode("latin-1"), decoded(_inflated(text) if is_packed else text)


def _inflated(data: bytes) -> bytes:
    """At most as long as a text may be: more is a bomb, and none of it is wanted."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, MAX_BLOCK_BYTES)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else text


def decoded(data: bytes) -> str:
    """UTF-8 where it is that, though PNG says Latin-1: many programs write it all the same."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
