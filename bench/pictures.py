"""G4 and G5: CPU of one finished picture, against the common recipe and against bare Pillow.

All get the same 1024 × 1024 PNG of 1.5 MB in memory, as it comes out of an answer. Ours is what the
worker does with it up to the database: spool, hash, store, sizes 640 and 320, placeholder, store.
The recipe makes and stores the same; the floor only decodes, shrinks and encodes. CPU is that of
the whole process tree, so the decoding child is in it.
"""

import hashlib
import io
import itertools
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
from PIL import Image, ImageChops

from bench.rows import Row, interleaved
from generations.imaging.keeper import ALLOCATOR
from generations.imaging.render import encode
from generations.storage.base import Store
from generations.storage.files import FileStore
from generations.storage.keys import derived_key, original_key

ROUNDS, REPEATS = 21, 6
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


def ours(content: bytes) -> Callable[[], None]:
    from generations.mesh import Item
    from generations.models import Attempt
    from generations.pipeline import ingest, spool

    def finish() -> None:
        attempt = Attempt(pk=uuid4(), generation_id=uuid4())
        item = Item(index=0, content=content)
        with spool.items_of(attempt.pk) as new_item:
            ingest.make_picture(attempt, item, ingest.local_file(item, new_item))

    return finish


def recipe(data: bytes, *, store: Store) -> Callable[[], None]:
    """Verify, then open, convert and shrink again for each size, with the library's defaults."""
    turn = itertools.count()

    def finish() -> None:
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


def floor(data: bytes) -> Callable[[], None]:
    """What no Python program with Pillow can go below for these two files, by our own settings."""

    def finish() -> None:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
        large = image.resize((SIZES[0], SIZES[0]), Image.Resampling.HAMMING)
        encode(large)
        encode(large.reduce(2))

    return finish


@contextmanager
def drawing(original: Path) -> Iterator[Callable[[], None]]:
    """The picture work alone, in a process that keeps its memory as the decoding child does."""
    code = (
        "import sys\n"
        "from generations.imaging.render import render\n"
        "for path in sys.stdin:\n"
        f"    render(path.strip(), name='png', edges={SIZES})\n"
        "    print(flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | ALLOCATOR,
        bufsize=0,
    ) as process:
        assert process.stdin
        assert process.stdout
        requests, answers = process.stdin, process.stdout

        def draw() -> None:
            requests.write(f"{original}\n".encode())
            answers.read(1)

        yield draw
        requests.close()


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "meshgallery.settings", "VAR_DIR": name}
        import django

        django.setup()
        original = Path(name, "original.png")
        photograph().save(original)
        data = original.read_bytes()
        with drawing(original) as draw:
            store = FileStore(Path(name, "recipe"))
            works = [ours(data), recipe(data, store=store), floor(data), draw]
            for work in works:
                work()
            costs = interleaved(works, root=psutil.Process(), rounds=ROUNDS, repeats=REPEATS)
        return _rows(costs, size_bytes=len(data))


def _rows(costs: list[float], *, size_bytes: int) -> list[Row]:
    finished, common, bare, drawn = costs
    context = (
        f"{size_bytes / 1e6:.2f} MB PNG: {finished * 1e3:.0f} ms;"
        f" recipe {common * 1e3:.0f}, floor {bare * 1e3:.0f}, drawing {drawn * 1e3:.0f}"
    )
    share = max(0.0, finished - drawn) / finished
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
