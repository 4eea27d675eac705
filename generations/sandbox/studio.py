"""Where pictures are drawn: in a few child processes, so that streams never wait for pixels."""

import asyncio
import base64
import io
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property

from generations.sandbox.art import canvas, fixture
from generations.sandbox.oddities import FIXED, odd_file
from generations.sandbox.retouch import Change, retouched
from generations.sandbox.stamp import stamped

NICENESS = 5  # below the server, which must answer in time
MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Job:
    prompt: str
    seed: int
    size: tuple[int, int]
    format: str
    compression: int | None = None
    is_transparent: bool = False
    odd: str = ""
    is_unsafe: bool = False
    change: Change | None = None


@dataclass(frozen=True)
class Picture:
    content: bytes
    mime: str
    is_shared: bool = False
    """The same bytes serve many answers."""

    @cached_property
    def encoded(self) -> bytes:
        return base64.b64encode(self.content)


class Studio:
    def __init__(self, *, artists: int | None = None) -> None:
        self._artists = artists or max(1, _cores() - 1)
        self._pool: ProcessPoolExecutor | None = None
        self._fixtures: dict[int, asyncio.Task[Picture]] = {}

    def open(self) -> None:
        """Start the children without waiting for them."""
        self._pool = ProcessPoolExecutor(
            self._artists,
            # Not forked: a forked child would hold our sockets open.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle_in,
        )
        self._pool.submit(os.getpid)

    def close(self) -> None:
        """At once: whatever is being drawn is dropped."""
        for child in multiprocessing.active_children():
            child.kill()
        if self._pool is not None:
            # Its thread closes a pipe that the interpreter writes to as it ends: let it go first.
            self._pool.shutdown(wait=True, cancel_futures=True)

    async def draw(self, job: Job) -> Picture:
        content = await self._in_pool(job)
        return Picture(content, MIME[job.format])

    async def fixture(self, size_bytes: int) -> Picture:
        """The ready picture of that size; the first to ask has it drawn, the others share it."""
        if size_bytes not in self._fixtures:
            self._fixtures[size_bytes] = asyncio.create_task(self._draw_fixture(size_bytes))
        return await asyncio.shield(self._fixtures[size_bytes])

    async def _draw_fixture(self, size_bytes: int) -> Picture:
        return Picture(await self._in_pool(size_bytes), MIME["png"], is_shared=True)

    async def _in_pool(self, work: Job | int) -> bytes:
        for _ in range(2):
            try:
                return await asyncio.wrap_future(self._opened().submit(_make, work))
            except BrokenProcessPool:  # a child was killed; hire new ones and draw it again
                self.open()
        raise RuntimeError("the drawing processes keep dying")

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self.open()
        if self._pool is None:
            raise RuntimeError("the drawing processes can't start")
        return self._pool


def _make(work: Job | int) -> bytes:
    if isinstance(work, int):
        return fixture.png_of_size(work)
    if work.odd in FIXED:
        return odd_file(work.odd, b"")
    image = _drawn(work)
    if work.is_transparent:
        image = canvas.cut_out(image)
    if work.is_unsafe:
        image = stamped(image)
    content = _encode(image, work)
    return odd_file(work.odd, content) if work.odd else content


def _drawn(job: Job) -> canvas.Image.Image:
    if job.change is None:
        return canvas.draw(job.prompt, seed=job.seed, size=job.size)
    return retouched(job.change, prompt=job.prompt, seed=job.seed, size=job.size)


def _encode(image: canvas.Image.Image, job: Job) -> bytes:
    out = io.BytesIO()
    quality = 92 if job.compression is None else max(1, 100 - job.compression)
    if job.format == "png":
        image.save(out, "PNG", compress_level=3)
    elif job.format == "jpeg":
        image.convert("RGB").save(out, "JPEG", quality=quality, subsampling=0, progressive=True)
    else:
        image.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _settle_in() -> None:
    """Be a quiet child: Ctrl-C is the parent's business, and its end is ours, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # a pipe that the kernel closes when the parent is gone, even by SIGKILL
        os._exit(0)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
