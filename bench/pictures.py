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

# The kernel counts CPU in steps of 10 ms, so each figure needs many repeats.
ROUNDS, REPEATS = 7, 16
SIDE = 1024
SIZES = (640, 320)
PLACEHOLDER = 16


def photograph(side: int = SIDE) -> Image.Image:
    """Light with detail at every scale, softer colours, a little grain: 1.5 MB as a PNG."""
    chance = random.Random(1)
    light = _clouds("L", side, chance, share=0.8).convert("RGB")
    colors = _clouds("RGB", side, chance, share=0.5)
    grain = Image.frombytes("RGB", (side, side), _grain(3 * side * side, chance))
    return ImageChops.add(Image.blend(light, colors, 0.3), grain, offset=-128)


def _clouds(mode: str, side: int, chance: random.Random, *, share: float) -> Image.Image:
    """Random cells of 256, 128, … 1 pixels; each finer layer counts `share` of the one before."""
    sky, weight, layer_weight, cells = Image.new(mode, (side, side)), 0.0, 1.0, 4
    while cells <= side:
        noise = chance.randbytes(cells * cells * len(mode))
        layer = Image.frombytes(mode, (cells, cells), noise)
        weight += layer_weight
        sky = Image.blend(
            sky, layer.resize((side, side), Image.Resampling.BICUBIC), layer_weight / weight
        )
        cells, layer_weight = cells * 2, layer_weight * share
    return sky


def _grain(size: int, chance: random.Random) -> bytes:
    bell = bytes(round(chance.gauss(128, 0.42)) for _ in range(65_536))
    return bytes(bell[at] for at in memoryview(chance.randbytes(2 * size)).cast("H"))


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
    """What no Python program with Pillow can go below for these two files, by our own settings."""

    def finish() -> None:
        with Image.open(original) as image:
            image.load()
        large = image.resize((SIZES[0], SIZES[0]), Image.Resampling.HAMMING)
        encode(large)
        encode(large.reduce(2))

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
