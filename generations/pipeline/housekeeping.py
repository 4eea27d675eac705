"""What keeps things moving when a part died: bounded steps, each safe to run twice at once."""

import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from generations import bell, ledger, lifecycle, policy, storage
from generations.models import Attempt, AttemptState, Heartbeat, Image
from generations.models.generation import UNFINISHED
from generations.models.heartbeat import SCHEDULER
from generations.models.image import SEED_PREFIX
from generations.pipeline import keeper, moderation, sizes, turns
from generations.storage import keys
from generations.transactions import writing

_log = logging.getLogger(__name__)

BATCH = 200
RING_SPACING = (10, 60, 300)  # seconds: a long queue is not a lost queue
QUIET_SECONDS = 3
RING_AGAIN_SECONDS = 60.0
HEARTBEAT_SECONDS = 30  # no need to write it down more often
EMPTYING_SECONDS = 10.0
UNFINISHED_SECONDS = 600  # whose sizes aren't made by then, they aren't being made

_image_rings: dict[UUID, float] = {}
_check_rings: dict[UUID, float] = {}


def sweep() -> None:
    """Everything that waits for a clock. A step that fails leaves the others their turn."""
    steps = (
        lifecycle.probe_due_gates,
        lifecycle.release_held,
        lifecycle.cancel_forgotten,
        lifecycle.give_up_waiting,
        lifecycle.expire_claims,
        end_lost_sends,
        ring_ready,
        ring_received,
        ring_unfinished_images,
        ledger.add_up,
        ring_checks,
    )
    for step in steps:
        guarded(step)


def note_alive() -> None:
    """The scheduler runs: without this for minutes, pages say so."""
    lately = Q(beat_at__gt=lifecycle.in_seconds(-HEARTBEAT_SECONDS))
    with writing():
        row, is_new = Heartbeat.objects.get_or_create(name=SCHEDULER, defaults={"beat_at": Now()})
        if not is_new:
            Heartbeat.objects.filter(pk=row.pk).exclude(lately).update(beat_at=Now())


def guarded(work: Callable[[], object]) -> None:
    """Do a piece of upkeep; whatever goes wrong is told, and it is done again at its next turn."""
    try:
        work()
    except Exception as error:  # noqa: BLE001  # upkeep must outlive any fault of its parts
        _log.exception("%s will be tried again: %s", work.__name__, error)
        connection.close()


def end_lost_sends() -> None:
    """A silent worker's calls: what its answer proves on this host's disk, else unknown."""
    for attempt in lifecycle.expired_sends(limit=BATCH):
        if not keeper.adopt(attempt):
            lifecycle.declare_unknown(attempt, code="worker_lost", if_expired=True)


def ring_ready() -> None:
    """Ring again for rows in line whose ring may have been lost."""
    _ring_spaced(lifecycle.in_line(), bell.RUN_ATTEMPT)


def ring_received() -> None:
    free = Q(lease_until__lt=Now()) | Q(lease_until=None)
    unstored = [AttemptState.RECEIVED, AttemptState.FETCHING]
    rows = Attempt.objects.filter(UNFINISHED, free, state__in=unstored)
    _ring_spaced(rows, bell.STORE_ATTEMPT)


def _ring_spaced(rows: QuerySet[Attempt], task: str) -> None:
    due = Q(rung_at=None)
    if bell.is_quiet():  # nothing queued: earlier rings were used up, or lost with Redis
        due |= Q(rung_at__lt=lifecycle.in_seconds(-QUIET_SECONDS))
    last = len(RING_SPACING) - 1
    for rings, seconds in enumerate(RING_SPACING):
        counted = Q(rings__gte=rings) if rings == last else Q(rings=rings)
        due |= counted & Q(rung_at__lt=lifecycle.in_seconds(-seconds))
    ids = list(rows.filter(due).order_by("created_at").values_list("pk", flat=True)[:BATCH])
    if not ids or not bell.ring(task, ids):
        return
    with writing():
        Attempt.objects.filter(pk__in=ids).update(rung_at=Now(), rings=Least(F("rings") + 1, last))


def ring_unfinished_images() -> None:
    """Pictures that still lack a size a minute after they came."""
    late = Image.objects.filter(
        sizes_done=False, attempt__finished_at__lt=lifecycle.in_seconds(-60)
    )
    _ring_once_a_minute(late.order_by("created_at"), bell.FINISH_IMAGE, _image_rings)


def ring_checks() -> None:
    """Prompts and pictures whose check is due, and who should have made it hasn't."""
    if settings.MODERATION == moderation.OFF:
        moderation.stop_waiting()
        return
    late = moderation.waiting().filter(due_at__lt=lifecycle.in_seconds(-QUIET_SECONDS))
    _ring_once_a_minute(late.order_by("due_at"), bell.MODERATE, _check_rings)


def _ring_once_a_minute(rows: QuerySet[Any], task: str, rings: dict[UUID, float]) -> None:
    """For the first twenty; `rings` is when who of them was rung for."""
    now = time.monotonic()
    recent = {pk: rung for pk, rung in rings.items() if now - rung < RING_AGAIN_SECONDS}
    ids = list(rows.exclude(pk__in=recent).values_list("pk", flat=True)[:20])
    if ids and bell.ring(task, ids):
        rings.clear()
        rings.update(recent | dict.fromkeys(ids, now))


def finish_image(image_id: UUID) -> None:
    """Make the sizes a picture still lacks."""
    with turns.turn():
        image = Image.objects.filter(pk=image_id, sizes_done=False).first()
        if image:
            sizes.finish_from_store(image)


def empty_trash() -> None:
    """Pictures thrown away thirty days ago, or deleted for good, lose their bytes, then their row.

    Bounded in time: the next turn goes on. May run twice at once, and may be cut off anywhere.
    """
    until = time.monotonic() + EMPTYING_SECONDS
    while time.monotonic() < until:
        old = list(_given_up().values_list("pk", flat=True)[:BATCH])
        for pk in old:
            _delete_for_good(pk)
        if len(old) < BATCH:
            return


def _given_up() -> QuerySet[Image]:
    """Not while its sizes are being made: what comes after the row has gone is an orphan."""
    over = Q(sizes_done=True) | Q(
        attempt__finished_at__lt=lifecycle.in_seconds(-UNFINISHED_SECONDS)
    )
    return Image.objects.filter(over, trashed_at__lt=timezone.now() - policy.TRASH_KEPT)


def _delete_for_good(image_id: UUID) -> None:
    """Its owner may have it back until the very moment when nobody can any more."""
    with writing():
        taken = _given_up().filter(pk=image_id).update(trashed_at=policy.GIVEN_UP)
    given_up = Image.objects.filter(pk=image_id, trashed_at=policy.GIVEN_UP)
    image = given_up.select_related("attempt").first() if taken else None
    if image is None:
        return
    if not _is_shown_by_others(image):
        _delete_objects(image)
    if image.attempt.is_vacant and not image.is_copy:
        # Of several pictures in one call one never came: it has a tile.
        lifecycle.dismiss(image.attempt, image.slot)
    with writing():
        image.delete()


def _is_shown_by_others(image: Image) -> bool:
    """Whether the bytes are other rows', too: a demonstration's, or those of a picture's copies.

    A row that was given up doesn't count: of two that go at once each would wait for the other. No
    copy can be made any more of what nobody else has, because only what hangs is copied, with its
    row held.
    """
    if image.key.startswith(SEED_PREFIX):
        return True
    same = Image.objects.filter(attempt=image.attempt_id, key=image.key)
    return same.exclude(pk=image.pk).exclude(trashed_at=policy.GIVEN_UP).exists()


def _delete_objects(image: Image) -> None:
    """The original last: as long as it is there, so is a trace of the others."""
    store = storage.get_store()
    for edge, _, _ in image.edges:
        store.delete(keys.derived_key(image.key, edge))
    store.delete(image.key)
