"""One call: who is told of its steps, which limit comes next, and how it can be ended."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from generations.mesh.errors import AnswerLost, BadAnswer, MeshError, NotSent, SendInterrupted
from generations.mesh.types import AnswerHead, Limits


class Shuttable(Protocol):
    def shutdown(self, how: int, /) -> Any: ...


@dataclass(eq=False)
class Call:
    """For one call; a second use is refused.

    `on_send` runs just before the first byte of the request leaves; what it raises reaches the
    caller unchanged, and then nothing has left. `on_head` runs when the answer's headers are in:
    what it raises also ends the call, so it should not raise while a paid answer is coming.
    """

    request_id: str = ""
    on_send: Callable[[], object] | None = field(default=None, repr=False)
    on_head: Callable[[AnswerHead], object] | None = field(default=None, repr=False)
    aborted: str = field(default="", init=False)
    _socket: Shuttable | None = field(default=None, init=False, repr=False)
    _is_used: bool = field(default=False, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def abort(self, reason: str = "aborted") -> None:
        """Ends the call at once, from any thread, before or while it runs."""
        with self._lock:
            self.aborted = self.aborted or reason or "aborted"
            _shut(self._socket)

    def begin(self) -> None:
        with self._lock:
            if self._is_used:
                raise RuntimeError("a Call is for one call")
            self._is_used = True

    def attach(self, connection: Shuttable | None) -> None:
        """`connection` is what abort() shuts; None when it is about to be closed."""
        with self._lock:
            self._socket = connection
            if self.aborted:
                _shut(connection)


def _shut(connection: Shuttable | None) -> None:
    if connection is None:
        return
    with contextlib.suppress(OSError):  # the other side was quicker
        if isinstance(connection, socket.socket):
            # Past SSLSocket's own shutdown(), which takes TLS away under the thread that reads.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        else:
            connection.shutdown(socket.SHUT_RDWR)


GLANCE_SECONDS = 0.01
LATE_SHARE = 0.05  # of the deadline: so much later it may be when an endless answer is ended


class Watch:
    """The clock of one call, and how far it got. Every wait on the network asks it for its time."""

    def __init__(self, limits: Limits, call: Call | None = None) -> None:
        self.limits = limits
        self.call = call or Call()
        self.deadline = time.monotonic() + limits.deadline_seconds
        self.connect_until = 0.0
        self.write_until = 0.0
        self.heard_at = 0.0
        self.late_until = 0.0
        self.is_sending = False
        self.is_sent = False
        self.has_heard = False
        self.has_head = False
        self.ended = False
        self.write_failed = False
        self.hook_error: BaseException | None = None

    def start_connecting(self) -> None:
        self.connect_until = time.monotonic() + self.limits.connect_seconds

    def start_sending(self) -> None:
        """Tells the caller; from here on bytes may have left."""
        if self.call.aborted or time.monotonic() >= self.deadline:
            raise self.not_sent("not_started" if self.call.aborted else "connect_timeout")
        if self.call.on_send is not None:
            try:
                self.call.on_send()
            except BaseException as error:
                self.hook_error = error
                raise
        self.is_sending = True
        self.write_until = time.monotonic() + self.limits.write_seconds

    def sent(self) -> None:
        self.is_sent = True
        self.heard_at = time.monotonic()

    def heard(self, data: bytes) -> None:
        if data:
            self.has_heard = True
            self.heard_at = time.monotonic()
        else:
            self.ended = True

    def head_came(self, head: AnswerHead) -> None:
        self.has_head = True
        if self.call.on_head is not None:
            self.call.on_head(head)

    def connect_left(self, code: str = "connect_timeout") -> float:
        left = min(self.connect_until, self.deadline) - time.monotonic()
        if left <= 0:
            raise self.not_sent(code)
        return left

    def write_left(self) -> float:
        left = min(self.write_until, self.deadline) - time.monotonic()
        if left <= 0:
            raise self.interrupted()
        return left

    def read_left(self) -> tuple[str, float]:
        """Which limit comes next, and in how many seconds; raises when the deadline is long over.

        When a limit has just come there is a glance left: a process that was stopped, or a machine
        that slept, wakes up late and finds the answer lying there.
        """
        now = time.monotonic()
        silence, name = self.limits.silence_seconds, "silence"
        if not self.has_heard:
            silence, name = self.limits.first_byte_seconds, "first_byte"
        left = (self.heard_at or now) + silence - now
        if self.deadline - now <= left:
            name, left = "deadline", self.deadline - now
        if name == "deadline" and left <= 0:
            self.late_until = self.late_until or now + LATE_SHARE * self.limits.deadline_seconds
            if now >= self.late_until:
                raise self.lost(name)
        return name, max(left, GLANCE_SECONDS)

    def not_sent(self, code: str) -> MeshError:
        return NotSent("not_started" if self.call.aborted else code)

    def interrupted(self) -> MeshError:
        return SendInterrupted("send_interrupted")

    def lost(self, code: str = "") -> MeshError:
        """The connection ended, or a limit fired: what that is, by how far the call got."""
        if not self.is_sending:
            return self.not_sent("refused_connection")
        if not self.has_head and (self.write_failed or not self.is_sent):
            return self.interrupted()
        if self.call.aborted:
            return AnswerLost("aborted", message=self.call.aborted)
        if code:
            return AnswerLost(code)
        return AnswerLost(
            "cut" if self.has_head else "connection_lost", limit="eof" if self.ended else "reset"
        )

    def garbled(self) -> MeshError:
        """What came was no HTTP; a connection that ended early looks like that too."""
        if self.ended or self.call.aborted:
            return self.lost()
        return AnswerLost("cut", limit="garbled") if self.has_head else BadAnswer("bad_head")
