"""Slowing down who tries too often: a pause that doubles, never a lock.

A try is counted before it is made, so that a hundred at once aren't one; what succeeds is given
back. The counters are rows: without the database nobody is let in.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from generations import wording
from generations.errors import GalleryError
from generations.models import Throttle
from generations.transactions import writing


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries are free; after each further one the pause doubles, up to the longest."""

    name: str
    free: int
    longest_seconds: int
    forget_after: timedelta = timedelta(hours=1)

    def pause(self, tries: int) -> timedelta:
        if tries <= self.free:
            return timedelta(0)
        return timedelta(seconds=min(self.longest_seconds, 2 ** min(tries - self.free, 20)))


SIGN_IN = Limit("sign in", free=5, longest_seconds=60)
SIGN_IN_FROM = Limit("sign in from", free=100, longest_seconds=300)  # a class that begins at once
PASSWORD = Limit("own password", free=5, longest_seconds=60)
CODE = Limit("code", free=5, longest_seconds=900)  # who guesses at it knows the password
RESET = Limit("reset", free=2, longest_seconds=3600, forget_after=timedelta(days=1))
RESET_FROM = Limit("reset from", free=10, longest_seconds=900)
SIGN_UP_FROM = Limit("sign up from", free=30, longest_seconds=600)
RENAME = Limit("rename", free=10, longest_seconds=600)
LETTER = Limit("letter", free=3, longest_seconds=3600, forget_after=timedelta(days=1))
INVITE = Limit("invite", free=30, longest_seconds=3600, forget_after=timedelta(days=1))
SHARED = Limit("shared password", free=3, longest_seconds=60)
SHARED_FROM = Limit("shared password from", free=30, longest_seconds=300)
EXPORT = Limit("export", free=3, longest_seconds=1800)


# Of what needn't rest: "now" would be later than the now of whoever tries at the same moment.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class TooSoon(GalleryError):
    code = "too_soon"
    status = 429

    def __init__(self, wait: timedelta) -> None:
        self.seconds = ceil(wait.total_seconds())
        told = wording.count(self.seconds, "second")
        if self.seconds >= 90:
            told = wording.count(ceil(self.seconds / 60), "minute")
        super().__init__(f"That was tried too often. Wait {told}, then try again.")


class Turn(NamedTuple):
    """A try, counted for a person, an address or a network."""

    limit: Limit
    whose: str

    @property
    def key(self) -> str:
        material = f"{self.limit.name}\n{self.whose}".encode(errors="replace")
        return hmac.new(settings.SECRET_KEY.encode(), material, hashlib.sha256).hexdigest()


def folded(name: str) -> str:
    """One spelling for all that could be meant by it."""
    return unicodedata.normalize("NFKC", name[:254]).casefold().strip()


def of_sign_in(name: str, browser: str = "") -> Turn:
    """Tries at a person's sign-in, in a browser that is known as theirs or anywhere else."""
    return Turn(SIGN_IN, f"{folded(name)}\n{browser}")


def of_code(user_id: int, browser: str = "") -> Turn:
    """Tries at a person's second factor."""
    return Turn(CODE, f"{user_id}\n{browser}")


def take(*turns: Turn) -> None:
    """Count a try. Raises `TooSoon` while any of them rests; then none is counted."""
    ordered = sorted(turns, key=lambda turn: turn.key)  # one order for all: no deadlock
    with writing():
        now = timezone.now()
        rows = [_row(turn, now) for turn in ordered]
        wait = max(row.rests_until for row in rows) - now
        if wait > timedelta(0):
            raise TooSoon(wait)
        for turn, row in zip(ordered, rows, strict=True):
            row.tries += 1
            pause = turn.limit.pause(row.tries)
            row.rests_until = now + pause if pause else LONG_AGO
            row.forget_at = now + pause + turn.limit.forget_after
            row.save(update_fields=["tries", "rests_until", "forget_at"])


def give_back(*turns: Turn) -> None:
    """It succeeded: as if it had not been tried. Earlier tries in vain still count."""
    with writing():
        Throttle.objects.filter(key__in=[turn.key for turn in turns]).update(
            tries=Greatest(F("tries") - 1, 0), rests_until=LONG_AGO
        )


def forgive(*turns: Turn) -> None:
    """Nothing is counted any more."""
    with writing():
        Throttle.objects.filter(key__in=[turn.key for turn in turns]).delete()


def forget_old() -> None:
    with writing():
        Throttle.objects.filter(forget_at__lt=timezone.now()).delete()


def _row(turn: Turn, now: datetime) -> Throttle:
    """The locked row, as new if it is old."""
    fresh = {"tries": 0, "rests_until": LONG_AGO, "forget_at": now + turn.limit.forget_after}
    row = None
    while row is None:  # who signs in at this moment deletes the row
        Throttle.objects.get_or_create(key=turn.key, defaults=fresh)
        row = Throttle.objects.select_for_update().filter(key=turn.key).first()
    if row.forget_at < now:
        row.tries, row.rests_until = 0, LONG_AGO
    return row
