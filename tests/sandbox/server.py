"""The sandbox as a process of its own, and a caller that sees every byte of its answers."""

import contextlib
import json
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEY = "rsk_test_key"
MODEL = "openai/gpt-image-1"
PATIENCE_SECONDS = 20.0


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


@contextlib.contextmanager
def running(*options: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "generations.sandbox", "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox listening on http://127.0.0.1:"), line
        yield Server(process, int(line.rpartition(":")[2]))
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@dataclass
class Seen:
    """What came back, and how it ended: end, reset or silence."""

    raw: bytes
    ended: str
    head: bytes = field(init=False)
    wire: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.head, _, self.wire = self.raw.partition(b"\r\n\r\n")

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])

    def headers(self, name: str) -> list[str]:
        lines = [line.partition(": ") for line in self.head.decode().split("\r\n")[1:]]
        return [value for key, _, value in lines if key == name]

    def header(self, name: str) -> str:
        return ", ".join(self.headers(name))

    @property
    def is_chunked(self) -> bool:
        return self.header("transfer-encoding") == "chunked"

    @property
    def has_final_chunk(self) -> bool:
        return self.is_chunked and self.wire.endswith(b"0\r\n\r\n")

    @property
    def body(self) -> bytes:
        """Without the chunks' lengths; a chunk that was cut counts as far as it came."""
        if not self.is_chunked:
            return self.wire
        found, rest = b"", self.wire
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            found, rest = found + rest[:length], rest[length + 2 :]
            if not length:
                break
        return found

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def frames(self, end: bytes = b"\n\n") -> list[bytes]:
        return [frame for frame in self.body.split(end) if frame]

    def values(self) -> list[Any]:
        """The JSON of the frames that have some."""
        data = [frame.removeprefix(b"data: ") for frame in self.frames()]
        return [json.loads(value) for value in data if value.startswith(b"{")]

    @property
    def item(self) -> dict[str, Any]:
        """The first picture, of a stream or a JSON answer."""
        answer = self.values()[-1] if self.body.startswith(b"data:") else self.json
        return answer["data"][0]


class Caller:
    def __init__(self, server: Server) -> None:
        self.server = server

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        wait: float = PATIENCE_SECONDS,
    ) -> Seen:
        """One request on its own connection; reads until the other side ends or falls silent."""
        usual = {"host": f"127.0.0.1:{self.server.port}", "authorization": f"Bearer {KEY}"}
        usual |= {"content-length": str(len(body)), "connection": "close"}
        lines = [f"{name}: {value}" for name, value in (usual | (headers or {})).items()]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines]) + "\r\n\r\n"
        address = ("127.0.0.1", self.server.port)
        with socket.create_connection(address, timeout=wait) as link:
            link.sendall(head.encode() + body)
            return read_to_end(link, wait=wait)

    def get(self, path: str, **options: Any) -> Seen:
        return self.send("GET", path, **options)

    def post(self, path: str, value: Any, **options: Any) -> Seen:
        return self.send("POST", path, json.dumps(value).encode(), **options)

    def generate(self, prompt: str, *, wait: float = PATIENCE_SECONDS, **fields: Any) -> Seen:
        order = {"model": MODEL, "prompt": prompt, "size": "1024x1024"} | fields
        return self.post("/v1/images/generations", order, wait=wait)

    def stream(self, prompt: str, *, wait: float = PATIENCE_SECONDS, **fields: Any) -> Seen:
        return self.generate(prompt, wait=wait, stream=True, **fields)

    def fetch(self, url: str, *, wait: float = PATIENCE_SECONDS) -> Seen:
        assert url.startswith(self.server.url), url
        return self.get(url.removeprefix(self.server.url), wait=wait)

    def ledger(self) -> dict[str, Any]:
        return self.get("/_sandbox/ledger").json

    def reset(self) -> None:
        assert self.send("POST", "/_sandbox/reset").status == 200


def read_to_end(link: socket.socket, *, wait: float) -> Seen:
    raw, ended, deadline = bytearray(), "end", time.monotonic() + wait
    while True:
        left = deadline - time.monotonic()
        try:
            link.settimeout(max(left, 0.001))
            piece = link.recv(65536)
        except ConnectionResetError:
            ended = "reset"
            break
        except TimeoutError:
            ended = "silence"
            break
        if not piece:
            break
        raw += piece
    return Seen(bytes(raw), ended)


def linger_reset(link: socket.socket) -> None:
    """Hang up the rude way."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()
