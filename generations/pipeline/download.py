"""A picture to take along that isn't the original as it came: another format, a note of where it
comes from in it, or nothing in it but pixels.

The original is copied beside the process first; what is made of it is sent from there, and nothing
of either stays. Two are made at a time, so that a hundred wishes cost the memory of two; a few wait
for their turn, so that a hundred don't hold all of the web server's threads.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.db import connection

from generations.errors import CannotConvert, Unavailable
from generations.imaging import metadata
from generations.imaging.convert import Converter, TooLargeForFormat
from generations.imaging.derive import Undecodable
from generations.imaging.header import Damaged
from generations.imaging.metadata import Note
from generations.imaging.probe import MAX_BYTES, USABLE, Probe, probe
from generations.models import Image
from generations.storage import get_store

AT_ONCE = 2
MOST_IN_LINE = 16  # those at work among them
PATIENCE_SECONDS = 20.0
ORIGINAL, KEEP, EMBED, CLEAN = "original", "keep", "embed", "clean"
BUSY = "Many pictures are being converted right now. Try again in a moment."
NOT_NOW = "Converting isn’t possible right now. The original can be downloaded as it is."

REASONS: dict[str, str] = {
    "too_many_pixels": "it has too many pixels",
    "too_large": "it is too large",
    "too_costly": "that would take more memory or time than there is",
}

_converter = Converter()
_turns = threading.BoundedSemaphore(AT_ONCE)
_line = threading.BoundedSemaphore(MOST_IN_LINE)


@dataclass(frozen=True, slots=True)
class Download:
    filename: str
    mime: str
    size: int
    chunks: Iterator[bytes]  # read to the end or closed: then its files are gone


def made_of(image: Image, *, target: str, content: str) -> Download:
    """The picture as a "png", "jpeg", "webp" or in its "original" format; `content` is what it says
    besides pixels ("keep", "embed" or "clean").

    A format that it has already is not packed again. Raises `CannotConvert` with a sentence,
    `Unavailable`, `storage.base.Missing`. `image` has its generation selected.
    """
    if image.size_bytes > MAX_BYTES:
        raise CannotConvert(_sentence("it is too large"))
    note = note_of(image) if content == EMBED else None
    connection.close()
    with ExitStack() as opened:
        opened.enter_context(_turn())
        folder = opened.enter_context(_folder())
        path = _copied(image, folder / "original")
        seen = _seen(path)
        name = seen.format if target == ORIGINAL else target
        if name != seen.format:
            path = _converted(path, folder / "converted", target=name)
        parts = _parts(path, name, content=content, note=note)
        _, mime, extension = USABLE[name]
        file = path.open("rb")  # its bytes stay until it is closed, its folder goes now
    chunks = metadata.chunks_of(file, parts)
    filename = f"{Path(image.filename).stem}.{extension}"
    return Download(filename, mime, metadata.length_of(parts), _closing(file, chunks))


def note_of(image: Image) -> Note:
    """What the picture is to say of itself."""
    generation = image.generation
    return Note(
        prompt=generation.prompt,
        model=generation.model_id,
        created=generation.created_at.isoformat(timespec="seconds"),
        alt=image.alt_text,
    )


@contextmanager
def _turn() -> Iterator[None]:
    with _taken(_line, 0), _taken(_turns, PATIENCE_SECONDS):
        yield


@contextmanager
def _taken(places: threading.Semaphore, patience_seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=patience_seconds):
        raise Unavailable(BUSY, code="busy")
    try:
        yield
    finally:
        places.release()


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mesh-download-") as folder:
        yield Path(folder)


def _copied(image: Image, path: Path) -> Path:
    with path.open("wb") as file:
        for piece in get_store().open(image.key).chunks:
            file.write(piece)
    return path


def _seen(path: Path) -> Probe:
    """Not what the row says: the bytes themselves decide how they are cut."""
    seen = probe(path)
    if seen.format not in USABLE:
        raise CannotConvert(_sentence("it is in a format that can’t be read here"))
    return seen


def _converted(path: Path, into: Path, *, target: str) -> Path:
    try:
        _converter.convert(path, into, target=target)
    except TooLargeForFormat as error:
        label = USABLE[target][0].replace("WEBP", "WebP")
        raise CannotConvert(_sentence(f"it is too large for a {label}")) from error
    except Undecodable as error:
        raise CannotConvert(_sentence(REASONS.get(error.problem, "it is damaged"))) from error
    except OSError as error:
        raise Unavailable(NOT_NOW) from error
    return into


def _parts(path: Path, name: str, *, content: str, note: Note | None) -> metadata.Parts:
    """What is sent of the file; one that was converted is clean already, and stays so."""
    try:
        with path.open("rb") as file:
            if note:
                return metadata.with_note(file, name, note)
            if content == CLEAN:
                return metadata.clean(file, name)
            return [range(path.stat().st_size)]
    except Damaged as error:
        raise CannotConvert(_sentence("it is damaged")) from error


def _sentence(reason: str) -> str:
    return f"This picture can’t be changed: {reason}. The original can be downloaded as it is."


def _closing(file: BinaryIO, chunks: Iterator[bytes]) -> Iterator[bytes]:
    with file:
        yield from chunks
