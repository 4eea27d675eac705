"""A server that answers with scripted raw bytes and counts what it was sent."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

CERTIFICATE = Path(__file__).parent / "localhost.pem"


class Wire:
    """The server's end of one connection, once a whole request has come."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.connection = connection
        self.stopping = stopping

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, data: bytes, *, every: float) -> None:
        for byte in data:
            self.send(bytes([byte]))
            self.wait(every)

    def wait(self, seconds: float) -> None:
        self.stopping.wait(seconds)

    def reset(self) -> None:
        """RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


Script = Callable[[Wire], object]


class ScriptedServer:
    """`requests` holds the complete requests, `bytes_in` every byte that came at all."""

    def __init__(self, script: Script, *, tls: bool = False) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.bytes_in = 0
        self.connections = 0
        self._context: ssl.SSLContext | None = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATE)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []

    def __enter__(self) -> "ScriptedServer":
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for_requests(self, count: int, *, seconds: float = 5) -> int:
        until = time.monotonic() + seconds
        while len(self.requests) < count and time.monotonic() < until:
            time.sleep(0.005)
        return len(self.requests)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(lambda connection=connection: self._serve(connection))

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            request = self._read_request(connection)
            if request is not None:
                self.requests.append(request)
                self.script(Wire(connection, self._stopping))
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _read_request(self, connection: socket.socket) -> bytes | None:
        received = b""
        while not is_whole(received):
            data = connection.recv(65536)
            if not data:
                return None
            self.bytes_in += len(data)
            received += data
        return received


def is_whole(request: bytes) -> bool:
    head, found, body = request.partition(b"\r\n\r\n")
    if not found:
        return False
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return len(body) >= (lengths[0] if lengths else 0)


def head(status: str = "200 OK", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


def whole(
    body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json"
) -> bytes:
    return head(status, f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers) + body


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + end


def events(*frames: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A whole event stream in chunks; `end` empty leaves it open."""
    start = head("200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")
    return start + chunked(*frames, end=end)


@contextlib.contextmanager
def serving(answer: bytes | Script, *, tls: bool = False) -> Iterator[ScriptedServer]:
    script: Script = (lambda wire: wire.send(answer)) if isinstance(answer, bytes) else answer
    with ScriptedServer(script, tls=tls) as server:
        yield server
