"""Addresses of pictures, as a provider's CDN hands them out: each lives for a while."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from generations.sandbox.studio import Picture

LIFE_SECONDS = 3600.0
MAX_BYTES = 256 * 1024 * 1024
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(slots=True)
class Whims:
    """How an address misbehaves before, or instead of, giving its picture."""

    not_found: int = 0
    failing: int = 0
    resetting: int = 0
    expired_status: int = 0
    redirect: str = ""
    seconds: float = 0.0
    hangs: bool = False
    life_seconds: float = LIFE_SECONDS


@dataclass(slots=True)
class Shelf:
    picture: Picture
    whims: Whims
    until: float = field(default=0.0)


class Storeroom:
    def __init__(self) -> None:
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()
        self._bytes = 0

    def keep(self, picture: Picture, whims: Whims) -> str:
        """The path of its address."""
        name = f"{secrets.token_urlsafe(18)}.{EXTENSIONS[picture.mime]}"
        self._shelves[name] = Shelf(picture, whims, time.monotonic() + whims.life_seconds)
        self._bytes += _weight(picture)
        while self._bytes > MAX_BYTES:
            self._forget_oldest()
        return f"/files/{name}"

    def find(self, name: str) -> Shelf | None:
        """An expired one is told apart from one that never was: it is kept, without its life."""
        return self._shelves.get(name)

    def clear(self) -> None:
        self._shelves.clear()
        self._bytes = 0

    def _forget_oldest(self) -> None:
        _, shelf = self._shelves.popitem(last=False)
        self._bytes -= _weight(shelf.picture)


def _weight(picture: Picture) -> int:
    return 0 if picture.is_shared else len(picture.content)
