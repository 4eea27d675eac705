"""Sockets under a Watch: every wait is bounded, every failure says how far it got."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from generations.mesh.calls import Watch
from generations.mesh.types import Resolver

CheckAddresses = Callable[[str, Sequence[str]], None]


def resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def open_socket(address: str, port: int, *, timeout_seconds: float) -> socket.socket:
    """A connection to a literal address: no name is looked up here."""
    is_v6 = ipaddress.ip_address(address).version == 6
    connection = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_seconds)
        connection.connect((address, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


class WatchedBackend(httpcore.NetworkBackend):
    """One look-up, a check of all it returned, and a socket to one of those very addresses."""

    def __init__(
        self,
        watch: Watch,
        *,
        resolver: Resolver | None = None,
        check: CheckAddresses | None = None,
    ) -> None:
        self._watch = watch
        self._resolver = resolver or resolve
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise self._watch.not_sent("dns") from error
        if not addresses:
            raise self._watch.not_sent("dns")
        if self._check is not None:
            self._check(host, addresses)
        self._watch.start_connecting()
        return WatchedStream(self._connect(addresses, port), self._watch)

    def _connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        """The first that answers; one that doesn't gets its share of the time, not all of it."""
        trouble: OSError | None = None
        for number, address in enumerate(addresses):
            share = self._watch.connect_left() / (len(addresses) - number)
            try:
                return open_socket(address, port, timeout_seconds=share)
            except OSError as error:
                trouble = error
        is_timeout = isinstance(trouble, TimeoutError)
        code = "connect_timeout" if is_timeout else "refused_connection"
        raise self._watch.not_sent(code) from trouble


class WatchedStream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, watch: Watch) -> None:
        self._socket = connection
        self._watch = watch
        watch.call.attach(connection)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        name, seconds = self._watch.read_left()
        try:
            self._socket.settimeout(seconds)
            data = self._socket.recv(max_bytes)
        except TimeoutError:
            raise self._watch.lost(name) from None
        except OSError as error:
            raise self._watch.lost() from error
        self._watch.heard(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            seconds = self._watch.write_left()
            try:
                self._socket.settimeout(seconds)
                view = view[self._socket.send(view) :]
            except TimeoutError:
                raise self._watch.interrupted() from None
            except OSError as error:
                # httpcore goes on to read: a server may refuse early, with an answer.
                self._watch.write_failed = True
                raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        started = time.monotonic()
        self._watch.connect_until = started + self._watch.limits.connect_seconds
        try:
            self._socket.settimeout(self._watch.connect_left("tls_timeout"))
            wrapped = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            stream = WatchedStream(wrapped, self._watch)
            wrapped.do_handshake()
        except ssl.SSLCertVerificationError as error:
            raise self._fail("tls_certificate") from error
        except TimeoutError as error:
            raise self._fail("tls_timeout") from error
        except (OSError, ValueError) as error:
            raise self._fail("tls_failed") from error
        return stream

    def _fail(self, code: str) -> Exception:
        self.close()
        return self._watch.not_sent(code)

    def close(self) -> None:
        self._watch.call.attach(None)
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        return None
