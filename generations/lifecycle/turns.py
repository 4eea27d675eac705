"""Whose turn it is: fair between people, whatever order their rings came in."""

from django.db.models import Count, Min, QuerySet

from generations.models import Attempt
from generations.models.generation import IN_FLIGHT_STATES, UNFINISHED


def fairest(rows: QuerySet[Attempt]) -> Attempt | None:
    """The attempt that comes first: of the owner with the fewest in flight, then the oldest."""
    waiting = dict(rows.order_by().values_list("owner").annotate(oldest=Min("created_at")))
    if not waiting:
        return None
    busy = dict(
        Attempt.objects.filter(UNFINISHED, state__in=IN_FLIGHT_STATES, owner__in=waiting)
        .values_list("owner")
        .annotate(Count("id"))
    )
    owner = min(waiting, key=lambda one: (busy.get(one, 0), waiting[one]))
    return rows.filter(owner=owner).order_by("created_at", "first_slot").first()
