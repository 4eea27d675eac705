"""Server-sent events, read as they come: any line ends, any chunking, cost linear in size."""

import re
from dataclasses import dataclass

MAX_FRAME_BYTES = 128 * 1024 * 1024
DONE = b"[DONE]"

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_DONE_LINE = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])data:[ \t]*\[DONE\][ \t]*(?:[\r\n]|\Z)")
_LONGEST_DONE_LINE = 64


@dataclass(frozen=True)
class Frame:
    data: bytes
    event: str = ""
    id: str = ""

    @property
    def is_done(self) -> bool:
        return self.data.strip() == DONE


class SSEReader:
    """Feed it bytes in any pieces; it gives whole frames.

    A `data: [DONE]` line is a frame of its own, also where a sender left out the blank line before
    it. A frame past `max_frame_bytes` sets `overflowed`, and nothing more is read.
    """

    def __init__(self, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self.max_frame_bytes = max_frame_bytes
        self.overflowed = False
        self.comments = 0
        self._line = bytearray()
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = ""
        self._id = ""
        self._after_cr = False
        self._at_start = True

    def feed(self, piece: bytes) -> list[Frame]:
        frames: list[Frame] = []
        if self._after_cr and piece:
            self._after_cr = False
            if piece[:1] == b"\n":
                piece = piece[1:]
        start = 0
        for found in _LINE_END.finditer(piece):
            if self.overflowed:
                return frames
            self._add(piece, start, found.start())
            start = found.end()
            self._after_cr = found.end() == len(piece) and found.group() == b"\r"
            self._end_line(frames)
        self._add(piece, start, len(piece))
        return frames

    def finish(self) -> list[Frame]:
        """What is left when the body has ended: senders forget the last blank line."""
        frames: list[Frame] = []
        if self._line:
            self._end_line(frames)
        self._end_frame(frames)
        return frames

    def _add(self, piece: bytes, start: int, end: int) -> None:
        if self.overflowed or start == end:
            return
        if len(self._line) + self._data_bytes + end - start > self.max_frame_bytes:
            self.overflowed = True
            self._line.clear()
            self._data.clear()
            return
        self._line += memoryview(piece)[start:end]

    def _end_line(self, frames: list[Frame]) -> None:
        line, self._line = self._line, bytearray()
        if self.overflowed:
            return
        if self._at_start:
            self._at_start = False
            if line.startswith(_BOM):
                del line[:3]
        if not line:
            self._end_frame(frames)
        elif line[:1] == b":":
            self.comments += 1
        else:
            self._field(line, frames)

    def _field(self, line: bytearray, frames: list[Frame]) -> None:
        colon = line.find(b":", 0, 16)
        name = bytes(line if colon < 0 else line[:colon])
        if name == b"data":
            self._add_data(line, colon, frames)
        elif name in (b"event", b"id") and colon > 0:
            value = bytes(line[colon + 1 : colon + 200]).decode("utf-8", "replace").strip()
            if name == b"event":
                self._event = value
            else:
                self._id = value

    def _add_data(self, line: bytearray, colon: int, frames: list[Frame]) -> None:
        begin = len(line) if colon < 0 else colon + 1
        if line[begin : begin + 1] == b" ":
            begin += 1
        with memoryview(line) as view:
            value = bytes(view[begin:])
        if len(value) < _LONGEST_DONE_LINE and value.strip() == DONE:
            self._end_frame(frames)
            frames.append(Frame(DONE, event=self._event, id=self._id))
            self._event = ""
            return
        self._data.append(value)
        self._data_bytes += len(value) + 1

    def _end_frame(self, frames: list[Frame]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            frames.append(Frame(data, event=self._event, id=self._id))
        self._data = []
        self._data_bytes = 0
        self._event = ""


class DoneWatch:
    """Watches raw bytes go by for the `data: [DONE]` line; keeps at most one short line."""

    def __init__(self) -> None:
        self.seen = False
        self._tail = b""  # the line begun; with a mark before it where it is not the first
        self._is_long = False

    def feed(self, piece: bytes) -> bool:
        window = piece if self._is_long else self._tail + piece
        if DONE in window and self._found(window):
            self.seen = True
        last = max(window.rfind(b"\n"), window.rfind(b"\r"))
        if last >= 0:
            self._is_long = False
            window = window[last:]
        if not self._is_long:
            self._is_long = len(window) > _LONGEST_DONE_LINE
            self._tail = b"" if self._is_long else bytes(window)
        return self.seen

    def _found(self, window: bytes) -> bool:
        if self._is_long:  # the window begins inside a line
            window = b"x" + window
        return _DONE_LINE.search(window) is not None
