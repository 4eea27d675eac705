"""How much this host holds that is paid, or about to be, and not yet in the store."""

from django.conf import settings
from django.db.models import Q, Sum

from generations.models import Attempt, AttemptState
from generations.models.generation import IN_FLIGHT_STATES, UNFINISHED
from generations.pipeline import spool, stopping

UNSTORED = (AttemptState.RECEIVED, AttemptState.FETCHING)


def size_bytes() -> int:
    """Answers that wait for the store, and room for those on their way."""
    host = stopping.host_name()
    here = Q(state__in=UNSTORED, spool_host=host)
    coming = Q(state__in=IN_FLIGHT_STATES, worker__startswith=f"{host}:")
    found = Attempt.objects.filter(UNFINISHED, here | coming).aggregate(
        waiting=Sum("answer_bytes", filter=here), coming=Sum("slot_count", filter=coming)
    )
    return (found["waiting"] or 0) + (found["coming"] or 0) * spool.EXPECTED_BYTES


def check() -> None:
    """Raises SpoolFull while the store is so far behind that no more may be paid for."""
    if size_bytes() > settings.SPOOL_MAX_BYTES:
        raise spool.SpoolFull("storage_behind")
