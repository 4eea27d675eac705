"""From an answer in the spool to pictures in the gallery. May run twice; never calls upstream."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max

from generations import ledger, lifecycle, storage
from generations.imaging.probe import probe
from generations.mesh import Answer, DownloadError, Item, Verdict
from generations.models import Attempt, AttemptState, Image
from generations.models.generation import SLOTS
from generations.models.image import ORIGINAL
from generations.pipeline import copies, hanging, links, moderation, sizes, spool, turns
from generations.pipeline.links import Fetched, NotAPicture
from generations.pipeline.spool import NewItem
from generations.pipeline.stored import StoredPicture, image_of
from generations.storage import keys
from generations.storage.base import Sealed, StoreError
from generations.transactions import writing

_log = logging.getLogger(__name__)

MOST_IMAGES = 10
FETCH_AGAIN_SECONDS, STORE_AGAIN_SECONDS = 60, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(StoredPicture):
    """One of an answer's pictures; `path` is where its bytes still lie here."""

    index: int
    revised_prompt: str
    path: Path


class OvertakenError(StoreError):
    """Somebody else stored this answer meanwhile."""


def has_links(answer: Answer) -> bool:
    return any(item.content is None and item.url for item in answer.items)


def fetch_and_store(attempt: Attempt, answer: Answer, verdict: Verdict) -> None:
    """For an answer that holds addresses: fetch them first, then store like any other."""
    lifecycle.move(attempt, AttemptState.FETCHING)
    connection.close()  # a slow address must not keep a connection from the others
    with spool.items_of(attempt.pk) as new_item:
        try:
            linked = [item for item in answer.items if item.url]
            fetched = {item.index: links.fetched(attempt, item, new_item) for item in linked}
        except (DownloadError, OSError) as error:
            _put_off(attempt, error, seconds=FETCH_AGAIN_SECONDS)
            return
        finally:
            lifecycle.move(attempt, AttemptState.RECEIVED)
        with turns.turn():
            _store(attempt, answer, verdict, new_item, fetched)


def store(attempt: Attempt, answer: Answer, verdict: Verdict) -> None:
    """Originals into the store, then rows, money and state in one transaction."""
    with spool.items_of(attempt.pk) as new_item:
        _store(attempt, answer, verdict, new_item, {})


def _store(
    attempt: Attempt, answer: Answer, verdict: Verdict, new_item: NewItem, fetched: Fetched
) -> None:
    made: list[Made] = []
    code = verdict.code
    try:
        for item in answer.items[:MOST_IMAGES]:
            try:
                original = fetched.get(item.index) or local_file(item, new_item)
                made.append(make_picture(attempt, item, original))
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


def _put_off(attempt: Attempt, error: Exception, *, seconds: float) -> None:
    """The sweeper comes back to it. What is still to be fetched isn't said to be safe here."""
    code = error.code if isinstance(error, DownloadError) else "storage_away"
    _log.warning("attempt %s can't be stored yet: %s", attempt.pk, error)
    unstored = [AttemptState.RECEIVED, AttemptState.FETCHING]
    Attempt.objects.filter(pk=attempt.pk, state__in=unstored).update(
        code=code, lease_until=lifecycle.in_seconds(seconds)
    )


def make_picture(attempt: Attempt, item: Item, original: Sealed | NotAPicture) -> Made:
    """Original and small sizes in the store, nothing in the database yet. Raises `NotAPicture`."""
    if isinstance(original, NotAPicture):
        raise original
    path, digest = original.path, original.sha256
    found = probe(path)
    if not found.format or found.problem in {"not_an_image", "unsupported_format"}:
        _keep_aside(attempt, item.index, original, digest)
        raise NotAPicture(found.problem or "not_an_image")
    key = keys.original_key(attempt.generation_id, attempt.pk, item.index, digest, found.extension)
    storage.get_store().put_new(key, original, sha256=digest, content_type=found.mime)
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


def local_file(item: Item, new_item: NewItem) -> Sealed | NotAPicture:
    """The bytes that came with the answer, as a file on this host."""
    if item.content is None:
        return NotAPicture(item.problem or "no_picture")
    with new_item() as file:
        file.write(item.content)
    return Sealed(Path(file.name), hashlib.sha256(item.content).hexdigest())


def _keep_aside(attempt: Attempt, index: int, source: Path | Sealed, digest: str) -> None:
    """Paid bytes are never destroyed, also when they are no picture."""
    key = keys.quarantine_key(attempt.generation_id, attempt.pk, index, digest)
    storage.get_store().put_new(key, source, sha256=digest, content_type="application/octet-stream")


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
        album = hanging.held_album(attempt)
        rows = [_row(attempt, picture, slot) for picture, slot in zip(made, slots, strict=True)]
        known = Image.objects.filter(ORIGINAL)
        images = [
            known.get_or_create(attempt=attempt, index=row.index, defaults=_defaults(row))[0]
            for row in rows
        ]
        is_vacant = attempt.is_vacant and len(made) < attempt.slot_count
        if not lifecycle.move(
            attempt, AttemptState.STORED, is_vacant=is_vacant, code="", message="", **fields
        ):
            raise OvertakenError  # nothing of this is kept
        _keep_out_of_gallery(attempt)
        if album:
            hanging.hang(album, images)
        moderation.note_pictures(attempt)
        pictures = len(answer.items)
        micros = ledger.cost_of(attempt, pictures=pictures)
        ledger.settle(attempt, micros=micros, pictures=pictures)
        copies.forget(attempt)
    for image, picture in zip(images, made, strict=True):
        if not image.sizes_done:
            sizes.finish_later(image, picture.path)


def _keep_out_of_gallery(attempt: Attempt) -> None:
    """Where somebody stopped waiting, also a moment ago: the move just made has the row locked."""
    if Attempt.objects.filter(pk=attempt.pk, is_hidden=True).exists():
        Image.objects.filter(ORIGINAL, attempt=attempt).update(is_hidden=True)


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
    image = image_of(attempt, made, slot=slot)
    image.index = made.index
    image.revised_prompt = made.revised_prompt
    image.sizes_done = bool(made.problem)
    return image


def _defaults(row: Image) -> dict[str, Any]:
    names = [each.attname for each in Image._meta.concrete_fields if not each.generated]
    return {name: getattr(row, name) for name in names if name not in {"attempt_id", "index"}}
