"""What this host has ever sent, kept outside the database.

A database restored from a backup has forgotten that attempts were sent, and would send them again.
The journal lies beside the spool, so it remembers: an attempt in it is never sent a second time.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from generations.pipeline import spool

NAME = "sent.journal"
BUSY_SECONDS = 10.0
# Written on every send: safe against the process dying, and a power cut costs the last lines only.
_SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS sent (
    place INTEGER PRIMARY KEY AUTOINCREMENT, attempt TEXT UNIQUE NOT NULL, sent_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS reviewed (place INTEGER NOT NULL);
"""


class SentBefore(Exception):
    """The attempt is in the journal: it must not be sent."""


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    """One transaction; raises sqlite3.Error when the journal can't be read or written."""
    journal = sqlite3.connect(spool.directory() / NAME, timeout=BUSY_SECONDS)
    try:
        if not journal.execute("SELECT 1 FROM sqlite_master WHERE name = 'reviewed'").fetchone():
            _lay_out(journal)
        journal.execute("PRAGMA synchronous=NORMAL")
        with journal:
            yield journal
    finally:
        journal.close()


def _lay_out(journal: sqlite3.Connection) -> None:
    """By one process at a time: those that change a new file's mode together don't wait."""
    folder = os.open(spool.directory(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        journal.executescript(_SCHEMA)
    finally:
        os.close(folder)


@contextmanager
def noting(attempt_id: UUID) -> Iterator[None]:
    """Write down that the attempt is sent, if what stands inside (marking it so) succeeds.

    Raises SentBefore if it was noted before, sqlite3.Error if it can't be: then not going inside.
    Nobody waits for what is inside: it may be slow, and the journal has one writer at a time.
    """
    with _opened() as journal:
        _check(journal, attempt_id)
        yield
        line = (str(attempt_id), time.time())
        journal.execute("INSERT INTO sent (attempt, sent_at) VALUES (?, ?)", line)


def _check(journal: sqlite3.Connection, attempt_id: UUID) -> None:
    journal.execute("BEGIN IMMEDIATE")  # as for writing
    found = journal.execute("SELECT 1 FROM sent WHERE attempt = ?", (str(attempt_id),)).fetchone()
    journal.rollback()
    if found:
        raise SentBefore(str(attempt_id))


def has(attempt_id: UUID) -> bool:
    with _opened() as journal:
        found = journal.execute("SELECT 1 FROM sent WHERE attempt = ?", (str(attempt_id),))
        return found.fetchone() is not None


def unreviewed(*, most: int) -> list[UUID]:
    """The newest sends since the last `review()`, newest first."""
    with _opened() as journal:
        rows = journal.execute(
            "SELECT attempt FROM sent"
            " WHERE place > (SELECT coalesce(max(place), 0) FROM reviewed)"
            " ORDER BY place DESC LIMIT ?",
            (most,),
        )
        return [UUID(attempt) for (attempt,) in rows]


def review() -> None:
    """A restored database has been noticed: what was sent before says nothing about the next."""
    with _opened() as journal:
        journal.execute("INSERT INTO reviewed SELECT coalesce(max(place), 0) FROM sent")


def forget(*, older_than: timedelta) -> None:
    with _opened() as journal:
        too_old = time.time() - older_than.total_seconds()
        journal.execute("DELETE FROM sent WHERE sent_at < ?", (too_old,))
