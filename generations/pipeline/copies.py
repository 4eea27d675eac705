"""Answers kept in the database until they are stored: then no host's disk holds the only one."""

from uuid import UUID

from django.conf import settings

from generations.models import FINAL_STATES, AnswerCopy, Attempt, AttemptState
from generations.pipeline import spool, turns


def keep(attempt: Attempt) -> None:
    """Copy the whole answer in this host's spool; in the transaction that marks it received."""
    stored = spool.find(attempt.pk) if settings.SPOOL_COPY else None
    if stored and stored.is_whole:
        content = stored.path.read_bytes()
        AnswerCopy.objects.update_or_create(attempt=attempt, defaults={"content": content})


def fetch(attempt_id: UUID) -> bool:
    """Whether there was a copy; it lies in this host's spool now, as if it had come here."""
    with turns.copying():
        copy = AnswerCopy.objects.filter(attempt=attempt_id).first()
        if copy is None:
            return False
        spool.put_whole(attempt_id, bytes(copy.content))
        return True


def forget(attempt: Attempt) -> None:
    AnswerCopy.objects.filter(attempt=attempt).delete()


def forget_ended() -> None:
    """All but those of unknown outcome: they are evidence."""
    ended = [state for state in FINAL_STATES if state != AttemptState.UNKNOWN]
    AnswerCopy.objects.filter(attempt__state__in=ended).delete()
