"""A TCP proxy on loopback whose line can be made bad while it is in use."""

import contextlib
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PIECE_BYTES = 64 * 1024
TICK_SECONDS = 0.05
RST_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Line:
    """How the line is just now. Changes count at once, also for connections that are open.

    `up` is from the client to the server, `down` the way back. A limit that counts bytes counts
    them for each connection.
    """

    latency_seconds: float = 0.0
    bytes_per_second: float = 0.0  # 0: unlimited
    drips: bool = False  # byte by byte
    is_black_hole: bool = False  # takes everything, passes nothing on
    refuses: bool = False  # new connections are reset at once
    reset_after_up: int | None = None
    reset_after_down: int | None = None
    cuts_after_upload: bool = False  # loses the line once the server begins to answer

    def limit(self, direction: str) -> int | None:
        return self.reset_after_up if direction == "up" else self.reset_after_down


class Proxy:
    """Inside the `with` it listens on `port` and passes everything to a port of loopback.

    `line` may be changed, or replaced by another, at any time.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.line = Line()
        self.connections = 0
        self._pairs: list[Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._is_over = False
        self._listening = threading.Thread(target=self._listen, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._listening.start()
        return self

    def _listen(self) -> None:
        while not self._is_over:
            ready, _, _ = select.select([self._listener], [], [], TICK_SECONDS)
            if ready:
                with contextlib.suppress(OSError):
                    self._meet(self._listener.accept()[0])

    def _meet(self, client: socket.socket) -> None:
        self.connections += 1
        if self.line.refuses:
            reset(client)
            return
        server = socket.socket()
        try:
            server.connect(("127.0.0.1", self.target_port))
        except OSError:
            server.close()
            reset(client)
            return
        pair = Pair(self, client, server)
        self._pairs.append(pair)
        pair.start()

    def cut_all(self) -> None:
        """Reset every connection that is open now."""
        for pair in list(self._pairs):
            pair.reset()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._listening.join()  # it must not look at a socket that is closed
        self._listener.close()
        self.cut_all()

    def forget(self, pair: "Pair") -> None:
        with contextlib.suppress(ValueError):
            self._pairs.remove(pair)


class Pair:
    """Two sockets and a thread for each direction.

    No thread ever blocks in a socket: a socket that is in use can't be reset.
    """

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.ends = {"up": (client, server), "down": (server, client)}
        self.passed = {"up": 0, "down": 0}
        self._is_over = False
        self._left = 2
        self._lock = threading.Lock()
        for end in (client, server):
            end.setblocking(False)

    def start(self) -> None:
        for direction in self.ends:
            threading.Thread(target=self._pump, args=(direction,), daemon=True).start()

    def _pump(self, direction: str) -> None:
        source, target = self.ends[direction]
        try:
            while piece := self._received(source):
                if direction == "down" and self.proxy.line.cuts_after_upload:
                    raise ConnectionAbortedError
                self._pass_on(piece, target, direction)
            target.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):  # ValueError: the socket was closed under select
            self.reset()
        finally:
            self._ended()

    def _received(self, source: socket.socket) -> bytes:
        """The next piece; nothing at the proper end."""
        while not select.select([source], [], [], TICK_SECONDS)[0]:
            self._check()
        return source.recv(PIECE_BYTES)

    def _check(self) -> None:
        if self._is_over:
            raise ConnectionAbortedError

    def _pass_on(self, piece: bytes, target: socket.socket, direction: str) -> None:
        if latency := self.proxy.line.latency_seconds:
            time.sleep(latency)
        while piece:
            while self.proxy.line.is_black_hole:
                self._check()
                time.sleep(TICK_SECONDS)
            now = self._portion(piece, direction)
            if not now:
                raise ConnectionAbortedError
            while not select.select([], [target], [], TICK_SECONDS)[1]:
                self._check()
            sent = target.send(now)
            self.passed[direction] += sent
            piece = piece[sent:]

    def _portion(self, piece: bytes, direction: str) -> bytes:
        """What may pass now, after the wait that it costs; nothing when the line is to break."""
        line = self.proxy.line
        size = 1 if line.drips else len(piece)
        if line.bytes_per_second:
            size = min(size, max(1, int(line.bytes_per_second * TICK_SECONDS)))
            time.sleep(size / line.bytes_per_second)
        limit = line.limit(direction)
        if limit is not None:
            size = min(size, limit - self.passed[direction])
        return piece[: max(0, size)]

    def reset(self) -> None:
        """Both ends, as a crash would: with RST."""
        self._is_over = True
        for end, _ in self.ends.values():
            reset(end)

    def _ended(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left:
                return
        for end, _ in self.ends.values():
            end.close()
        self.proxy.forget(self)


def reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
    end.close()
