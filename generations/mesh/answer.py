"""A body, as JSON or as a stream of events, becomes one Answer. Nothing here talks to a network."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from generations.mesh.errors import AnswerLost, BadAnswer, EmptyAnswer, MeshError
from generations.mesh.findings import Findings, is_error_status
from generations.mesh.parsing import UNREADABLE, decode_json, salvage_items
from generations.mesh.refusals import error_from_status
from generations.mesh.streaming import MAX_FRAME_BYTES, Frame, SSEReader
from generations.mesh.types import Answer, AnswerHead, ImageEvent

MAX_TEXT_BYTES = 20_000

Form = Literal["json", "events", "text"]

_FIELD = re.compile(rb"(?:data|event|id|retry)[:\r\n]")
_FIELD_STARTS = tuple(
    name[:length] for name in (b"data:", b"event:", b"id:", b"retry:") for length in range(1, 7)
)


def read_answer(
    head: AnswerHead,
    chunks: Iterable[bytes],
    *,
    complete: bool = True,
    max_frame_bytes: int = MAX_FRAME_BYTES,
) -> Answer:
    """Reads a stored body; never raises for what is in it: `error` says why no picture came."""
    reader = AnswerReader(head, max_frame_bytes=max_frame_bytes)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.finish(complete=complete)


class AnswerReader:
    def __init__(self, head: AnswerHead, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self._head = head
        self._form: Form | None = None
        self._begun = b""
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._max_bytes = max_frame_bytes
        self._events = SSEReader(max_frame_bytes=max_frame_bytes)
        self._found = Findings(head)
        self.is_done = False
        self._overflowed = False
        self._is_encoded = head.headers.get("content-encoding", "identity").lower() != "identity"

    def feed(self, piece: bytes) -> list[ImageEvent]:
        if self._is_encoded:
            return []
        if self._form is None:
            self._begun = (self._begun + piece).lstrip(b"\xef\xbb\xbf \t\r\n")
            self._form = form_of(self._begun, self._head.content_type)
            if self._form is None:
                return []
            piece, self._begun = self._begun, b""
        if self._form == "events":
            events = self._read_frames(self._events.feed(piece))
            self._overflowed = self._events.overflowed
            return events
        self._keep(piece)
        return []

    def finish(self, *, complete: bool) -> Answer:
        if self._form is None:
            self._form = form_of(self._begun, self._head.content_type, is_whole=True)
            if self._form == "events":
                self._read_frames(self._events.feed(self._begun))
            else:
                self._keep(self._begun)
        if self._is_encoded and not is_error_status(self._head.status):
            error: MeshError | None = self._bad("encoded")
        elif self._form == "events":
            self._read_frames(self._events.finish(), is_cut=not complete)
            error = self._error_of_events()
        else:
            error = self._read_body(complete=complete)
        return self._found.answer(error if self._found.error is None else self._found.error)

    def _keep(self, piece: bytes) -> None:
        self._body_bytes += len(piece)
        if self._form == "text" and self._body_bytes > MAX_TEXT_BYTES:
            return
        if self._body_bytes > self._max_bytes:
            self._overflowed = True
            self._body.clear()
        elif piece:
            self._body.append(piece)

    # A stream of events

    def _read_frames(self, frames: list[Frame], *, is_cut: bool = False) -> list[ImageEvent]:
        events: list[ImageEvent] = []
        for frame in frames:
            if self.is_done:
                self._found.flags.add("data_after_done")
            elif frame.is_done:
                self.is_done = True
            elif frame.data.strip():
                for body in self._bodies_of(frame, is_cut=is_cut):
                    events += self._found.add(body, event=frame.event)
        return events

    def _bodies_of(self, frame: Frame, *, is_cut: bool) -> list[Mapping[str, Any]]:
        """Normally one. Where a sender forgot the blank line between frames, one for each line."""
        body = decode_json(frame.data)
        if isinstance(body, Mapping):
            return [body]
        lines = frame.data.split(b"\n")
        bodies = [decode_json(line) for line in lines] if len(lines) > 1 else []
        read = [body for body in bodies if isinstance(body, Mapping)]
        if read:
            self._found.flags.add("merged_frames")
            return read
        if is_cut:
            items = salvage_items(frame.data)
            self._found.flags |= {"salvaged"} if items else set()
            return [{"data": items}] if items else []
        self._found.flags.add("junk_frame")
        return []

    def _error_of_events(self) -> MeshError | None:
        found, head = self._found, self._head
        if is_error_status(head.status):
            return error_from_status(head, found.error_body)
        if found.items:
            found.flags |= set() if self.is_done else {"no_done"}
            return None
        if self._overflowed:
            return self._bad("answer_too_large")
        if not self.is_done:
            return self._lost()
        if "junk_frame" in found.flags:  # the picture may be in what we couldn't read
            return self._bad("malformed")
        return EmptyAnswer("empty", status=head.status, request_id=head.request_id)

    # One body

    def _read_body(self, *, complete: bool) -> MeshError | None:
        raw = b"".join(self._body)
        self._body.clear()
        body = decode_json(raw) if self._form == "json" else UNREADABLE
        if is_error_status(self._head.status):
            return self._error_of_status(raw, body)
        if self._overflowed:
            return self._bad("answer_too_large")
        if self._form == "text":
            return self._bad("wrong_content") if raw or complete else self._lost()
        if isinstance(body, Mapping):
            return self._read_object(body)
        items = salvage_items(raw)
        if items:
            self._found.flags.add("salvaged")
            self._found.add({"data": items})
            return None
        return self._bad("malformed") if complete else self._lost()

    def _read_object(self, body: Mapping[str, Any]) -> MeshError | None:
        self._found.add(body)
        if self._found.items or self._found.error:
            return None
        if body.get("data") or self._head.status != 200:
            return self._bad("malformed" if self._head.status == 200 else "wrong_content")
        return EmptyAnswer("empty", status=200, request_id=self._head.request_id)

    def _error_of_status(self, raw: bytes, body: object) -> MeshError:
        if isinstance(body, Mapping):
            self._found.read_usage(body)
            if self._found.usage:
                self._found.flags.add("usage_on_error")
        text = raw[:MAX_TEXT_BYTES].decode("utf-8", "replace")
        is_words = body is UNREADABLE and text.lstrip()[:1] not in ("{", "[")
        return error_from_status(
            self._head,
            None if body is UNREADABLE else body,
            text=text if is_words and not self._is_encoded else "",
        )

    def _bad(self, code: str) -> MeshError:
        return BadAnswer(code, status=self._head.status, request_id=self._head.request_id)

    def _lost(self) -> MeshError:
        return AnswerLost(
            "cut", limit="eof", status=self._head.status, request_id=self._head.request_id
        )


def form_of(begun: bytes, content_type: str, *, is_whole: bool = False) -> Form | None:
    """What a body is, by its first bytes and then by its type; None: too early to say."""
    if begun[:1] in (b"{", b"["):
        return "json"
    if begun[:1] == b":" or _FIELD.match(begun):
        return "events"
    if not is_whole and (not begun or begun in _FIELD_STARTS):
        return None
    if content_type == "text/event-stream":
        return "events"
    return "json" if "json" in content_type and begun[:1] != b"<" else "text"
