"""Keeps the decoding children: starts them when there is work, ends them when there is none.

Each child belongs to one thread for life. A child asks the kernel to be killed when the *thread*
that started it ends, so no thread that merely brings a picture may be the one.
"""

import json
import logging
import os
import queue
import select
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
MAX_HEAD_BYTES = 16 * 1024
MAX_FILES_BYTES = 16 * 1024 * 1024
MAX_FORWARDED_BYTES = 256 * 1024 * 1024  # 40 million pixels that no format can pack are 160 MB
READ_BYTES = 1024 * 1024
COMMAND = (sys.executable, "-s", "-P", "-m", "generations.imaging.child")
# All that the interpreter needs to start, and nothing of ours: keys and passwords stay outside.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "LANG", "TZ")
# glibc would give every picture's memory back and ask for it again: a tenth of a picture's CPU.
# Kept instead are at most 16 MB, which go when the idle child does.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(8 << 20), "MALLOC_TRIM_THRESHOLD_": str(16 << 20)}

Head = dict[str, object]


class ChildLost(Exception):
    """The child died, hung or talked nonsense; the picture it had is the suspect."""


@dataclass(frozen=True, slots=True)
class Answer:
    head: Head
    files: bytes


class Child:
    """One decoding process and the two pipes to it."""

    def __init__(self, *, memory_mb: int, seconds: float) -> None:
        self._seconds = seconds
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            [*COMMAND, str(os.getpid()), str(memory_mb), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=environment | ALLOCATOR | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise ChildLost("no pipes")
        self._requests, self._answers = self._process.stdin, self._process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Head, into: BinaryIO | None = None) -> Answer:
        """Waits for the answer, at most `seconds` on the wall clock; raises `ChildLost`.

        With `into` the files are written there as they come, and never all in memory.
        """
        deadline = time.monotonic() + self._seconds
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise ChildLost("died before it was asked") from error
        received = bytearray()
        while b"\n" not in received:
            self._receive(received, deadline=deadline, limit=MAX_HEAD_BYTES + MAX_FILES_BYTES)
        line, _, rest = bytes(received).partition(b"\n")
        head = _parsed(line)
        if into is not None:
            wanted = _announced_bytes(head, most=MAX_FORWARDED_BYTES)
            self._forward(rest, wanted, into, deadline=deadline)
            return Answer(head=head, files=b"")
        files, wanted = bytearray(rest), _announced_bytes(head, most=MAX_FILES_BYTES)
        while len(files) < wanted:
            self._receive(files, deadline=deadline, limit=wanted)
        if len(files) > wanted:
            raise ChildLost("sent more than it announced")
        return Answer(head=head, files=bytes(files))

    def _forward(self, data: bytes, left: int, into: BinaryIO, *, deadline: float) -> None:
        while True:
            left -= into.write(data)
            if left < 0:
                raise ChildLost("sent more than it announced")
            if not left:
                return
            piece = bytearray()
            self._receive(piece, deadline=deadline, limit=left)
            data = bytes(piece)

    def _receive(self, into: bytearray, *, deadline: float, limit: int) -> None:
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise ChildLost("took too long")
        data = os.read(self._answers.fileno(), READ_BYTES)
        if not data:
            raise ChildLost(f"died (exit status {self._process.wait(timeout=5)})")
        into += data
        if len(into) > limit:
            raise ChildLost("sent too much")

    def end(self) -> None:
        """At once: it holds nothing that anybody needs."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()


def _parsed(line: bytes) -> Head:
    if len(line) > MAX_HEAD_BYTES:
        raise ChildLost("sent too long a line")
    try:
        head = json.loads(line)
    except ValueError as error:
        raise ChildLost("sent no JSON") from error
    if not isinstance(head, dict):
        raise ChildLost("sent no object")
    return head


def _announced_bytes(head: Head, *, most: int) -> int:
    pictures = head.get("pictures", [])
    sizes = [one.get("size") if isinstance(one, dict) else None for one in _listed(pictures)]
    total = sum(size for size in sizes if isinstance(size, int) and size > 0)
    if total > most:
        raise ChildLost("announced too much")
    return total


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ChildLost("sent no list")
    return value


Job = tuple[Head, BinaryIO | None, Future[Answer]]


class Keepers:
    """Up to `children` threads, each with its own child, all taking from one queue."""

    def __init__(
        self, *, children: int, memory_mb: int, seconds: float, idle_seconds: float
    ) -> None:
        self._children = children
        self._memory_mb = memory_mb
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # None: leave
        self._threads: set[threading.Thread] = set()
        self._resting = 0
        self._is_closed = False

    def ask(self, request: Head, into: BinaryIO | None = None) -> Answer:
        """Waits for a free child and its answer, see `Child.ask`. Raises `ChildLost` if this
        picture cost it one, OSError if none could be started."""
        if self._pid != os.getpid():  # after a fork the threads are in the other process
            self._begin()
        answer: Future[Answer] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the deriver is closed")
            self._jobs.put((request, into, answer))
            if self._jobs.qsize() > self._resting and len(self._threads) < self._children:
                thread = threading.Thread(target=self._keep, name="imaging", daemon=True)
                thread.start()
                self._threads.add(thread)
        return answer.result()

    def close(self) -> None:
        """Ends the children once the pictures that wait are done. Nothing can be asked after."""
        with self._lock:
            self._is_closed = True
            threads = list(self._threads)
            for _ in threads:
                self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _keep(self) -> None:
        child: Child | None = None
        try:
            while job := self._next():
                child = self._work(child, *job)
        finally:
            if child:
                child.end()

    def _next(self) -> Job | None:
        """None when nothing came for a while, or at the end."""
        with self._lock:
            self._resting += 1
        try:
            job = self._jobs.get(timeout=self._idle_seconds)
        except queue.Empty:
            job = None
        with self._lock:
            self._resting -= 1
            if job is None:
                job = self._last_moment_job()
            if job is None:
                self._threads.discard(threading.current_thread())
        return job

    def _last_moment_job(self) -> Job | None:
        """What came between our waking and our taking the lock; nobody else would see to it."""
        if self._is_closed:
            return None
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None

    def _work(
        self, child: Child | None, request: Head, into: BinaryIO | None, answer: Future[Answer]
    ) -> Child | None:
        """The child to go on with; a lost one is ended and not replaced before the next picture."""
        if child and not child.is_alive:  # killed while it rested: not this picture's fault
            child.end()
            child = None
        try:
            child = child or Child(memory_mb=self._memory_mb, seconds=self._seconds)
            answer.set_result(child.ask(request, into))
        except (ChildLost, OSError) as error:
            logger.warning("decoding child lost: %s", error)
            if child:
                child.end()
            answer.set_exception(error)
            return None
        return child
