"""What a page watches: a version per gallery in Redis, and the signed token a poll carries.

Redis holds only a hint. A version is a random word, so a key lost with Redis can't come back with
an old value; without Redis each poll asks the database.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.core import signing
from django.db import transaction

from generations.volatile import ask

TOKEN_SECONDS = 3600
LOOK_SECONDS = 15  # a version lost on its way must not hide a change for longer
VERSION_SECONDS = 86_400


def _key(space: int) -> str:
    return f"watch:space:{space}"


def bump(space: int) -> None:
    """Tell the pages that show this gallery that something in it changed."""
    ask("set", _key(space), secrets.token_hex(6), ex=VERSION_SECONDS)


def bump_on_commit(spaces: Iterable[int]) -> None:
    for space in set(spaces):
        transaction.on_commit(partial(bump, space))


def version(space: int) -> str:
    """The present version; empty when Redis is away or has forgotten."""
    found = ask("get", _key(space))
    return found.decode() if isinstance(found, bytes) else ""


def ensure_version(space: int) -> str:
    """The present version, made if there is none. Read it before the rows it stands for."""
    if found := version(space):
        return found
    ask("set", _key(space), secrets.token_hex(6), ex=VERSION_SECONDS, nx=True)
    return version(space)


class Watched(NamedTuple):
    """One attempt as the page shows it; its state as a small number."""

    attempt: UUID
    state: int

    def pack(self) -> bytes:
        return self.attempt.bytes + bytes([self.state])

    @classmethod
    def unpack_all(cls, packed: bytes) -> "tuple[Watched, ...]":
        pieces = (packed[at : at + 17] for at in range(0, len(packed), 17))
        return tuple(cls(UUID(bytes=piece[:16]), piece[16]) for piece in pieces)


class _Payload(msgspec.Struct, array_like=True):
    user: int
    space: int
    session: str
    version: str
    until: int
    looked: int
    began: int
    eta: int
    watched: bytes


@dataclass(frozen=True, slots=True)
class Token:
    """Who watches what in which gallery, since which version, until when.

    `eta` is when a picture is expected.
    """

    user_id: int
    space: int
    session: str
    version: str
    watched: tuple[Watched, ...]
    eta: int = 0
    began: int = field(default_factory=lambda: int(time.time()))
    looked: int = field(default_factory=lambda: int(time.time()))
    until: int = field(default_factory=lambda: int(time.time()) + TOKEN_SECONDS)

    def sign(self) -> str:
        payload = _Payload(
            self.user_id,
            self.space,
            self.session,
            self.version,
            self.until,
            self.looked,
            self.began,
            self.eta,
            b"".join(watched.pack() for watched in self.watched),
        )
        body = signing.b64_encode(msgspec.msgpack.encode(payload)).decode()
        return f"{body}.{_signature(body)}"

    @classmethod
    def read(cls, text: str) -> "Token | None":
        """The token, or None if it isn't one of ours. An expired one is still returned."""
        body, _, signature = text.rpartition(".")
        if not secrets.compare_digest(_signature(body).encode(), signature.encode()):
            return None
        found = msgspec.msgpack.decode(signing.b64_decode(body.encode()), type=_Payload)
        return cls(
            user_id=found.user,
            space=found.space,
            session=found.session,
            version=found.version,
            watched=Watched.unpack_all(found.watched),
            eta=found.eta,
            looked=found.looked,
            began=found.began,
            until=found.until,
        )

    @classmethod
    def merge(cls, tokens: "Sequence[Token]") -> "Token":
        """One token for all that several watched. Never idle: the rows are asked once."""
        first, *others = tokens
        if not others:
            return first
        return replace(
            first,
            version="",
            watched=tuple({w.attempt: w for token in tokens for w in token.watched}.values()),
            began=min(token.began for token in tokens),
        )

    def is_idle(self, session_key: str) -> bool:
        """Nothing changed, as far as one Redis key can tell, for the session it was made for."""
        return (
            bool(self.version)
            and time.time() < min(self.until, self.looked + LOOK_SECONDS)
            and secrets.compare_digest(self.session, session_digest(session_key))
            and version(self.space) == self.version
        )

    def next_poll_seconds(self) -> float:
        """Rare while a picture can't be there yet, dense near its expected end, slower with age."""
        now = time.time()
        age = now - self.began
        if not self.eta:
            return 0.5 if age < 5 else min(3.0, 0.5 + age / 30)
        if (left := self.eta - now) > 1:
            return min(2.5, max(0.5, left / 2))
        return 0.4 if left > -10 else min(4.0, -left / 10)


def session_digest(session_key: str) -> str:
    """Enough of a session's key to recognise it, too little to take it over."""
    if not session_key:
        return ""
    material = f"{settings.SECRET_KEY}{session_key}".encode()
    return hashlib.blake2b(material, digest_size=8, person=b"watch").hexdigest()


@cache
def _signing_key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"watch-token").digest()


def _signature(body: str) -> str:
    digest = hashlib.blake2b(body.encode(), key=_signing_key(settings.SECRET_KEY), digest_size=16)
    return digest.hexdigest()
