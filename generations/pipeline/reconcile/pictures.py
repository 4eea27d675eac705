"""Pictures whose objects are missing, and objects that no picture has."""

import hashlib
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from generations import lifecycle
from generations.mesh import read_answer
from generations.models import Image
from generations.pipeline import housekeeping, sizes, spool, turns
from generations.pipeline.reconcile.findings import MOST, Finding, Wishes
from generations.queries.audit.objects import Stray, is_orphan, strays
from generations.storage import get_store
from generations.storage.base import Missing

UNFINISHED_SECONDS = 60


def pictures(wishes: Wishes) -> Iterator[Finding]:
    found = list(islice(strays(is_quick=not wishes.reads_pictures), MOST))
    for stray in found:
        yield _orphan(stray) if stray.image is None else _damaged(stray, stray.image)
    late = lifecycle.in_seconds(-UNFINISHED_SECONDS)
    unfinished = Image.objects.filter(sizes_done=False, attempt__finished_at__lt=late)
    for image in list(unfinished[:MOST]):
        what, cure = "lacks a size", "make it from the original"
        yield Finding(f"image {image.pk}", what, cure, partial(_finish, image))


def _orphan(stray: Stray) -> Finding:
    cure = "move it to quarantine/"
    return Finding(stray.key, stray.what, cure, lambda: _set_aside_orphan(stray.key))


def _damaged(stray: Stray, image: Image) -> Finding:
    if stray.edge is not None:
        cure = "make it from the original"
        return Finding(f"image {image.pk}", stray.what, cure, lambda: _make_again(image, stray))
    if _spooled(image) is None:
        what = f"{stray.what} ({stray.key}), and this host's spool has it no more"
        return Finding(f"image {image.pk}", what)
    cure = "put it again from the spool"
    return Finding(f"image {image.pk}", stray.what, cure, lambda: _put_again(image))


def _spooled(image: Image) -> bytes | None:
    """The original as it came, if this host's spool still has it and it is those very bytes."""
    content = _fetched_once(image) or _answered(image)
    is_it = content is not None and hashlib.sha256(content).hexdigest() == image.sha256
    return content if is_it else None


def _fetched_once(image: Image) -> bytes | None:
    path = spool.fetched_path(image.attempt_id, image.index)
    return path.read_bytes() if path.is_file() else None


def _answered(image: Image) -> bytes | None:
    stored = spool.find(image.attempt_id)
    if stored is None:
        return None
    with turns.turn():
        answer = read_answer(stored.head, stored.chunks(), complete=stored.is_whole)
    return next((item.content for item in answer.items if item.index == image.index), None)


def _put_again(image: Image) -> bool:
    """What lies there instead is kept in quarantine."""
    content = _spooled(image)
    if content is None:
        return False
    _set_aside(image.key)
    get_store().put_new(image.key, content, sha256=image.sha256, content_type=image.mime)
    return True


def _make_again(image: Image, stray: Stray) -> bool:
    now = Image.objects.filter(pk=image.pk).first()
    if now is None or get_store().head(image.key) is None:
        return now is None
    left = [edge for edge in now.edges if edge[0] != stray.edge]
    Image.objects.filter(pk=image.pk).update(edges=left, sizes_done=False)
    return _finish(image)


def _finish(image: Image) -> bool:
    housekeeping.finish_image(image.pk)
    sizes.drain(60)
    return not Image.objects.filter(pk=image.pk, sizes_done=False).exists()


def _set_aside_orphan(key: str) -> bool:
    return is_orphan(key) and _set_aside(key)


def _set_aside(key: str) -> bool:
    """Copied to quarantine, then taken away: no byte is ever destroyed."""
    store = get_store()
    path = spool.item_path(uuid4(), "aside")
    try:
        digest = _fetched(key, path)
        aside = f"quarantine/{digest[:16]}/{key}"
        content_type = "application/octet-stream"
        store.put_new(aside, path, sha256=digest, content_type=content_type)
        store.delete(key)
    except Missing:
        return True
    finally:
        path.unlink(missing_ok=True)
    return True


def _fetched(key: str, path: Path) -> str:
    """The object as a file; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in get_store().open(key).chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
