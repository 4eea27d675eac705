"""Notices that the database was restored from a backup, and stops before it pays twice."""

import contextlib
import logging
import sqlite3
import threading

from generations import lifecycle
from generations.models import Attempt, AttemptState
from generations.pipeline import journal

_log = logging.getLogger(__name__)

NEWEST = 20
UNSENT = (AttemptState.READY, AttemptState.HELD, AttemptState.CLAIMED)


_has_looked = threading.Event()


def look_first() -> None:
    """Nothing is claimed by this process before it has looked once."""
    if not _has_looked.is_set():
        with contextlib.suppress(sqlite3.Error):  # whoever sends asks the journal again
            look()


def look() -> None:
    """Close the account's gate if this host has sent what the database knows nothing of.

    The prompts that wait in such a database may have been sent before, by this host or another.
    They wait on until somebody has looked and opens the gate.
    """
    sends = journal.unreviewed(most=NEWEST)
    known = Attempt.objects.filter(pk__in=sends, sent_at__isnull=False)
    if not sends or known.count() == len(sends):
        _has_looked.set()
        return
    waiting = Attempt.objects.filter(state__in=UNSENT).count()
    if waiting:
        _log.error("The database is older than the last sends: %s prompts are held.", waiting)
        lifecycle.close_gate(lifecycle.ACCOUNT_GATE, seconds=None, reason="restored")
    journal.review()
    _has_looked.set()
