"""How an answer travels: whole as a rule, and in every broken way a directive names."""

import asyncio
import zlib
from functools import cache
from typing import Literal

from generations.sandbox.directives import Wishes
from generations.sandbox.exchange import Exchange, Headers
from generations.sandbox.splice import Segments, first_half, joined
from generations.sandbox.wire import Channel, Framing, Gone

GZIP_WINDOW = 31  # zlib's number for the gzip format
BOMB_BYTES = 200 * 1024 * 1024
UNTRUE_LENGTH = 50_000_000
SHORT_BY = 1_000
READ_TIME_SECONDS = 0.05  # so that the caller has what came before a reset
# A JSON answer has fewer places to break at than a stream.
PLACE_IN_JSON = {"processing": "head", "after_image": "body", "no_done": ""}


class Ended(Gone):
    """We broke off, as ordered."""


class Delivery:
    """The way out for one answer; `reach` is called at each place it may break at."""

    def __init__(self, exchange: Exchange, wishes: Wishes, *, is_stream: bool) -> None:
        self.exchange = exchange
        self.wishes = wishes
        self.is_stream = is_stream
        self._how, self._place = _break_of(wishes)
        if not is_stream:
            self._place = PLACE_IN_JSON.get(self._place, self._place)
        self._channel = Channel(exchange.connection, framing=self._framing())
        self._packer = zlib.compressobj(wbits=GZIP_WINDOW) if "gzip" in wishes else None

    def _framing(self) -> Framing:
        if "nolength" in self.wishes or "short" in self.wishes:
            return "close"
        streamed = self.is_stream or "gzip" in self.wishes or self._place == "body"
        return "chunked" if streamed else "length"

    def breaks_at(self, place: str) -> bool:
        return place == self._place

    async def reach(self, place: str) -> None:
        """Break off here if that was ordered. Raises Gone then."""
        if place != self._place:
            return
        if self._how == "hang":
            await self.exchange.connection.wait_until_gone()
        elif self._how == "rst":
            await asyncio.sleep(READ_TIME_SECONDS)
            self.exchange.connection.reset()
        else:
            self.exchange.connection.close()
        raise Ended

    async def send_whole(self, body: Segments, *, status: int = 200, headers: Headers = ()) -> None:
        """An answer that isn't a stream."""
        length = sum(len(segment) for segment in body)
        await self.open(status=status, headers=headers, length=length)
        await self.send(body)
        await self.finish()

    async def open(self, *, status: int = 200, headers: Headers = (), length: int = 0) -> None:
        await self.reach("request")
        connection = self.exchange.connection
        connection.bytes_per_second = self.wishes.number("drip_head")
        await self._channel.send_head(status, [*headers, *self._own_headers(length)])
        connection.bytes_per_second = self._rate()
        await self.reach("head")
        if self.wishes.text("gzip") == "bomb":
            await self._channel.send([await asyncio.to_thread(gzip_bomb)])
            await self._channel.finish()
            raise Ended

    def _rate(self) -> float:
        return self.wishes.number("drip") or self.wishes.number("drip_head")

    def _own_headers(self, length: int) -> list[tuple[str, str]]:
        wishes, exchange = self.wishes, self.exchange
        request_id = exchange.request_id
        if "big_request_id" in wishes:
            request_id = request_id + "x" * 10_000
        found = [("x-request-id", request_id)]
        if "huge_header" in wishes:
            found.append(("x-huge", "x" * (wishes.count("huge_header") * 1000)))
        if "gzip" in wishes:
            found.append(("content-encoding", "gzip"))
        found += self._length_headers(length)
        if self._channel.framing != "close":
            found.append(("connection", exchange.connection_header))
        return found

    def _length_headers(self, length: int) -> list[tuple[str, str]]:
        if "short" in self.wishes:
            declared = UNTRUE_LENGTH if self.is_stream else length + SHORT_BY
            return [("content-length", str(declared))]
        if self._channel.framing != "length":
            return []
        found = [("content-length", str(length))]
        if "two_lengths" in self.wishes:
            found.append(("content-length", str(length + 7)))
        return found

    async def send(self, body: Segments, *, breaks: bool = True) -> None:
        """Part of the body; the part with the pictures in it may break in the middle."""
        if breaks and self._place == "half":
            await self._emit(first_half(body))
            await self.reach("half")
        await self._emit(body)

    async def _emit(self, body: Segments) -> None:
        if self._packer is not None:
            packed = self._packer.compress(joined(body))
            body = [packed + self._packer.flush(zlib.Z_SYNC_FLUSH)]
        if "split" in self.wishes:
            await self._channel.send_split(joined(body))
        else:
            await self._channel.send(body)

    async def finish(self) -> None:
        if self._packer is not None:
            await self._channel.send([self._packer.flush(zlib.Z_FINISH)])
        await self.reach("body")
        await self._channel.finish()
        self.exchange.connection.bytes_per_second = 0.0
        if self._channel.framing == "close":
            self.exchange.ends_connection = True


def _break_of(wishes: Wishes) -> tuple[Literal["cut", "rst", "hang", ""], str]:
    for how in ("rst", "hang", "cut"):
        if how in wishes:
            return how, wishes.text(how)
    return "", ""


@cache
def gzip_bomb() -> bytes:
    """200 MB of zeros in about 200 kB: one packed block, repeated."""
    block_bytes = 1024 * 1024
    block = bytes(block_bytes)
    packer = zlib.compressobj(wbits=GZIP_WINDOW)
    opening = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_BYTES // block_bytes):
        checksum = zlib.crc32(block, checksum)
    trailer = checksum.to_bytes(4, "little") + BOMB_BYTES.to_bytes(4, "little")
    return opening + packed * (BOMB_BYTES // block_bytes) + b"\x03\x00" + trailer
