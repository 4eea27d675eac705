"""The few real pictures that all seeded rows point to: drawn once, with every size we make."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from generations import storage
from generations.imaging.derive import Deriver
from generations.models import shape_of
from generations.models.image import SEED_PREFIX
from generations.pipeline import sizes
from generations.sandbox.art import canvas
from generations.storage.keys import DIGEST_CHARACTERS

Size = tuple[int, int]

THEMES = ("forest", "sea", "city", "mountains", "hills", "lake", "desert", "space")
SQUARE: Size = (1024, 1024)
OBLONG: tuple[Size, ...] = (
    *((1536, 1024), (1024, 1536), (1216, 832), (832, 1216)),
    *((1280, 896), (768, 1408), (1792, 1024), (1024, 1792)),
)
MOMENTS = ("at dawn", "at sunset", "on a clear day", "by night", "in autumn", "in winter")
FORMATS = (
    ("png", "PNG", "image/png", {"compress_level": 3}),
    ("webp", "WEBP", "image/webp", {"quality": 90, "method": 2}),
    ("jpg", "JPEG", "image/jpeg", {"quality": 92}),
)
LARGEST = 32


@dataclass(frozen=True, slots=True)
class PoolPicture:
    """One object of the store, with all that a row says of it."""

    theme: str
    size: Size
    key: str
    sha256: str
    size_bytes: int
    mime: str
    extension: str
    edges: tuple[tuple[int, int, int], ...]
    placeholder: bytes
    color: str

    @property
    def shape(self) -> str:
        return shape_of(*self.size)


def make_pool(number: int) -> list[PoolPicture]:
    """The first `number` pictures, drawn and stored; those that are there already stay."""
    deriver = Deriver()
    try:
        with TemporaryDirectory() as folder:
            motifs = islice(_motifs(), min(number, LARGEST))
            return [
                _make(place, theme, size, deriver, Path(folder))
                for place, (theme, size) in enumerate(motifs)
            ]
    finally:
        deriver.close()


def _motifs() -> Iterator[tuple[str, Size]]:
    """Themes and sizes in such an order that the first few already differ."""
    for turn in count():
        for place, theme in enumerate(THEMES):
            yield theme, SQUARE
            yield theme, OBLONG[(place + turn * 3) % len(OBLONG)]


def _make(number: int, theme: str, size: Size, deriver: Deriver, folder: Path) -> PoolPicture:
    extension, name, mime, options = FORMATS[number % len(FORMATS)]
    prompt = f"{theme} {MOMENTS[number % len(MOMENTS)]}"
    out = io.BytesIO()
    canvas.draw(prompt, seed=number, size=size).save(out, name, **options)
    content = out.getvalue()
    path = folder / f"{number}.{extension}"
    path.write_bytes(content)
    derived = deriver.derive(path, edges=sizes.ALL_EDGES)
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{SEED_PREFIX}{number:02}-{sha256[:DIGEST_CHARACTERS]}.{extension}"
    storage.get_store().put_new(key, content, sha256=sha256, content_type=mime)
    for file in derived.files:
        sizes.put(key, file)
    return PoolPicture(
        theme=theme,
        size=size,
        key=key,
        sha256=sha256,
        size_bytes=len(content),
        mime=mime,
        extension=extension,
        edges=tuple((file.edge, file.width, file.height) for file in derived.files),
        placeholder=derived.placeholder,
        color=derived.color,
    )
