"""Event-stream frames: as documented, or in each odd way that is still an event stream."""

from itertools import cycle
from typing import Any

from generations.sandbox.directives import Wishes
from generations.sandbox.splice import Segments, Splicer, joined

PING = b": ping\n\n"
DONE = b"data: [DONE]\n\n"
LOOSE_DONE = b"data:   [DONE]  \n\n"
JUNK = (
    b'data: {"oops": \n\n'
    b"data: hello\n\n"
    b"no colon on this line\n\n"
    b"unknown: field\n\n"
    b"data: [1, 2, 3]\n\n"
    b"data: null\n\n"
    b"data: \xff\xfe not UTF-8\n\n"
)
BOM = b"\xef\xbb\xbf"
# In this order no CR stands before a lone LF: the two would be one line end.
MIXED = (b"\n", b"\r", b"\r\n")
LINE_ENDS = {"crlf": (b"\r\n",), "cr": (b"\r",), "mixed": MIXED}


class FrameWriter:
    """Writes values as frames in the style that the directives ask for."""

    def __init__(self, wishes: Wishes, splicer: Splicer) -> None:
        self._wishes = wishes
        self._splicer = splicer
        self._number = 0
        ends = next((ends for name, ends in LINE_ENDS.items() if name in wishes), (b"\n",))
        self._is_plain = ends == (b"\n",)
        self._ends = cycle(ends)

    def frame(self, value: dict[str, Any], *, kind: str) -> Segments:
        self._number += 1
        opening, field = self._opening(kind), b"data:" if "noblank" in self._wishes else b"data: "
        if "multiline" in self._wishes:
            text = joined(self._splicer.segments(value, indent=0))
            return self.raw(opening + field + text.replace(b"\n", b"\n" + field) + b"\n\n")
        body = [opening + field, *self._splicer.segments(value), b"\n\n"]
        return body if self._is_plain else self.raw(joined(body))

    def raw(self, text: bytes) -> Segments:
        """Text that is in frames already, with the line ends of this stream."""
        if self._is_plain:
            return [text]
        lines = text.split(b"\n")
        return [b"".join(line + next(self._ends) for line in lines[:-1]) + lines[-1]]

    def _opening(self, kind: str) -> bytes:
        if "event" not in self._wishes:
            return b""
        return f"event: image_generation.{kind}\nid: {self._number}\nretry: 3000\n".encode()
