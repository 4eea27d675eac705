"""Sign-ins as rows: whose, on what device, since when and last seen when.

A row is found by a digest of its key: what is read in the database lets nobody in. It brings its
person along, so that knowing who asks costs one query.
"""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from generations.devices import device_of
from generations.models import Session, User
from generations.transactions import writing

SEEN_EVERY = timedelta(minutes=5)  # no need to write it down more often
FRESH = timedelta(minutes=10)  # so long a proof of who one is counts for what is grave
_PROOF = ("proved_at", "staff_seen_at")


def digest_of(session_key: str) -> str:
    """What a session's row is found by."""
    return hashlib.sha256(session_key.encode(errors="replace")).hexdigest()


class SessionStore(SessionBase):
    """Ends two weeks after the sign-in, however often it is used."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.user_agent = ""
        self._row: Session | None = None
        self._created_at: datetime | None = None
        self._proof: dict[str, datetime] = {}  # of `_PROOF`, what this request brought

    @property
    def user(self) -> User | None:
        """The person whose row it is; whether the sign-in still holds is for `user_of` to say."""
        told = self.get(SESSION_KEY)
        found = self._row.user if self._row else None
        return found if found and told == str(found.pk) else None

    def load(self) -> dict[str, Any]:
        rows = Session.objects.select_related("user")
        key = digest_of(self.session_key or "")
        self._row = rows.filter(key=key, ends_at__gt=timezone.now()).first()
        if self._row is None:
            self._session_key = None
            return {}
        self._created_at = self._row.created_at
        return self.decode(self._row.data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key=digest_of(session_key)).exists()

    def create(self) -> None:
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Raises `UpdateError` when it was ended in the meantime: it doesn't come back."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = timezone.now()
        if must_create:
            self._created_at = self._created_at or now
        fields = {
            "user_id": data.get(SESSION_KEY),
            "data": self.encode(data),
            "ends_at": self.get_expiry_date(),
            "device": device_of(self.user_agent),
            **self._proof,
        }
        key = digest_of(self.session_key)
        with writing():
            if must_create:
                self._insert(key, created_at=self._created_at, seen_at=now, **self._kept, **fields)
            elif not Session.objects.filter(key=key).update(**fields):
                raise UpdateError
        return None

    @property
    def _kept(self) -> dict[str, datetime]:
        """What a row under a new key takes over."""
        known = {name: self._at(name) for name in _PROOF if name not in self._proof}
        return {name: at for name, at in known.items() if at}

    def _at(self, name: str) -> datetime | None:
        return self._proof.get(name) or getattr(self._row, name, None)

    def _insert(self, key: str, **fields: Any) -> None:
        try:
            Session.objects.create(key=key, **fields)
        except IntegrityError as error:
            raise CreateError from error

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            with writing():
                Session.objects.filter(key=digest_of(key)).delete()

    def flush(self) -> None:
        super().flush()
        self._row = self._created_at = None
        self._proof = {}

    def cycle_key(self) -> None:
        """A new key. Its two weeks go on if somebody was signed in, and begin if nobody was."""
        if SESSION_KEY not in self:
            self._created_at = None
        super().cycle_key()

    def get_session_cookie_age(self) -> int:
        age = timezone.now() - (self._created_at or timezone.now())
        return max(0, settings.SESSION_COOKIE_AGE - int(age.total_seconds()))

    def note_seen(self) -> None:
        """Write down, now and then, that it is in use. A page isn't refused for that."""
        row, now = self._row, timezone.now()
        if row and now - row.seen_at > SEEN_EVERY:
            with suppress(DatabaseError), writing():
                Session.objects.filter(pk=row.pk).update(seen_at=now)

    def note_proved(self) -> None:
        """Its person has just shown who they are, with all that sign-in asks for."""
        self._proof["proved_at"] = timezone.now()
        self.modified = True

    @property
    def is_fresh(self) -> bool:
        """Whether that is so short a time ago that something grave may be done."""
        proved_at = self._at("proved_at")
        return proved_at is not None and timezone.now() - proved_at < FRESH

    @property
    def is_staff_near(self) -> bool:
        """Whether staff were at their pages, or showed who they are, a short while ago."""
        known = [at for at in map(self._at, _PROOF) if at]
        return bool(known) and timezone.now() - max(known) < _staff_idle()

    def note_staff(self) -> None:
        """Write down that staff look at their pages, soon enough for `is_staff_near`."""
        seen_at, now = self._at("staff_seen_at"), timezone.now()
        if self._row and (seen_at is None or now - seen_at > _staff_idle() / 60):
            with suppress(DatabaseError), writing():
                Session.objects.filter(pk=self._row.pk).update(staff_seen_at=now)

    @classmethod
    def clear_expired(cls) -> None:
        with writing():
            Session.objects.filter(ends_at__lt=timezone.now()).delete()


def _staff_idle() -> timedelta:
    return timedelta(seconds=settings.STAFF_IDLE_SECONDS)


def note_sign_in(*, request: HttpRequest, **_: Any) -> None:
    """Whichever way somebody came in, they have just shown who they are."""
    session: Any = request.session
    session.note_proved()


def user_of(request: HttpRequest) -> User | AnonymousUser:
    """Who asks. A sign-in made with a password that was changed since is ended."""
    session: Any = request.session
    user = session.user
    if user is None or not user.is_active:
        return AnonymousUser()
    signed = session.get(HASH_SESSION_KEY) or ""
    if constant_time_compare(signed, user.get_session_auth_hash()):
        session.note_seen()
        return user
    if any(constant_time_compare(signed, old) for old in user.get_session_auth_fallback_hash()):
        session.cycle_key()
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return user
    session.flush()
    return AnonymousUser()
