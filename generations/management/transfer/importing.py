"""From a folder or an archive into somebody's gallery: verified, bounded, and never twice."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID, uuid4, uuid5

from generations import storage, watch
from generations.imaging.embedded import read_embedded
from generations.imaging.probe import Probe, probe
from generations.management.transfer import rows
from generations.management.transfer.report import LeftOut, Report
from generations.management.transfer.rows import Arrived
from generations.management.transfer.sheet import (
    Origin,
    is_sheet,
    origin_from_picture,
    origin_from_sheet,
)
from generations.management.transfer.sources import Entry, Source
from generations.models import Image, User
from generations.pipeline import sizes, spool
from generations.storage import keys
from generations.storage.base import Sealed

# Ids are made of the owner and what a picture was elsewhere: the same again finds itself.
NAMESPACE = UUID("6f1cbd0c-8a4e-4a86-9a0e-6d6573680001")
WHY_NOT = {
    "not_an_image": "is no picture",
    "unsupported_format": "is no PNG, JPEG or WebP",
    "too_many_pixels": "has too many pixels",
    "too_large": "is too large",
    "damaged": "is damaged",
    "too_costly": "takes more memory or time to decode than there is",
}


@dataclass(frozen=True, slots=True)
class Ids:
    generation: UUID
    attempt: UUID
    image: UUID


def import_gallery(source: Source, owner: User, report: Report) -> None:
    """Every picture in a transaction of its own; a second run goes on where the first ended."""
    for entry in source.pictures(report.leave_out):
        try:
            is_new = _import(entry, _origin_beside(entry, source), owner)
        except LeftOut as error:
            report.leave_out(entry.name, error)
            continue
        report.moved += is_new
        report.known += not is_new
    rows.describe_albums(source, owner, image_id=lambda other: _moved_id(owner, other))
    watch.bump(owner.pk)


def _origin_beside(entry: Entry, source: Source) -> Origin | None:
    """What the sheet beside it says; None without one."""
    path = PurePosixPath(entry.name)
    for name in (path.with_suffix(".json"), path.with_name(f"{path.name}.json")):
        note = source.note(str(name))
        if note and is_sheet(content := note.content()):
            return origin_from_sheet(content)
    return None


def _import(entry: Entry, origin: Origin | None, owner: User) -> bool:
    """Whether it is new here."""
    if origin and _is_here(origin, owner):
        return False
    with spool.items_of(uuid4()) as new_item:
        original = _copied(entry, new_item)
        if origin and origin.sha256 != original.sha256:
            raise LeftOut("has other bytes than its JSON file says")
        ids = _ids(owner, origin, original.sha256)
        if Image.objects.filter(pk=ids.image).exists():
            return False
        found = _probed(original.path, is_told_of=origin is not None)
        origin = origin or origin_from_picture(entry, read_embedded(original.path))
        arrived = _stored(original, found, ids, origin)
    try:
        return rows.hang(owner, origin, arrived)
    except LeftOut:
        _take_back(arrived)
        raise


def _is_here(origin: Origin, owner: User) -> bool:
    """The very picture, in the installation it came from, or one made of it by an earlier run."""
    ids = {_moved_id(owner, origin.image_id), *([origin.image_id] if origin.image_id else [])}
    return Image.objects.filter(pk__in=ids, owner=owner, sha256=origin.sha256).exists()


def _moved_id(owner: User, other: UUID | None) -> UUID:
    return uuid5(NAMESPACE, f"{owner.pk} image {other}")


def _ids(owner: User, origin: Origin | None, sha256: str) -> Ids:
    """A loose picture is known by its bytes."""
    image = (
        _moved_id(owner, origin.image_id) if origin else uuid5(NAMESPACE, f"{owner.pk} {sha256}")
    )
    generation = f"{owner.pk} generation {origin.generation_id if origin else image}"
    return Ids(uuid5(NAMESPACE, generation), uuid5(NAMESPACE, f"attempt {image}"), image)


def _copied(entry: Entry, new_item: spool.NewItem) -> Sealed:
    digest = hashlib.sha256()
    with new_item() as file:
        for piece in entry.pieces():
            digest.update(piece)
            file.write(piece)
    return Sealed(Path(file.name), digest.hexdigest())


def _take_back(arrived: Arrived) -> None:
    """No object without a picture; the original last, as a trace of the others."""
    store = storage.get_store()
    for each in arrived.derived.files if arrived.derived else ():
        store.delete(keys.derived_key(arrived.key, each.edge))
    store.delete(arrived.key)


def _probed(path: Path, *, is_told_of: bool) -> Probe:
    """A gallery keeps what it paid for though it can't be shown; strangers' files have to be."""
    found = probe(path)
    is_kept = is_told_of and found.extension != "bin"
    if found.problem and not is_kept:
        raise LeftOut(WHY_NOT[found.problem])
    return found


def _stored(original: Sealed, found: Probe, ids: Ids, origin: Origin) -> Arrived:
    """Every size is made at once: nobody waits for this picture. Nothing is in the rows yet."""
    derived, problem = sizes.derive_all(original.path, found.problem)
    if problem and origin.image_id is None:
        raise LeftOut(WHY_NOT[problem])
    digest, extension = original.sha256, found.extension
    key = keys.original_key(ids.generation, ids.attempt, 0, digest, extension)
    size_bytes = original.path.stat().st_size
    storage.get_store().put_new(key, original, sha256=digest, content_type=found.mime)
    for file in derived.files if derived else ():
        sizes.put(key, file)
    return Arrived(
        generation_id=ids.generation,
        attempt_id=ids.attempt,
        image_id=ids.image,
        key=key,
        sha256=digest,
        size_bytes=size_bytes,
        mime=found.mime,
        extension=extension,
        width=derived.width if derived else found.width,
        height=derived.height if derived else found.height,
        derived=derived,
        problem=problem,
    )
