"""What a provider's bill would say: every complete request, and which of them cost money."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Entry:
    requests: int = 0
    billed: int = 0
    images: int = 0
    state: str = "received"
    answered_as: list[str] = field(default_factory=list)


class Call:
    """One request's line. Its state runs received → refused, or → working → answered or lost."""

    def __init__(self, ledger: "Ledger", entry: Entry) -> None:
        self._ledger = ledger
        self._entry = entry

    def bill(self, *, images: int) -> None:
        """From here on it costs, heard or not."""
        self._entry.billed += 1
        self._entry.images += images
        self._entry.state = "working"
        self._ledger.billed += 1
        self._ledger.images += images

    def end(self, state: str) -> None:
        self._entry.state = state


class Ledger:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.requests = 0
        self.billed = 0
        self.images = 0
        self.moderations = 0
        self._by_request_id: dict[str, Entry] = {}
        self._seen: Counter[str] = Counter()
        self._let_in: deque[float] = deque()

    def open(self, *, request_id: str, answered_as: str) -> Call:
        entry = self._by_request_id.setdefault(request_id or answered_as, Entry())
        entry.requests += 1
        entry.state = "received"
        entry.answered_as.append(answered_as)
        self.requests += 1
        return Call(self, entry)

    def times_seen(self, prompt: str) -> int:
        """How often this very prompt has come, this time included."""
        self._seen[prompt] += 1
        return self._seen[prompt]

    def lets_in(self, count: int, *, seconds: float) -> bool:
        """Whether this request is among the first `count` of the last `seconds`; then it counts."""
        now = time.monotonic()
        while self._let_in and self._let_in[0] <= now - seconds:
            self._let_in.popleft()
        if len(self._let_in) >= count:
            return False
        self._let_in.append(now)
        return True

    def report(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "billed": self.billed,
            "images": self.images,
            "moderations": self.moderations,
            "by_request_id": {
                name: {
                    "requests": entry.requests,
                    "billed": entry.billed,
                    "images": entry.images,
                    "state": entry.state,
                    "answered_as": entry.answered_as,
                }
                for name, entry in self._by_request_id.items()
            },
        }
