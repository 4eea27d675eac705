"""An HTTP front before the picture store that answers as a troubled one would.

Requests pass word for word, signature and all, on a connection of their own each.
"""

import http.client
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "expect"})


@dataclass
class Trouble:
    """What goes wrong just now; may be replaced at any time.

    `error_share` of all requests is answered 500 or 503, half of those after the store has done
    what was asked. `refuses_first` answers so many tries of each write with 503, doing nothing.
    `loses_first_answer`: the first try of each write is done, and never answered.
    """

    error_share: float = 0.0
    refuses_first: int = 0
    loses_first_answer: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(19))


class StoreFront:
    """Inside the `with` it listens on `port`; `caused` counts what went wrong by its doing."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.trouble = Trouble()
        self.caused = 0
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="front", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def error_for(self, command: str, path: str) -> int | None:
        with self._lock:
            self._tries[path] += command == "PUT"
            if command == "PUT" and self._tries[path] <= self.trouble.refuses_first:
                self.caused += 1
                return 503
            if self.trouble.chance.random() >= self.trouble.error_share:
                return None
            self.caused += 1
            return self.trouble.chance.choice((500, 503))

    def is_done_first(self) -> bool:
        with self._lock:
            return not self.trouble.refuses_first and self.trouble.chance.random() < 0.5

    def loses(self, command: str, path: str) -> bool:
        with self._lock:
            is_lost = self.trouble.loses_first_answer and command == "PUT"
            is_lost = is_lost and self._tries[path] == 1
            self.caused += is_lost
            return is_lost


def _handler_of(front: StoreFront) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            error = front.error_for(self.command, self.path)
            answer = None if error and not front.is_done_first() else self._ask(body)
            if front.loses(self.command, self.path):
                self.close_connection = True
            elif error:
                self._say(error, [], b"")
            elif answer:
                self._say(*answer)

        def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            store = http.client.HTTPConnection("127.0.0.1", front.target_port, timeout=60)
            try:
                kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                store.request(self.command, self.path, body, kept)
                answer = store.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                store.close()

        def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            told = {name.lower(): value for name, value in headers}.get("content-length")
            is_head = self.command == "HEAD"
            self.send_header("Content-Length", told or "0" if is_head else str(len(body)))
            self.end_headers()
            if not is_head:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    for command in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{command}", Handler._pass)
    return Handler
