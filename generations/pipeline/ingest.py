"""From an answer in the spool to pictures in the gallery. May run twice; never calls upstream."""

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from generations import ledger, lifecycle, storage
from generations.imaging.derive import Derived
from generations.imaging.probe import probe
from generations.mesh import (
    Answer,
    DownloadBlocked,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    Item,
    Verdict,
    download,
)
from generations.models import Attempt, AttemptState, Image
from generations.models.generation import SLOTS, sort_key
from generations.pipeline import sizes, spool, turns
from generations.storage import keys
from generations.storage.base import StoreError
from generations.transactions import writing

_log = logging.getLogger(__name__)

MOST_IMAGES = 10
MAX_BYTES = 64 * 1024 * 1024
FETCH_AGAIN_SECONDS, STORE_AGAIN_SECONDS = 60, 15
LINK_PATIENCE = timedelta(hours=24)
FETCH_WAITS = (0.0, 2.0, 5.0, 10.0, 15.0, 25.0)  # a CDN may lag behind the answer


@dataclass(frozen=True, slots=True)
class Made:
    """One picture whose original is in the store."""

    index: int
    key: str
    sha256: str
    size_bytes: int
    extension: str
    mime: str
    width: int
    height: int
    problem: str
    revised_prompt: str
    derived: Derived | None
    path: Path


class OvertakenError(StoreError):
    """Somebody else stored this answer meanwhile."""


class NotAPicture(Exception):
    """An item that can't become a picture; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Fetched = dict[int, "str | NotAPicture"]  # by item: the SHA-256 of its file, or why there is none


def has_links(answer: Answer) -> bool:
    return any(item.content is None and item.url for item in answer.items)


def fetch_and_store(attempt: Attempt, answer: Answer, verdict: Verdict) -> None:
    """For an answer that holds addresses: fetch them first, then store like any other."""
    lifecycle.move(attempt, AttemptState.FETCHING)
    try:
        fetched = {item.index: _fetched(attempt, item) for item in answer.items if item.url}
    except (DownloadError, OSError) as error:
        _put_off(attempt, error, seconds=FETCH_AGAIN_SECONDS)
        return
    finally:
        lifecycle.move(attempt, AttemptState.RECEIVED)
    with turns.turn():
        store(attempt, answer, verdict, fetched=fetched)


def store(
    attempt: Attempt, answer: Answer, verdict: Verdict, *, fetched: Fetched | None = None
) -> None:
    """Originals into the store, then rows, money and state in one transaction."""
    made: list[Made] = []
    code = verdict.code
    try:
        for item in answer.items[:MOST_IMAGES]:
            try:
                made.append(_make(attempt, item, fetched or {}))
            except NotAPicture as error:
                code = error.code
        if made:
            _commit(attempt, answer, made)
        else:
            _quarantine(attempt)
            lifecycle.move(
                attempt,
                AttemptState.CHARGED_UNUSABLE,
                code=code,
                message=verdict.message,
                **_answered(answer),
            )
    except (StoreError, OSError) as error:
        _put_off(attempt, error, seconds=STORE_AGAIN_SECONDS)
    finally:
        spool.remove_items(attempt.pk)


def _put_off(attempt: Attempt, error: Exception, *, seconds: float) -> None:
    """The sweeper comes back to it."""
    _log.warning("attempt %s can't be stored yet: %s", attempt.pk, error)
    unstored = [AttemptState.RECEIVED, AttemptState.FETCHING]
    Attempt.objects.filter(pk=attempt.pk, state__in=unstored).update(
        code="storage_away", lease_until=lifecycle.in_seconds(seconds)
    )


def _make(attempt: Attempt, item: Item, fetched: Fetched) -> Made:
    path, digest = _local(attempt, item, fetched)
    found = probe(path)
    if not found.format or found.problem in {"not_an_image", "unsupported_format"}:
        _keep_aside(attempt, item.index, path, digest)
        raise NotAPicture(found.problem or "not_an_image")
    key = keys.original_key(attempt.generation_id, attempt.pk, item.index, digest, found.extension)
    storage.get_store().put_new(key, path, sha256=digest, content_type=found.mime)
    derived, problem = sizes.derive_first(path, found.problem)
    for file in derived.files if derived else ():
        sizes.put(key, file)
    return Made(
        index=item.index,
        key=key,
        sha256=digest,
        size_bytes=path.stat().st_size,
        extension=found.extension,
        mime=found.mime,
        width=derived.width if derived else found.width,
        height=derived.height if derived else found.height,
        problem=problem,
        revised_prompt=item.revised_prompt,
        derived=derived,
        path=path,
    )


def _local(attempt: Attempt, item: Item, fetched: Fetched) -> tuple[Path, str]:
    """The item's bytes as a file on this host, and their SHA-256."""
    path = spool.item_path(attempt.pk, f"{item.index}")
    if item.content is not None:
        path.write_bytes(item.content)
        return path, hashlib.sha256(item.content).hexdigest()
    found = fetched.get(item.index, NotAPicture(item.problem or "no_picture"))
    if isinstance(found, NotAPicture):
        raise found
    return path, found


def _fetched(attempt: Attempt, item: Item) -> "str | NotAPicture":
    path = spool.item_path(attempt.pk, f"{item.index}")
    try:
        return _fetch(item.url or "", path)
    except NotAPicture as error:
        return error
    except DownloadError:
        if attempt.received_at and attempt.received_at < timezone.now() - LINK_PATIENCE:
            return NotAPicture("link_expired")
        raise


def _fetch(url: str, path: Path) -> str:
    """Download to `path`; repeats what may pass, for a minute."""
    for wait in FETCH_WAITS:
        time.sleep(wait)
        try:
            with path.open("wb") as file:
                found = download(
                    url,
                    sink=file.write,
                    trusted_origin=settings.MESH_API_BASE_URL,
                    allowed_hosts=settings.MESH_IMAGE_HOSTS,
                    max_bytes=MAX_BYTES,
                )
                file.flush()
                os.fsync(file.fileno())
            return found.sha256
        except DownloadBlocked as error:
            raise NotAPicture("address_blocked") from error
        except DownloadGone as error:
            raise NotAPicture("link_expired") from error
        except DownloadTooLarge as error:
            raise NotAPicture("download_too_large") from error
        except DownloadMissing as error:
            last: DownloadError = error
        except DownloadError as error:
            last = error
    if isinstance(last, DownloadMissing):
        raise NotAPicture("link_expired") from last
    raise last


def _keep_aside(attempt: Attempt, index: int, path: Path, digest: str) -> None:
    """Paid bytes are never destroyed, also when they are no picture."""
    key = keys.quarantine_key(attempt.generation_id, attempt.pk, index, digest)
    storage.get_store().put_new(key, path, sha256=digest, content_type="application/octet-stream")


def _quarantine(attempt: Attempt) -> None:
    """The whole answer, when nothing in it could be used."""
    stored = spool.find(attempt.pk)
    if stored is None:
        return
    digest = hashlib.sha256(stored.path.read_bytes()).hexdigest()
    _keep_aside(attempt, SLOTS, stored.path, digest)


def _answered(answer: Answer) -> dict[str, Any]:
    said = {
        "model": answer.model,
        "size": answer.size,
        "quality": answer.quality,
        "background": answer.background,
        "output_format": answer.output_format,
        "created": answer.created,
    }
    return {
        "answered": {key: value for key, value in said.items() if value},
        "usage": answer.usage.as_dict() if answer.usage else None,
        "flags": sorted(answer.flags),
    }


def _commit(attempt: Attempt, answer: Answer, made: list[Made]) -> None:
    fields = _answered(answer)
    attempt.usage = fields["usage"]
    slots = _slots_for(attempt, made)
    with writing():
        rows = [_row(attempt, picture, slot) for picture, slot in zip(made, slots, strict=True)]
        images = [
            Image.objects.get_or_create(attempt=attempt, index=row.index, defaults=_defaults(row))[
                0
            ]
            for row in rows
        ]
        is_vacant = attempt.is_vacant and len(made) < attempt.slot_count
        if not lifecycle.move(
            attempt, AttemptState.STORED, is_vacant=is_vacant, code="", message="", **fields
        ):
            raise OvertakenError  # nothing of this is kept
        ledger.settle(attempt, micros=ledger.cost_of(attempt, pictures=len(answer.items)))
    for image, picture in zip(images, made, strict=True):
        if not image.sizes_done:
            sizes.finish_later(image, picture.path)


def _slots_for(attempt: Attempt, made: list[Made]) -> list[int]:
    """Each picture its slot; what came beyond the asked-for goes behind the generation's last."""
    slots = list(attempt.slots)[: len(made)]
    taken = Image.objects.filter(generation=attempt.generation_id).aggregate(Max("slot"))[
        "slot__max"
    ]
    following = max(attempt.generation.n, (taken or 0) + 1)
    extra = range(following, following + len(made) - len(slots))
    return [*slots, *(min(slot, SLOTS - 1) for slot in extra)]


def _row(attempt: Attempt, made: Made, slot: int) -> Image:
    files = made.derived.files if made.derived else ()
    return Image(
        index=made.index,
        generation_id=attempt.generation_id,
        owner_id=attempt.owner_id,
        slot=slot,
        sort_key=sort_key(attempt.generation.created_at, slot),
        key=made.key,
        sha256=made.sha256,
        size_bytes=made.size_bytes,
        mime=made.mime,
        extension=made.extension,
        width=made.width,
        height=made.height,
        edges=[[file.edge, file.width, file.height] for file in files],
        placeholder=made.derived.placeholder if made.derived else b"",
        color=made.derived.color if made.derived else "",
        problem=made.problem,
        revised_prompt=made.revised_prompt,
        is_hidden=attempt.is_hidden,
        sizes_done=bool(made.problem),
        created_at=attempt.generation.created_at,
    )


def _defaults(row: Image) -> dict[str, Any]:
    names = [field.attname for field in Image._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in {"attempt_id", "index"}}
