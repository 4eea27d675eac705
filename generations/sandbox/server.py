"""The server: connections in, requests to their routes, a quick stop."""

import asyncio
import contextlib
import resource
import signal
import sys

from generations.sandbox.exchange import Exchange, House
from generations.sandbox.problems import ApiError, DetailError
from generations.sandbox.routes import answer
from generations.sandbox.studio import Studio
from generations.sandbox.wire import MAX_HEAD_BYTES, BadRequestLine, Connection, Gone

BACKLOG = 1024
STOPS = (signal.SIGTERM, signal.SIGINT)


def run(*, host: str, port: int, speed: float) -> None:
    """Serve until SIGTERM or SIGINT; then stop at once, whoever is still waiting."""
    _allow_many_sockets()
    studio = Studio()
    try:
        asyncio.run(_serve(House(studio, speed), host=host, port=port))
    finally:
        studio.close()


async def _serve(house: House, *, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in STOPS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve_connection(house, reader, writer)

    server = await asyncio.start_server(
        meet, host, port, limit=MAX_HEAD_BYTES, backlog=BACKLOG, reuse_address=True
    )
    house.studio.open()
    bound = server.sockets[0].getsockname()
    shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
    sys.stdout.write(f"sandbox listening on http://{shown}:{bound[1]}\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()


async def _serve_connection(
    house: House, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    # Nothing waits in our memory: a write returns when the kernel has taken it.
    writer.transport.set_write_buffer_limits(high=0)
    connection = Connection(reader, writer)
    try:
        while await _serve_request(house, connection):
            pass
    except (Gone, asyncio.CancelledError):
        pass  # the caller left, or we stop
    finally:
        connection.close()


async def _serve_request(house: House, connection: Connection) -> bool:
    """Whether the connection may carry another one."""
    try:
        request = await connection.read_request()
    except BadRequestLine as error:
        await _refuse_line(connection, error)
        return False
    if request is None:
        return False
    exchange = Exchange(house, connection, request)
    try:
        await answer(exchange)
    except ApiError as error:
        await exchange.send_error(error)
    return request.keeps_alive and not exchange.ends_connection


async def _refuse_line(connection: Connection, error: BadRequestLine) -> None:
    body = DetailError(error.status, str(error)).message.encode()
    head = f"HTTP/1.1 {error.status} {error}\r\nconnection: close\r\ncontent-length: {len(body)}"
    await connection.write(head.encode() + b"\r\n\r\n" + body)


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
