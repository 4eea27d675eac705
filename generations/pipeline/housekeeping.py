"""What keeps things moving when a part died: bounded steps, each safe to run twice at once."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from generations import bell, lifecycle, storage
from generations.mesh import read_answer
from generations.models import Attempt, AttemptState, Image
from generations.pipeline import run, sizes, spool, stopping, turns
from generations.storage import keys
from generations.storage.base import StoreUnavailable
from generations.transactions import writing

_log = logging.getLogger(__name__)

BATCH = 200
RING_SPACING = (10, 60, 300)  # seconds: a long queue is not a lost queue
QUIET_SECONDS = 3
SPOOL_KEPT = timedelta(hours=24)
TRASH_KEPT = timedelta(days=30)


def sweep() -> None:
    """Everything that waits for a clock."""
    lifecycle.open_due_gates()
    lifecycle.release_held()
    lifecycle.give_up_waiting()
    lifecycle.expire_claims()
    end_lost_sends()
    ring_ready()
    ring_received()
    ring_unfinished_images()


def end_lost_sends() -> None:
    """A silent worker's calls: what its answer proves on this host's disk, else unknown."""
    for attempt in lifecycle.expired_sends(limit=BATCH):
        if not adopt(attempt):
            lifecycle.declare_unknown(attempt, code="worker_lost")


def adopt(attempt: Attempt) -> bool:
    """Whether the spool held enough of the answer to go on from it."""
    stored = spool.find(attempt.pk)
    if stored is None:
        return False
    if not stored.is_whole:
        with turns.turn():
            answer = read_answer(stored.head, stored.chunks(), complete=False)
        if not answer.has_picture:
            return False
    if not run.mark_received(attempt, digest="", size=stored.path.stat().st_size):
        return False
    Attempt.objects.filter(pk=attempt.pk, state=AttemptState.RECEIVED).update(lease_until=None)
    return True


def keep_spool() -> None:
    """This host's answers: adopt what nobody finished, forget what is long and safely stored."""
    ids = spool.attempt_ids() - set(stopping.held_ids())
    rows = Attempt.objects.filter(pk__in=ids).select_related("generation")
    for attempt in rows.filter(state=AttemptState.UNKNOWN)[:BATCH]:
        adopt(attempt)
    old = rows.filter(finished_at__lt=timezone.now() - SPOOL_KEPT)
    for attempt in old.exclude(state=AttemptState.UNKNOWN)[:BATCH]:
        _forget(attempt)


def _forget(attempt: Attempt) -> None:
    images = Image.objects.filter(attempt=attempt)
    store = storage.get_store()
    try:
        if all(store.head(image.key) for image in images):
            spool.remove(attempt.pk)
    except StoreUnavailable:
        return


def store_received(attempt_id: UUID) -> None:
    """Go on with an answer whose worker went away."""
    attempt = lifecycle.take_received(stopping.worker_name(), attempt_id)
    if attempt is None:
        return
    with stopping.holding(attempt.pk):
        if spool.find(attempt.pk) is None:  # it lies on another host
            Attempt.objects.filter(pk=attempt.pk).update(lease_until=None)
            return
        run.decide(attempt)


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
    for rings, seconds in enumerate(RING_SPACING):
        at_least = Q(rings__gte=rings) if rings == len(RING_SPACING) - 1 else Q(rings=rings)
        due |= at_least & Q(rung_at__lt=lifecycle.in_seconds(-seconds))
    ids = list(rows.filter(due).order_by("created_at").values_list("pk", flat=True)[:BATCH])
    if not ids or not bell.ring(task, ids):
        return
    with writing():
        Attempt.objects.filter(pk__in=ids).update(rung_at=Now(), rings=F("rings") + 1)


def ring_unfinished_images() -> None:
    """Pictures that still lack a size a minute after they came."""
    late = Image.objects.filter(
        sizes_done=False, attempt__finished_at__lt=lifecycle.in_seconds(-60)
    ).order_by("created_at")
    ids = list(late.values_list("pk", flat=True)[:20])
    if ids:
        bell.ring(bell.FINISH_IMAGE, ids)


def finish_image(image_id: UUID) -> None:
    image = Image.objects.filter(pk=image_id, sizes_done=False).first()
    if image:
        with turns.turn():
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
