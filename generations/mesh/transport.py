"""httpx transports that open one connection for one call, and hold it to the call's limits."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx

from generations.mesh.calls import Watch
from generations.mesh.errors import MeshError
from generations.mesh.network import CheckAddresses, WatchedBackend
from generations.mesh.types import Resolver

WATCH = "mesh_watch"
_SENDING = "http11.send_request_headers.started"
_SENT = "http11.send_request_body.complete"


class SharedTLS:
    """One context for all connections, made when the first needs it: reading the roots is slow."""

    def __init__(self, context: Any = None) -> None:
        self._context = context
        self._lock = threading.Lock()

    def context(self) -> Any:
        with self._lock:
            if self._context is None:
                self._context = httpx.create_ssl_context(trust_env=False)
            return self._context


SHARED_TLS = SharedTLS()


class WatchedTransport(httpx.BaseTransport):
    """Nothing is kept: no connection, no cookie, no redirect, no proxy, no second try."""

    def __init__(
        self,
        *,
        tls: SharedTLS = SHARED_TLS,
        resolver: Resolver | None = None,
        check: CheckAddresses | None = None,
    ) -> None:
        self._tls = tls
        self._resolver = resolver
        self._check = check

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        watch: Watch = request.extensions[WATCH]
        backend = WatchedBackend(watch, resolver=self._resolver, check=self._check)
        core_request = core_request_from(request, trace=trace_of(watch))
        connection = httpcore.HTTPConnection(
            origin=core_request.url.origin,
            ssl_context=self._tls.context() if request.url.scheme == "https" else None,
            network_backend=backend,
        )
        try:
            with translated(watch):
                response = connection.handle_request(core_request)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(connection, response, watch),
            request=request,
        )


class _Body(httpx.SyncByteStream):
    def __init__(
        self, connection: httpcore.HTTPConnection, response: httpcore.Response, watch: Watch
    ) -> None:
        self._connection = connection
        self._response = response
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        with translated(self._watch):
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def translated(watch: Watch) -> Iterator[None]:
    """httpcore's failures as ours. A caller's own exceptions, from a hook or a sink, pass."""
    try:
        yield
    except (*_HTTPCORE, httpx.TransportError) as error:
        if error is watch.hook_error:
            raise
        raise error_from_exception(error, watch=watch) from error


def error_from_exception(error: BaseException, *, watch: Watch) -> MeshError:
    if isinstance(error, httpcore.RemoteProtocolError | httpx.RemoteProtocolError):
        return watch.garbled()
    for kinds, code in _NOT_SENT:
        if isinstance(error, kinds):
            return watch.not_sent(code)
    if isinstance(error, _WRITING):
        watch.write_failed = True
        return watch.interrupted()
    if isinstance(error, httpx.ReadTimeout):  # of a transport that keeps its own time
        return watch.lost("silence" if watch.has_head else "first_byte")
    return watch.lost()


_HTTPCORE = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
)
_NOT_SENT: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((httpcore.ConnectTimeout, httpx.ConnectTimeout), "connect_timeout"),
    ((httpcore.PoolTimeout, httpx.PoolTimeout), "no_slot"),
    ((httpcore.ProxyError, httpx.ProxyError), "proxy_refused"),
    ((httpcore.ConnectError, httpx.ConnectError), "refused_connection"),
)
_WRITING = (httpcore.WriteError, httpx.WriteError, httpcore.WriteTimeout, httpx.WriteTimeout)


def trace_of(watch: Watch) -> Any:
    def trace(name: str, info: object) -> None:
        if name == _SENDING:
            watch.start_sending()
        elif name == _SENT:
            watch.sent()

    return trace


def core_request_from(request: httpx.Request, *, trace: Any) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions={"trace": trace},
    )
