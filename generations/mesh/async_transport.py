"""The same as transport.py and network.py, for asyncio and trio."""

import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpcore
import httpx

from generations.mesh.calls import Watch
from generations.mesh.transport import (
    SHARED_TLS,
    WATCH,
    SharedTLS,
    core_request_from,
    trace_of,
    translated,
)


class AsyncWatchedTransport(httpx.AsyncBaseTransport):
    def __init__(self, *, tls: SharedTLS = SHARED_TLS) -> None:
        self._tls = tls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        watch: Watch = request.extensions[WATCH]
        core_request = core_request_from(request, trace=_async_trace_of(watch))
        connection = httpcore.AsyncHTTPConnection(
            origin=core_request.url.origin,
            ssl_context=self._tls.context() if request.url.scheme == "https" else None,
            network_backend=_AsyncWatchedBackend(watch),
        )
        try:
            with translated(watch):
                response = await connection.handle_async_request(core_request)
        except BaseException:
            await connection.aclose()
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_AsyncBody(connection, response, watch),
            request=request,
        )


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(
        self, connection: httpcore.AsyncHTTPConnection, response: httpcore.Response, watch: Watch
    ) -> None:
        self._connection = connection
        self._response = response
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with translated(self._watch):
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._connection.aclose()


def _async_trace_of(watch: Watch) -> Any:
    trace = trace_of(watch)

    async def async_trace(name: str, info: object) -> None:
        trace(name, info)

    return async_trace


class _AsyncWatchedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self._watch.start_connecting()
        try:
            stream = await self._backend.connect_tcp(
                host, port, timeout=self._watch.connect_left(), socket_options=socket_options
            )
        except httpcore.ConnectTimeout as error:
            raise self._watch.not_sent("connect_timeout") from error
        except httpcore.ConnectError as error:
            raise self._watch.not_sent(_connect_code(error)) from error
        return _AsyncWatchedStream(stream, self._watch)


def _connect_code(error: BaseException) -> str:
    """Whether the name or the connection failed: told only by what stands behind the error."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and type(behind).__name__ == "gaierror":
            return "dns"
        behind = behind.__cause__ or behind.__context__
    return "refused_connection"


class _AsyncWatchedStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, watch: Watch) -> None:
        self._stream = stream
        self._watch = watch
        watch.call.attach(stream.get_extra_info("socket"))

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        name, seconds = self._watch.read_left()
        try:
            data = await self._stream.read(max_bytes, timeout=seconds)
        except httpcore.ReadTimeout as error:
            raise self._watch.lost(name) from error
        except httpcore.ReadError as error:
            raise self._watch.lost() from error
        self._watch.heard(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            await self._stream.write(buffer, timeout=self._watch.write_left())
        except httpcore.WriteTimeout as error:
            raise self._watch.interrupted() from error
        except httpcore.WriteError:
            self._watch.write_failed = True
            raise

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self._watch.start_connecting()
        try:
            stream = await self._stream.start_tls(
                ssl_context,
                server_hostname=server_hostname,
                timeout=self._watch.connect_left("tls_timeout"),
            )
        except httpcore.ConnectTimeout as error:
            raise self._watch.not_sent("tls_timeout") from error
        except httpcore.ConnectError as error:
            is_certificate = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            code = "tls_certificate" if is_certificate else "tls_failed"
            raise self._watch.not_sent(code) from error
        return _AsyncWatchedStream(stream, self._watch)

    async def aclose(self) -> None:
        self._watch.call.attach(None)
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
