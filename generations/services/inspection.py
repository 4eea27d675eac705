"""Opening a gallery that isn't one's own, with a reason that others can read."""

import logging

from django.utils import timezone

from generations import policy
from generations.errors import GalleryError, NotAllowed
from generations.models import Inspection, Team, TeamEvent, User
from generations.models.inspection import INSPECTION_LASTS, LEAST_REASON
from generations.transactions import writing

OWN = "This is your own gallery: look at it as everybody does."

_log = logging.getLogger(__name__)


def inspect_gallery(actor: User, whose: User | Team, *, reason: str) -> Inspection:
    """Open for half an hour, written down before the first look. Raises NotAllowed."""
    if not policy.can_inspect(actor):
        raise NotAllowed("Only a superuser may look into other people’s galleries.")
    if whose == actor:
        raise GalleryError(OWN, code="own_gallery")
    if len(reason) < LEAST_REASON:
        raise GalleryError(f"Say why, in {LEAST_REASON} letters or more.", code="reason")
    now = timezone.now()
    with writing():
        made = Inspection.objects.create(
            inspector=actor,
            person=whose if isinstance(whose, User) else None,
            team=whose if isinstance(whose, Team) else None,
            reason=reason,
            created_at=now,
            ends_at=now + INSPECTION_LASTS,
        )
        if isinstance(whose, Team):
            until = f"{made.ends_at:%H:%M} UTC"
            said = f"{actor.username} looked in as an operator, until {until} at most: {reason}"
            TeamEvent.objects.create(team=whose, actor=actor, sentence=said)
    _log.warning("Person %s looks into gallery %s: inspection %s", actor.pk, made.space, made.pk)
    return made


def end_inspection(inspection: Inspection) -> None:
    """Before its time is over. May be done twice."""
    with writing():
        rows = Inspection.objects.filter(pk=inspection.pk, ended_at=None)
        rows.update(ended_at=timezone.now())
