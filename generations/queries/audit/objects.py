"""I6: the pictures' rows and the store's objects, walked side by side by their keys."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Collate
from django.utils import timezone

from generations.models import FINAL_STATES, Attempt, AttemptState, Image
from generations.models.image import SEED_PREFIX
from generations.queries.audit.counting import Options, Tally, is_uuid
from generations.storage import get_store
from generations.storage.base import Listed, Missing, Store
from generations.storage.keys import derived_key

COLUMNS = ("key", "sha256", "size_bytes", "edges")
PREFIX = "v1/"  # other prefixes hold what has no row: quarantine, a check's little file
GRACE = timedelta(minutes=10)
# generation / attempt / index-digest, then -edge for a size, then the extension; or a seeded one
KEY = re.compile(r"(v1/[^/]+/([^/]+)/\d+-[0-9a-f]{16}|seed/\d+-[0-9a-f]{16})(?:-(\d+))?\.[a-z0-9]+")
OVER = [state for state in FINAL_STATES if state != AttemptState.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Stray:
    """A picture without its bytes, or an object without a picture."""

    what: str
    key: str
    image: Image | None = None
    edge: int | None = None  # of the size it is about; None: the original


def count_strays(options: Options, tally: Tally) -> None:
    for stray in strays(is_quick=options.is_quick):
        tally.add(f"image {stray.image.pk}" if stray.image else stray.key, stray.what)


def strays(*, is_quick: bool) -> Iterator[Stray]:
    """Whatever doesn't match, looked at once more before it is told: both sides change meanwhile.

    Objects of the last ten minutes, and those of attempts that may still become pictures, are let
    be. Without `is_quick` every original is read, and its SHA-256 compared.
    """
    store, started = get_store(), timezone.now()
    seeded = _side_by_side(_seeded_images(), _pictures(store, SEED_PREFIX))
    for image, found in chain(_side_by_side(_images(), _pictures(store, PREFIX)), seeded):
        if image is None:
            yield from _orphans(found, started)
        elif not found:
            yield from _missing(store, image)
        else:
            yield from _differences(store, image, found, is_quick=is_quick)


def _images() -> Iterator[Image]:
    """By key, as bytes compare: a database of another language would sort otherwise. Of a picture
    and its copies, which have the same key, one that names the most sizes."""
    rows = Image.objects.exclude(key__startswith=SEED_PREFIX)
    ordered = "key" if connection.vendor == "sqlite" else Collate(F("key"), "C")
    found = rows.only(*COLUMNS).order_by(ordered).iterator()
    for _, same in groupby(found, key=lambda image: image.key):
        yield max(same, key=lambda image: len(image.edges))


def _seeded_images() -> Iterator[Image]:
    """One for each of the few objects that a demonstration's pictures share."""
    rows = Image.objects.filter(key__startswith=SEED_PREFIX)
    for key in sorted(rows.order_by().values_list("key", flat=True).distinct()):
        yield from rows.filter(key=key).only(*COLUMNS)[:1]


def _pictures(store: Store, prefix: str) -> Iterator[tuple[str, list[Listed]]]:
    """The objects of each picture, under what their keys begin with."""
    for stem, found in groupby(store.listing(prefix), key=lambda each: stem_of(each.key)):
        yield stem, list(found)


def stem_of(key: str) -> str:
    """What a picture's keys have in common; a key that isn't ours stands alone."""
    match = KEY.fullmatch(key)
    return match[1] if match else key


def _side_by_side(
    images: Iterator[Image], pictures: Iterator[tuple[str, list[Listed]]]
) -> Iterator[tuple[Image | None, list[Listed]]]:
    """Pairs that belong together; who has no partner comes alone."""
    image, picture = next(images, None), next(pictures, None)
    while image or picture:
        if picture and (image is None or picture[0] < stem_of(image.key)):
            yield None, picture[1]
            picture = next(pictures, None)
        elif image and (picture is None or stem_of(image.key) < picture[0]):
            yield image, []
            image = next(images, None)
        elif image and picture:
            yield image, picture[1]
            image, picture = next(images, None), next(pictures, None)


def _orphans(found: Iterable[Listed], started: datetime) -> Iterator[Stray]:
    for each in found:
        if each.changed_at < started - GRACE and is_orphan(each.key):
            yield Stray("is an object without a picture", each.key)


def is_orphan(key: str) -> bool:
    """Whether no row has it now, and no attempt can still become one that has."""
    match = KEY.fullmatch(key)
    if match is None or not is_uuid(match[2] or ""):
        its = Q(key=key) | Q(key__startswith=f"{stem_of(key)}.")
        return not Image.objects.filter(its).exists()
    attempt = Attempt.objects.filter(pk=match[2])
    if attempt.exclude(state__in=OVER).exists():
        return False
    known = Image.objects.filter(attempt__in=attempt).values_list("key", flat=True)
    return match[1] not in map(stem_of, known)


def _missing(store: Store, image: Image) -> Iterator[Stray]:
    """The row was read before the store was: it may be gone, or its object may be there."""
    if not Image.objects.filter(pk=image.pk).exists():
        return
    sizes = [(edge, derived_key(image.key, edge)) for edge, _, _ in image.edges]
    for edge, key in [(None, image.key), *sizes]:
        if store.head(key) is None:
            yield Stray("lacks its original" if edge is None else "lacks a size", key, image, edge)


def _differences(
    store: Store, image: Image, found: list[Listed], *, is_quick: bool
) -> Iterator[Stray]:
    by_key = {each.key: each for each in found}
    original = by_key.get(image.key)
    if original is None or any(
        derived_key(image.key, edge) not in by_key for edge, *_ in image.edges
    ):
        yield from _missing(store, image)
    if original is None:
        return
    if original.size != image.size_bytes:
        yield Stray("has an original of another size", image.key, image)
    elif not is_quick and digest_of(store, image.key) != image.sha256:
        yield Stray("has other bytes than it came with", image.key, image)


def digest_of(store: Store, key: str) -> str:
    """Of the bytes as they are now, read piece by piece; empty if they have gone."""
    digest = hashlib.sha256()
    try:
        for chunk in store.open(key).chunks:
            digest.update(chunk)
    except Missing:
        return ""
    return digest.hexdigest()
