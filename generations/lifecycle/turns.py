"""Whose turn it is: fair between people, whatever order their rings came in.

A team may have a most of calls at once. What it has in flight is counted from the attempts
themselves while its row is held, so nothing has to be given back and nothing can be left over.
"""

from uuid import UUID

from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState, Team
from generations.models.generation import IN_FLIGHT_STATES, UNFINISHED


def in_line() -> QuerySet[Attempt]:
    """What a worker may take now, if it finds the room."""
    ready = Attempt.objects.filter(state=AttemptState.READY, not_before__lte=Now())
    return without_full_teams(ready)


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


def without_full_teams(rows: QuerySet[Attempt]) -> QuerySet[Attempt]:
    full = _full_teams()
    return rows.exclude(team__in=full) if full else rows


def _full_teams() -> list[int]:
    flying = _in_flight().filter(team__most_at_once__isnull=False)
    counted = flying.order_by().values_list("team", "team__most_at_once").annotate(Count("id"))
    return [team for team, most, count in counted if count >= most]


def has_place(team_id: int) -> bool:
    """Whether the team may have one more in flight. In the transaction that takes it: of two that
    come at once the second waits here, and counts the first."""
    limited = Team.objects.filter(pk=team_id, most_at_once__isnull=False)
    if not limited.update(most_at_once=F("most_at_once")):
        return True
    most = limited.values_list("most_at_once", flat=True).get()
    return _in_flight().filter(team=team_id).count() < (most or 0)


def next_of_team(team_id: int) -> list[UUID]:
    """Who may go now that a place of a team with a limit is free: one, or nobody."""
    waiting = Attempt.objects.filter(
        state=AttemptState.READY, team=team_id, team__most_at_once__isnull=False
    )
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:1])


def _in_flight() -> QuerySet[Attempt]:
    return Attempt.objects.filter(UNFINISHED, state__in=IN_FLIGHT_STATES)
