"""`python -m tests.faults.worker`: `manage.py worker`, killing itself at a chosen point.

KILL_AT names the point, KILL_EVERY how often this process reaches it before it dies there,
KILL_TIMES how many deaths there are in all, shared by every process through the folder KILL_DIR.
The product has no hooks for this: its functions are wrapped here, before it starts.

CLOCK_SHIFT moves this process's wall clock by so many seconds.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MID_BODY_BYTES = 10_000
IN_FLIGHT_SECONDS = 0.05


@dataclass
class Reaper:
    """Ends this process when a point was reached often enough and a death is left to be had."""

    folder: Path
    every: int
    times: int
    reached: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        with self._lock:
            self.reached += 1
            return self.reached >= self.every and self._takes_one()

    def _takes_one(self) -> bool:
        for number in range(self.times):
            try:
                os.close(os.open(self.folder / f"{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                continue
            return True
        return False

    def visit(self) -> None:
        if self.is_due():
            die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, reaper: Reaper) -> None:
    wrapped = getattr(owner, name)

    def die_first(*args: Any, **options: Any) -> Any:
        reaper.visit()
        return wrapped(*args, **options)

    setattr(owner, name, die_first)


def after(owner: Any, name: str, reaper: Reaper) -> None:
    """Dies after a call that brought something."""
    wrapped = getattr(owner, name)

    def die_after(*args: Any, **options: Any) -> Any:
        found = wrapped(*args, **options)
        if found is not None and found is not False:
            reaper.visit()
        return found

    setattr(owner, name, die_after)


def claimed(reaper: Reaper) -> None:
    from generations import lifecycle

    after(lifecycle, "claim", reaper)


def connected(reaper: Reaper) -> None:
    from generations import lifecycle

    before(lifecycle, "mark_sending", reaper)


def sending_committed(reaper: Reaper) -> None:
    from generations.pipeline import run

    wrapped = run._before_sending

    def die_after(*args: Any, **options: Any) -> None:
        wrapped(*args, **options)
        reaper.visit()

    run._before_sending = die_after  # type: ignore[assignment]


def in_flight(reaper: Reaper) -> None:
    """A moment after the last byte of a paid request left."""
    from generations.mesh.calls import Watch

    wrapped = Watch.sent

    def die_soon(watch: Watch) -> None:
        wrapped(watch)
        if watch.call.on_send is not None and reaper.is_due():
            threading.Timer(IN_FLIGHT_SECONDS, die).start()

    Watch.sent = die_soon  # type: ignore[method-assign]


def mid_body(reaper: Reaper) -> None:
    from generations.pipeline.spool import SpoolFile

    wrapped = SpoolFile.write

    def die_within(file: SpoolFile, piece: bytes) -> None:
        was_short = file.size < MID_BODY_BYTES
        wrapped(file, piece)
        if was_short and file.size >= MID_BODY_BYTES:
            reaper.visit()

    SpoolFile.write = die_within  # type: ignore[method-assign]


def part_whole(reaper: Reaper) -> None:
    """The whole body is in the .part file and synced, and not yet renamed."""
    wrapped = Path.rename

    def die_first(path: Path, target: Any) -> Any:
        if path.suffix == ".part":
            reaper.visit()
        return wrapped(path, target)

    Path.rename = die_first  # type: ignore[method-assign]


def spooled(reaper: Reaper) -> None:
    from generations.pipeline.spool import SpoolFile

    after(SpoolFile, "finish", reaper)


def received(reaper: Reaper) -> None:
    from generations.pipeline import run

    after(run, "mark_received", reaper)


def mid_upload(reaper: Reaper) -> None:
    """The store has been sent the first piece of an original. S3 alone: files aren't copied."""
    from generations.storage import s3
    from generations.storage.base import Sealed, Source

    wrapped = s3.opened

    def opened(source: Source) -> BinaryIO:
        file = wrapped(source)
        return Fatal(file, reaper) if isinstance(source, Sealed) else file  # type: ignore[return-value]

    s3.opened = opened  # type: ignore[attr-defined]


class Fatal:
    """A file that is deadly to read on in from its middle.

    Clients that sign what they send read it all in one piece before: that is no upload yet.
    """

    def __init__(self, file: BinaryIO, reaper: Reaper) -> None:
        self._file = file
        self._reaper = reaper
        self._size = os.fstat(file.fileno()).st_size

    def read(self, *args: Any) -> bytes:
        if 0 < self._file.tell() < self._size:
            self._reaper.visit()
        return self._file.read(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Fatal":
        return self

    def __exit__(self, *args: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self.read, b"")


def uploaded(reaper: Reaper) -> None:
    from generations.pipeline import ingest

    before(ingest, "_commit", reaper)


def stored(reaper: Reaper) -> None:
    from generations.pipeline import ingest

    wrapped = ingest._commit

    def die_after(*args: Any, **options: Any) -> None:
        wrapped(*args, **options)
        reaper.visit()

    ingest._commit = die_after  # type: ignore[assignment]


POINTS: dict[str, Callable[[Reaper], None]] = {
    point.__name__: point
    for point in (
        *(claimed, connected, sending_committed, in_flight, mid_body, part_whole),
        *(spooled, received, mid_upload, uploaded, stored),
    )
}


def reaper_from(env: dict[str, str]) -> Reaper:
    folder = Path(env["KILL_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return Reaper(folder, every=int(env["KILL_EVERY"]), times=int(env["KILL_TIMES"]))


def shift_clock(seconds: float) -> None:
    import datetime

    import time_machine

    there = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    time_machine.travel(there, tick=True).start()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
    import django

    django.setup()
    env = dict(os.environ)
    if point := env.get("KILL_AT"):
        POINTS[point](reaper_from(env))
    if shift := env.get("CLOCK_SHIFT"):
        shift_clock(float(shift))
    if name := env.get("HOST_AS"):
        from generations.pipeline import stopping

        stopping.host_name = lambda: name

    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "worker", *sys.argv[1:]])


if __name__ == "__main__":
    main()
