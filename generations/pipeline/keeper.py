"""This host's spool: goes on from answers whose worker died, and forgets what is safely stored."""

import logging
import time
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from generations import lifecycle, storage
from generations.mesh import read_answer
from generations.models import FINAL_STATES, Attempt, AttemptState, Image
from generations.pipeline import copies, journal, run, spool, stopping, turns
from generations.storage.base import StoreError

_log = logging.getLogger(__name__)

BATCH = 200
KEPT = timedelta(hours=24)
JOURNAL_KEPT = timedelta(days=90)
LOST_AFTER = timedelta(hours=24)  # an answer on a host that doesn't come back
QUIET_SECONDS = 120.0  # nobody has written to a .part for so long: its worker is gone

UNKNOWN = AttemptState.UNKNOWN
# Somebody has decided what these cost; what they brought may still lie on a host that was away.
RESOLVED = (AttemptState.RESOLVED_CHARGED, AttemptState.RESOLVED_FREE)
WANTED = (UNKNOWN, AttemptState.RESOLVED_CHARGED)

_looked_at: dict[UUID, tuple[int, float]] = {}  # size and time of answers found to hold no picture


def can_adopt(attempt: Attempt) -> bool:
    """Whether this host's spool holds enough of the answer to go on from it.

    A whole answer is judged when it is stored; a part of one, or one that was judged before, must
    hold a picture.
    """
    stored = spool.find(attempt.pk)
    if stored is None:
        return False
    is_new_and_whole = stored.is_whole and attempt.state not in WANTED
    return is_new_and_whole or _holds_enough(attempt, stored)


def adopt(attempt: Attempt) -> bool:
    """Whether the attempt went on from the answer in the spool."""
    stored = spool.find(attempt.pk) if can_adopt(attempt) else None
    if stored is None:
        return False
    has_picture = attempt.state in WANTED
    if not run.mark_received(attempt, digest="", size=stored.size, has_picture=has_picture):
        return False
    Attempt.objects.filter(pk=attempt.pk, state=AttemptState.RECEIVED).update(lease_until=None)
    return True


def _holds_enough(attempt: Attempt, stored: spool.Stored) -> bool:
    """Every picture asked for, or at least one if nothing more can come."""
    if _looked_at.get(attempt.pk) == stored.stamp:
        return False
    with turns.turn():
        answer = read_answer(stored.head, stored.chunks(), complete=stored.is_whole)
    found = sum(item.is_usable for item in answer.items)
    is_over = stored.is_whole or time.time() - stored.stamp[1] > QUIET_SECONDS
    if found >= attempt.slot_count or (found and is_over):
        return True
    if is_over:
        _looked_at[attempt.pk] = stored.stamp
    return False


def keep_spool() -> None:
    """Late answers beat "unknown"; what is long stored is removed, and scraps with it."""
    ids = spool.attempt_ids() - set(stopping.held_ids())
    rows = Attempt.objects.filter(pk__in=ids).select_related("generation")
    unknown = rows.filter(state__in=WANTED).exclude(pk__in=_settled_looks())
    for attempt in unknown.order_by("created_at")[:BATCH]:
        adopt(attempt)
    old = rows.filter(state__in=FINAL_STATES, finished_at__lt=timezone.now() - KEPT)
    very_old = Q(finished_at__lt=timezone.now() - JOURNAL_KEPT)
    for attempt in old.filter(very_old | ~Q(state__in=RESOLVED)).exclude(state=UNKNOWN)[:BATCH]:
        _forget(attempt)
    copies.forget_ended()
    spool.remove_scraps(older_than=KEPT)
    journal.forget(older_than=JOURNAL_KEPT)


def _settled_looks() -> list[UUID]:
    stamps = ((pk, spool.find(pk)) for pk in list(_looked_at))
    return [pk for pk, stored in stamps if stored and _looked_at[pk] == stored.stamp]


def _forget(attempt: Attempt) -> None:
    images = Image.objects.filter(attempt=attempt)
    store = storage.get_store()
    try:
        if all(store.head(image.key) for image in images):
            spool.remove(attempt.pk)
    except StoreError as error:
        _log.warning("attempt %s stays in the spool: %s", attempt.pk, error)


def store_received(attempt_id: UUID) -> None:
    """Go on with an answer whose worker went away."""
    attempt = lifecycle.take_received(stopping.worker_name(), attempt_id)
    if attempt is None:
        return
    with stopping.holding(attempt.pk):
        if spool.find(attempt.pk) is not None or copies.fetch(attempt.pk):
            run.decide(attempt)
        elif attempt.spool_host == stopping.host_name() or _is_lost(attempt):
            lifecycle.declare_unknown(attempt, code="answer_missing")
        else:  # it lies on another host
            Attempt.objects.filter(pk=attempt.pk).update(lease_until=None)


def _is_lost(attempt: Attempt) -> bool:
    return bool(attempt.received_at and attempt.received_at < timezone.now() - LOST_AFTER)
