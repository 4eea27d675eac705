"""A small HTTP/1.1 layer on asyncio's raw streams.

Small and our own because a fault bench needs what servers are built to prevent: resets, wrong
lengths, bodies that stop in the middle, a byte a second.
"""

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 64 * 1024
HEAD_SECONDS = 60.0
LINGER_RESET = struct.pack("ii", 1, 0)

Framing = Literal["length", "chunked", "close"]


class BadRequestLine(Exception):
    """What came is no HTTP we read; the status says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Gone(Exception):
    """The other side has left, or we have cut it off."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: SplitResult
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    is_http10: bool = False

    @property
    def path(self) -> str:
        return unquote(self.target.path)

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.query, keep_blank_values=True)

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def keeps_alive(self) -> bool:
        return not self.is_http10 and self.header("connection").lower() != "close"


class Connection:
    """One socket: requests in, bytes out, and every rude way to end it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.bytes_per_second = 0.0
        """Above 0, whatever is written drips out at this rate."""

    async def read_request(self) -> Request | None:
        """The next one; None when the caller closed instead of asking."""
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return None
        except asyncio.LimitOverrunError as error:
            raise BadRequestLine(431, "Request Header Fields Too Large") from error
        method, target, version, headers = _parse_head(head)
        if headers.get("expect", "").lower() == "100-continue":
            await self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._read_body(headers)
        return Request(method, target, headers, body, is_http10=version == "HTTP/1.0")

    async def _read_body(self, headers: Mapping[str, str]) -> bytes:
        try:
            if headers.get("transfer-encoding", "").lower() == "chunked":
                return await self._read_chunks()
            length = int(headers.get("content-length") or 0)
            if not 0 <= length <= MAX_BODY_BYTES:
                raise BadRequestLine(413, "Content Too Large")
            return await self._reader.readexactly(length)
        except ValueError as error:
            raise BadRequestLine(400, "Bad Request") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Gone from error

    async def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := int((await self._reader.readline()).split(b";")[0] or b"-", 16):
            if size < 0 or len(body) + size > MAX_BODY_BYTES:
                raise BadRequestLine(413, "Content Too Large")
            body += await self._reader.readexactly(size)
            await self._reader.readline()
        while (await self._reader.readline()).strip():
            pass  # trailers
        return bytes(body)

    async def write(self, data: bytes | memoryview) -> None:
        """Send, at most a piece ahead of the reader: 200 answers at once must not pile up here."""
        if self.bytes_per_second:
            await self._drip(memoryview(data))
            return
        for piece in _pieces(data):
            self._writer.write(piece)
            await self._drain()

    async def write_piecemeal(self, data: bytes, *, pieces: Sequence[int]) -> None:
        """Send in pieces of the given sizes, the last size again and again, each a packet."""
        sizes, start = list(pieces), 0
        while start < len(data):
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            self._writer.write(data[start : start + size])
            await self._drain()
            await asyncio.sleep(0)
            start += size

    async def _drip(self, data: memoryview) -> None:
        per_turn = max(1, round(self.bytes_per_second / 20))
        for start in range(0, len(data), per_turn):
            await asyncio.sleep(per_turn / self.bytes_per_second)
            self._writer.write(data[start : start + per_turn])
            await self._drain()

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise Gone from error
        if self._writer.transport.is_closing():
            raise Gone

    async def wait_until_gone(self) -> None:
        """Return when the caller closes; what else it may send is dropped."""
        try:
            while await self._reader.read(PIECE_BYTES):
                pass
        except ConnectionError:
            pass

    def reset(self) -> None:
        """End with a TCP reset, dropping what isn't sent yet."""
        raw = self._writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()


class Channel:
    """The way out for one answer: a head, then a body in one of three framings."""

    def __init__(self, connection: Connection, *, framing: Framing) -> None:
        self.connection = connection
        self.framing = framing

    async def send_head(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        lines = [f"HTTP/1.1 {status} {_reason(status)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if self.framing == "chunked":
            lines.append("transfer-encoding: chunked")
        if self.framing == "close":
            lines.append("connection: close")
        await self.connection.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace"))

    async def send(self, segments: Sequence[bytes | memoryview]) -> None:
        """One piece of the body; the segments go out one by one, shared ones are never copied."""
        size = sum(len(segment) for segment in segments)
        if not size:
            return
        if self.framing == "chunked":
            await self.connection.write(f"{size:x}\r\n".encode())
        for segment in segments:
            await self.connection.write(segment)
        if self.framing == "chunked":
            await self.connection.write(b"\r\n")

    async def send_split(self, data: bytes) -> None:
        """One piece of the body in tiny packets that cut frames and characters anywhere."""
        if self.framing == "chunked":
            await self.connection.write(f"{len(data):x}\r\n".encode())
        near_end = max(len(data) - 400, 400)
        sizes = [1] * 400 + [997] * (max(0, near_end - 400) // 997) + [1]
        await self.connection.write_piecemeal(data, pieces=sizes)
        if self.framing == "chunked":
            await self.connection.write(b"\r\n")

    async def finish(self) -> None:
        if self.framing == "chunked":
            await self.connection.write(b"0\r\n\r\n")


def _pieces(data: bytes | memoryview) -> list[bytes | memoryview]:
    if len(data) <= PIECE_BYTES:
        return [data]
    view = memoryview(data)
    return [view[start : start + PIECE_BYTES] for start in range(0, len(view), PIECE_BYTES)]


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def _parse_head(head: bytes) -> tuple[str, SplitResult, str, dict[str, str]]:
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequestLine(400, "Bad Request")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise BadRequestLine(400, "Bad Request")
        headers[name.strip().lower()] = value.strip()
    try:
        return parts[0], urlsplit(parts[1]), parts[2], headers
    except ValueError as error:
        raise BadRequestLine(400, "Bad Request") from error
