"""JSON with big strings in it that are never copied: two hundred answers can share one picture."""

import json
import secrets
from typing import Any

Segments = list[bytes | memoryview]


class Splicer:
    """Stand-ins for big strings while the JSON is built; they need no escaping."""

    def __init__(self) -> None:
        self._mark = f"@@{secrets.token_hex(8)}"
        self._blobs: list[Segments] = []

    def stand_in(self, *parts: bytes) -> str:
        self._blobs.append(list(parts))
        return f"{self._mark}.{len(self._blobs) - 1}@@"

    def segments(self, value: Any, *, indent: int | None = None) -> Segments:
        """The JSON of the value, with each stand-in's bytes in its place."""
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        first, *rest = text.split(self._mark + ".")
        found: Segments = [first.encode("utf-8", "replace")]
        for part in rest:
            number, _, after = part.partition("@@")
            found += [*self._blobs[int(number)], after.encode("utf-8", "replace")]
        return found


def joined(segments: Segments) -> bytes:
    return b"".join(segments)


def first_half(segments: Segments) -> Segments:
    left = sum(len(segment) for segment in segments) // 2
    kept: Segments = []
    for segment in segments:
        kept.append(memoryview(segment)[:left])
        left -= len(kept[-1])
        if not left:
            break
    return kept
