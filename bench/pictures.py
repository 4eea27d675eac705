"""G4 and G5: CPU of one finished picture, against the common recipe and against bare Pillow.

All three get the same 1024 × 1024 PNG of 1.5 MB. Ours and the recipe make the sizes 640 and 320, a
placeholder and the SHA-256, and store all of it as files; the floor only decodes, shrinks and
encodes. CPU is that of the whole process tree, so the decoding child is in it.
"""

import hashlib
import io
import itertools
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
from PIL import Image, ImageChops

from bench.rows import Row, interleaved
from generations.imaging.derive import Deriver
from generations.imaging.render import encode, render
from generations.storage.base import Store
from generations.storage.files import FileStore
from generations.storage.keys import derived_key, original_key

ROUNDS, REPEATS = 9, 8
SIDE = 1024
SIZES = (640, 320)
PLACEHOLDER = 16


def photograph(side: int = SIDE) -> Image.Image:
    """Detail at every scale and a little grain, as a camera sees it: 1.5 MB as a PNG."""
    chance = random.Random(1)
    picture, weight, cells, share = Image.new("RGB", (side, side)), 0.0, 4, 1.0
    while cells <= side:
        layer = Image.frombytes("RGB", (cells, cells), chance.randbytes(3 * cells * cells))
        layer = layer.resize((side, side), Image.Resampling.BICUBIC)
        weight += share
        picture = Image.blend(picture, layer, share / weight)
        cells, share = cells * 2, share * 0.55
    grain = Image.merge("RGB", [_grain(side, chance) for _ in range(3)])
    return ImageChops.add(picture, grain, offset=-128)


def _grain(side: int, chance: random.Random) -> Image.Image:
    near_middle = bytes(round(chance.gauss(128, 1.1)) for _ in range(65_536))
    starts = (chance.randrange(65_536 - side) for _ in range(side))
    rows = b"".join(near_middle[start : start + side] for start in starts)
    return Image.frombytes("L", (side, side), rows)


def ours(original: Path, folder: Path, *, deriver: Deriver, store: Store) -> Callable[[], None]:
    turn = itertools.count()

    def finish() -> None:
        derived = deriver.derive(original, folder / "ours")
        with original.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        key = original_key("ours", str(next(turn)), 0, sha256, "png")
        store.put_new(key, original, sha256=sha256, content_type="image/png")
        for one in derived.files:
            store.put_new(
                derived_key(key, one.edge), one.path, sha256=one.sha256, content_type="image/webp"
            )

    return finish


def recipe(original: Path, *, store: Store) -> Callable[[], None]:
    """Verify, then open, convert and shrink again for each size, with the library's defaults."""
    turn = itertools.count()

    def finish() -> None:
        data = original.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.verify()
        key = original_key("recipe", str(next(turn)), 0, hashlib.sha256(data).hexdigest(), "png")
        put(key, data)
        for edge in (*SIZES, PLACEHOLDER):
            small = io.BytesIO()
            with Image.open(io.BytesIO(data)) as image:
                converted = image.convert("RGB")
            converted.thumbnail((edge, edge))
            converted.save(small, "WEBP")
            if edge != PLACEHOLDER:
                put(derived_key(key, edge), small.getvalue())

    def put(key: str, data: bytes) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        store.put_new(key, data, sha256=sha256, content_type="image/webp")

    return finish


def floor(original: Path) -> Callable[[], None]:
    """What no Python program with Pillow can go below for these two files."""

    def finish() -> None:
        with Image.open(original) as image:
            shrunk: Image.Image = image.convert("RGB")
        for edge in SIZES:
            shrunk = shrunk.resize((edge, edge), Image.Resampling.LANCZOS)
            encode(shrunk)

    return finish


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder, deriver = Path(name), Deriver()
        original = folder / "original.png"
        photograph().save(original)
        store = FileStore(folder / "store")
        works = [
            ours(original, folder, deriver=deriver, store=store),
            recipe(original, store=store),
            floor(original),
            lambda: _drawing_alone(original),
        ]
        for work in works:
            work()
        costs = interleaved(works, root=psutil.Process(), rounds=ROUNDS, repeats=REPEATS)
        deriver.close()
        return _rows(costs, size_bytes=original.stat().st_size)


def _drawing_alone(original: Path) -> None:
    render(str(original), name="png", edges=SIZES)


def _rows(costs: list[float], *, size_bytes: int) -> list[Row]:
    finished, common, bare, drawing = costs
    context = (
        f"{size_bytes / 1e6:.2f} MB PNG: {finished * 1e3:.0f} ms;"
        f" recipe {common * 1e3:.0f}, floor {bare * 1e3:.0f}"
    )
    share = max(0.0, finished - drawing) / finished
    return [
        Row(
            "G4",
            "finished picture, CPU against the recipe",
            finished / common,
            0.35,
            context=context,
        ),
        Row("G4", "finished picture, CPU against bare Pillow", finished / bare, 1.3),
        Row("G5", "part of it that is not picture work", 100 * share, 15, unit="%"),
    ]


if __name__ == "__main__":
    from bench import table

    table.show(run())
