"""What keeps things moving when a part died: bounded steps, each safe to run twice at once."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from generations import bell, lifecycle, storage
from generations.models import Attempt, AttemptState, Image
from generations.pipeline import keeper, sizes, turns
from generations.storage import keys
from generations.transactions import writing

_log = logging.getLogger(__name__)

BATCH = 200
RING_SPACING = (10, 60, 300)  # seconds: a long queue is not a lost queue
QUIET_SECONDS = 3
IMAGE_RING_SECONDS = 60.0
TRASH_KEPT = timedelta(days=30)

_image_rings: dict[UUID, float] = {}


def sweep() -> None:
    """Everything that waits for a clock. A step that fails leaves the others their turn."""
    steps = (
        lifecycle.open_due_gates,
        lifecycle.release_held,
        lifecycle.give_up_waiting,
        lifecycle.expire_claims,
        end_lost_sends,
        ring_ready,
        ring_received,
        ring_unfinished_images,
    )
    for step in steps:
        guarded(step)


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
    rows = Attempt.objects.filter(state=AttemptState.READY, not_before__lte=Now())
    _ring_spaced(rows, bell.RUN_ATTEMPT)


def ring_received() -> None:
    free = Q(lease_until__lt=Now()) | Q(lease_until=None)
    rows = Attempt.objects.filter(free, state__in=[AttemptState.RECEIVED, AttemptState.FETCHING])
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
    now = time.monotonic()
    recent = [pk for pk, rung in _image_rings.items() if now - rung < IMAGE_RING_SECONDS]
    late = Image.objects.filter(
        sizes_done=False, attempt__finished_at__lt=lifecycle.in_seconds(-60)
    ).exclude(pk__in=recent)
    ids = list(late.order_by("created_at").values_list("pk", flat=True)[:20])
    if ids and bell.ring(bell.FINISH_IMAGE, ids):
        _image_rings.clear()
        _image_rings.update(dict.fromkeys([*recent, *ids], now))


def finish_image(image_id: UUID) -> None:
    """Make the sizes a picture still lacks."""
    with turns.turn():
        image = Image.objects.filter(pk=image_id, sizes_done=False).first()
        if image:
            sizes.finish_from_store(image)


def empty_trash() -> None:
    """Pictures thrown away thirty days ago lose their bytes, then their row."""
    old = Image.objects.filter(trashed_at__lt=timezone.now() - TRASH_KEPT)
    for image in old[:BATCH]:
        store = storage.get_store()
        for edge, _, _ in image.edges:
            store.delete(keys.derived_key(image.key, edge))
        store.delete(image.key)
        image.delete()
