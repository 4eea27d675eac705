"""GET /files/<token>: the picture behind an address, with its whims."""

import asyncio
import time

from generations.sandbox.exchange import Exchange
from generations.sandbox.problems import DetailError
from generations.sandbox.storeroom import Shelf, Whims
from generations.sandbox.wire import Channel, Gone

EXPIRED = 403  # what S3 says of a signature that has run out


async def send_file(exchange: Exchange, name: str) -> None:
    shelf = exchange.house.storeroom.find(name)
    if shelf is None:
        raise DetailError(404, "Not Found")
    await _misbehave(exchange, shelf.whims)
    if time.monotonic() > shelf.until:
        raise DetailError(EXPIRED, "Request has expired")
    await _send(exchange, shelf)


async def _misbehave(exchange: Exchange, whims: Whims) -> None:
    if whims.hangs:
        await exchange.connection.wait_until_gone()
        raise Gone
    if whims.resetting > 0:
        whims.resetting -= 1
        exchange.connection.reset()
        raise Gone
    if whims.expired_status:
        raise DetailError(whims.expired_status, "Request has expired")
    if whims.not_found > 0:
        whims.not_found -= 1
        raise DetailError(404, "Not Found")
    if whims.failing > 0:
        whims.failing -= 1
        raise DetailError(500, "Internal Server Error")


async def _send(exchange: Exchange, shelf: Shelf) -> None:
    if shelf.whims.redirect:
        headers = [("location", shelf.whims.redirect)]
        await exchange.send_bytes(b"", status=302, headers=headers)
        return
    content = shelf.picture.content
    if not shelf.whims.seconds:
        await exchange.send_bytes(content, headers=[("content-type", shelf.picture.mime)])
        return
    channel = Channel(exchange.connection, framing="length")
    length = ("content-length", str(len(content)))
    await channel.send_head(200, [("content-type", shelf.picture.mime), length])
    step = max(1, len(content) // 20)
    for start in range(0, len(content), step):
        await asyncio.sleep(shelf.whims.seconds / 20)
        await channel.send([memoryview(content)[start : start + step]])
