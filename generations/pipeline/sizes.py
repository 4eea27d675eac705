"""The sizes a page shows, made of an original in a child process that may die.

A picture is published with its small sizes. The large one is made by a thread of its own when no
answer waits to be stored, so that a hundred pictures that come at once are all seen first.
"""

import contextlib
import logging
import queue
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

from django.db import DatabaseError, connection

from generations import storage
from generations.imaging.derive import Derived, DerivedFile, Deriver, Undecodable
from generations.models import Image
from generations.pipeline import spool, turns
from generations.storage import keys
from generations.storage.base import KeyTaken, Missing, StoreError
from generations.transactions import writing

_log = logging.getLogger(__name__)

FIRST_EDGES = (320, 640)  # published with the picture
ALL_EDGES = (*FIRST_EDGES, 1600)
PATIENCE_SECONDS = 20.0  # then a large size is made though answers wait

_deriver = Deriver()
_later: queue.SimpleQueue[UUID] = queue.SimpleQueue()
_pending = 0
_lock = threading.Lock()


def derive_first(path: Path, problem: str | None) -> tuple[Derived | None, str]:
    """The small sizes; a picture that can't be decoded keeps its original and says why."""
    return _derive(path, problem, FIRST_EDGES)


def derive_all(path: Path, problem: str | None) -> tuple[Derived | None, str]:
    """Every size at once, where nobody waits for the first."""
    return _derive(path, problem, ALL_EDGES)


def _derive(path: Path, problem: str | None, edges: tuple[int, ...]) -> tuple[Derived | None, str]:
    if problem:
        return None, problem
    try:
        return _deriver.derive(path, edges=edges), ""
    except Undecodable as error:
        return None, error.problem


def put(key: str, file: DerivedFile) -> None:
    """Store one size beside its original. One made earlier, perhaps with other bytes, stays."""
    with contextlib.suppress(KeyTaken):
        storage.get_store().put_new(
            keys.derived_key(key, file.edge),
            file.webp,
            sha256=file.sha256,
            content_type="image/webp",
        )


def finish(image: Image, path: Path) -> None:
    """Make the sizes that are still missing, from the original at `path`."""
    made = {edge for edge, _, _ in image.edges}
    missing = [edge for edge in ALL_EDGES if edge not in made]
    same = Image.objects.filter(attempt=image.attempt_id, key=image.key)  # its copies, too
    if not missing:
        same.update(sizes_done=True)
        return
    try:
        derived = _deriver.derive(path, edges=missing)
    except Undecodable as error:
        same.update(sizes_done=True, problem=error.problem)
        return
    for file in derived.files:
        put(image.key, file)
    added = [[file.edge, file.width, file.height] for file in derived.files]
    with writing():
        same.update(edges=sorted([*image.edges, *added]), sizes_done=True)


def finish_from_store(image: Image) -> None:
    """The same for a picture whose original lies in the store alone."""
    path = spool.item_path(image.pk, f"again-{uuid4().hex[:8]}")  # another run has another file
    try:
        with path.open("wb") as file:
            for piece in storage.get_store().open(image.key).chunks:
                file.write(piece)
        finish(image, path)
    except Missing:
        _log.error("image %s: its original is not in the store", image.pk)
        Image.objects.filter(pk=image.pk).update(sizes_done=True)
    finally:
        path.unlink(missing_ok=True)


def finish_later(image: Image, path: Path) -> None:
    """Make the rest in the background; if this process ends first, the sweeper sees to it."""
    global _pending
    path.rename(_own(image.pk))
    with _lock:
        if not any(thread.name == "sizes" for thread in threading.enumerate()):
            threading.Thread(target=_work, name="sizes", daemon=True).start()
        _pending += 1
    _later.put(image.pk)


def drain(seconds: float) -> None:
    """Wait until the background has nothing left to do."""
    end = time.monotonic() + seconds
    while _pending and time.monotonic() < end:
        time.sleep(0.02)


def _own(image_id: UUID) -> Path:
    return spool.item_path(image_id, "original")


def _work() -> None:
    global _pending
    while True:
        image_id = _later.get()
        _wait_for_calm()
        try:
            if image := Image.objects.filter(pk=image_id, sizes_done=False).first():
                finish(image, _own(image_id))
        except (StoreError, DatabaseError, OSError) as error:
            _log.warning("image %s gets its large size later: %s", image_id, error)
        finally:
            _own(image_id).unlink(missing_ok=True)
            connection.close()
            with _lock:
                _pending -= 1


def _wait_for_calm() -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not turns.is_calm() and time.monotonic() < end:
        time.sleep(0.05)
