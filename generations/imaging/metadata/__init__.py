"""What a picture file says besides its pixels: put in on request, or taken out altogether.

Nothing is decoded and nothing encoded again. A file is cut into stretches that stay as they are,
and a few bytes are put between them; the answer is that list, so that a large file is never held in
memory. Pillow isn't needed, and the processes that hold keys stay without it.

*With a note* the file says by IPTC's own words that a model made it, which one, and from what
prompt. Other metadata stays, save two things: an older XMP packet, because a file has one, and a
C2PA manifest, because its seal is broken by any change.

*Clean* is what a decoder needs and nothing else. The turn of an EXIF block is kept in an empty one,
or the picture would lie on its side. A colour profile is part of what the pixels mean, so it stays;
one that says sRGB goes, because that is how a file without any is read.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from generations.imaging.metadata import jpeg, png, webp
from generations.imaging.metadata.note import Note
from generations.imaging.metadata.parts import Parts, chunks_of, length_of

__all__ = ["Note", "Parts", "chunks_of", "clean", "length_of", "with_note"]

_WITH_NOTE: dict[str, Callable[[BinaryIO, Note], Iterable[bytes | range]]] = {
    "png": png.with_note,
    "jpeg": jpeg.with_note,
    "webp": webp.with_note,
}
_CLEAN: dict[str, Callable[[BinaryIO], Iterable[bytes | range]]] = {
    "png": png.clean,
    "jpeg": jpeg.clean,
    "webp": webp.clean,
}


def with_note(file: BinaryIO, name: str, note: Note) -> Parts:
    """The "png", "jpeg" or "webp" with this note in it; raises `header.Damaged`."""
    return _joined(_WITH_NOTE[name](file, note))


def clean(file: BinaryIO, name: str) -> Parts:
    """The same without anything but pixels; raises `header.Damaged`."""
    return _joined(_CLEAN[name](file))


def _joined(parts: Iterable[bytes | range]) -> Parts:
    return list(_merged(parts))


def _merged(parts: Iterable[bytes | range]) -> Iterator[bytes | range]:
    """Stretches that follow each other become one."""
    last: range | None = None
    for part in parts:
        if isinstance(part, range) and last is not None and part.start == last.stop:
            last = range(last.start, part.stop)
            continue
        if last is not None:
            yield last
            last = None
        if isinstance(part, range):
            last = part
        else:
            yield part
    if last is not None:
        yield last
