"""What a file really is, and whether it is safe to hand to a decoder. Never decodes a pixel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generations.imaging.header import PNG_SIGNATURE, Damaged, Header, read_header

MAX_PIXELS = 40_000_000
MAX_BYTES = 64 * 1024 * 1024
HEAD_BYTES = 1024
NO_HEADER = Header(0, 0)

Problem = Literal[
    "not_an_image", "unsupported_format", "too_many_pixels", "too_large", "damaged", "too_costly"
]

# The picture formats we take: Pillow's name, MIME type, extension.
USABLE = {
    "png": ("PNG", "image/png", "png"),
    "jpeg": ("JPEG", "image/jpeg", "jpg"),
    "webp": ("WEBP", "image/webp", "webp"),
}
# Recognised only to be refused by name. Not pictures at all, whatever they were called:
DOCUMENTS = frozenset({"html", "pdf", "xml", "zip", "gzip"})

SIGNATURES = (
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"BM", "bmp"),
    (b"8BPS", "psd"),
    (b"\0\0\1\0", "ico"),
    (b"\0\0\2\0", "ico"),
    (b"icns", "icns"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xffO\xffQ", "jp2"),
    (b"%!PS", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"qoif", "qoi"),
    (b"DDS ", "dds"),
    (b"v/1\1", "exr"),
    (b"%PDF-", "pdf"),
    (b"PK\3\4", "zip"),
    (b"\x1f\x8b", "gzip"),
)
# ISO base media files name their brand at byte 8.
BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heif", b"heix": "heif", b"mif1": "heif"}
MARKUP = ((b"<svg", "svg"), (b"<!doctype html", "html"), (b"<html", "html"), (b"<script", "html"))


@dataclass(frozen=True, slots=True)
class Probe:
    """`format` is sniff()'s name, "" if unknown. Sides are as stored, 0 where they can't be read.

    With a problem the file is still worth keeping; it only may not be decoded.
    """

    format: str
    mime: str
    extension: str
    width: int
    height: int
    animated: bool
    problem: Problem | None


def sniff(head: bytes) -> str | None:
    """The format's name by its first bytes ("png", "jpeg", "webp" are usable), None if unknown."""
    if head.startswith(PNG_SIGNATURE):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12])
    for signature, name in SIGNATURES:
        if head.startswith(signature):
            return name
    return _sniff_markup(head)


def _sniff_markup(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text.startswith(b"<"):
        return None
    found = [(at, name) for mark, name in MARKUP if (at := text.find(mark)) >= 0]
    return min(found)[1] if found else "xml"


def probe(path: Path) -> Probe:
    """Looks at the header alone, so no size is too much for it. Raises OSError like open()."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        name = sniff(file.read(HEAD_BYTES)) or ""
        if name not in USABLE:
            unusable: Problem = "unsupported_format" if name else "not_an_image"
            return _described(name, problem="not_an_image" if name in DOCUMENTS else unusable)
        file.seek(0)
        try:
            header = read_header(file, name)
        except Damaged:
            return _described(name, problem="damaged")
    return _described(name, header=header, problem=_excess(header, size))


def _excess(header: Header, size: int) -> Problem | None:
    if header.width * header.height > MAX_PIXELS:
        return "too_many_pixels"
    return "too_large" if size > MAX_BYTES else None


def _described(name: str, *, header: Header = NO_HEADER, problem: Problem | None = None) -> Probe:
    _, mime, extension = USABLE.get(name, ("", "application/octet-stream", "bin"))
    return Probe(
        format=name,
        mime=mime,
        extension=extension,
        width=header.width,
        height=header.height,
        animated=header.animated,
        problem=problem,
    )
