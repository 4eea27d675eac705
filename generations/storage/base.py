"""What a store of pictures can do, and how it says that it can't.

StoreError
├── Missing             no object under this key
├── KeyTaken            other bytes are there already; nothing was written
├── WrongChecksum       the bytes are not those of the digest; nothing was written
├── OutOfRange          the object ends before the asked-for start
├── BadKey              not one of our keys
└── StoreUnavailable    away, full or refusing us; also an `Unavailable` for people
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from generations.errors import Unavailable

CHUNK_BYTES = 256 * 1024
MAX_KEY_LENGTH = 512
# Our own parts only: no dots first, so neither `..` nor hidden names; nothing to escape anywhere.
PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
KEY = re.compile(rf"{PART}(?:/{PART})*")
PREFIX = re.compile(rf"(?:{PART}(?:/{PART})*/?)?")
DIGEST = re.compile(r"[0-9a-f]{64}")


class StoreError(Exception):
    pass


class Missing(StoreError):
    pass


class KeyTaken(StoreError):
    pass


class WrongChecksum(StoreError):
    pass


class OutOfRange(StoreError):
    pass


class BadKey(StoreError):
    pass


class StoreUnavailable(StoreError, Unavailable):
    """Its text is a sentence for people, without keys, secrets or addresses of ours."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    size: int
    sha256: str | None  # hex; None where the store can't tell without reading the object


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells of it; `changed_at` is when it was written, by the store."""

    key: str
    size: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`size` is the whole object's, `length` what `chunks` will bring of it.

    Reading to the end closes it; who stops earlier calls `close`.
    """

    size: int
    length: int
    chunks: Iterator[bytes]

    def close(self) -> None:
        if close := getattr(self.chunks, "close", None):
            close()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that was hashed as it was written, and that nobody writes to any more.

    A store on the same file system takes it as it is and copies nothing. Who needs the name again
    removes the file and makes a new one.
    """

    path: Path
    sha256: str


Source = Path | bytes | Sealed


class Store(Protocol):
    def put_new(self, key: str, source: Source, *, sha256: str, content_type: str) -> bool:
        """True: written and durable. False: the same bytes were there already.

        Never replaces anything, so it may be repeated. Raises `KeyTaken`, `WrongChecksum`,
        `StoreUnavailable`.
        """

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> StoredObject:
        """The object, or `length` bytes of it from `start`. Raises `Missing` or `OutOfRange` at
        once; `StoreUnavailable` also while its chunks are read."""

    def head(self, key: str) -> ObjectInfo | None:
        """None if there is no such object."""

    def delete(self, key: str) -> None:
        """Also right if it is gone already."""

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        """Every object whose key begins so, without holding them all.

        In the store's own order; pictures, whose keys are built alike, come sorted by key.
        """

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys of `listing`."""

    def signed_url(
        self,
        key: str,
        *,
        seconds: int,
        content_type: str,
        filename: str = "",
        attachment: bool = False,
    ) -> str | None:
        """An address that shows this one object for a while; None where we stream it ourselves."""

    def check(self) -> None:
        """A quick round trip; raises `StoreUnavailable` with one sentence."""


def checked_key(key: str) -> str:
    if len(key) > MAX_KEY_LENGTH or not KEY.fullmatch(key):
        raise BadKey("not a key of ours")
    return key


def checked_prefix(prefix: str) -> str:
    if len(prefix) > MAX_KEY_LENGTH or not PREFIX.fullmatch(prefix):
        raise BadKey("not a prefix of our keys")
    return prefix


def checked_digest(sha256: str) -> str:
    if not DIGEST.fullmatch(sha256):
        raise WrongChecksum("not a SHA-256 in lower-case hex")
    return sha256


def length_within(size: int, *, start: int, length: int | None) -> int:
    """How many bytes a range brings; raises `OutOfRange` where HTTP would say 416."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError("start and length count from 0")
    if start > size or (start == size and size > 0):
        raise OutOfRange(f"the object has {size} bytes")
    rest = size - start
    return rest if length is None else min(length, rest)


def opened(source: Source) -> BinaryIO:
    """The bytes to store, as a file. A source that can't be read is not the store's fault."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return (source.path if isinstance(source, Sealed) else source).open("rb")


def safe_filename(filename: str) -> str:
    """ASCII that needs no quoting rules in a header."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", filename).strip(".-")[:100]


def disposition(filename: str, *, attachment: bool) -> str:
    """The Content-Disposition value of RFC 6266."""
    kind = "attachment" if attachment else "inline"
    name = safe_filename(filename)
    return f'{kind}; filename="{name}"' if name else kind
