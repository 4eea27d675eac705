"""A picture's address becomes its bytes, without being led inside our own network.

One look-up per hop, every address of it checked, the socket opened to one of just those; no key,
no cookies, no proxy, no redirect that isn't checked like the first address.
"""

import hashlib
import ssl
from collections.abc import Sequence

import httpx

from generations.mesh.addresses import (
    DownloadBlocked,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    DownloadUnavailable,
    Target,
    refuse_private,
    target_from,
)
from generations.mesh.calls import Watch
from generations.mesh.errors import MeshError
from generations.mesh.exchange import Received, opened
from generations.mesh.transport import SHARED_TLS, WATCH, SharedTLS, WatchedTransport
from generations.mesh.types import Downloaded, Limits, Resolver, Sink

DOWNLOAD_LIMITS = Limits(
    connect_seconds=5,
    write_seconds=10,
    first_byte_seconds=10,
    silence_seconds=10,
    deadline_seconds=60,
)
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({400, 401, 403, 410})  # an expired signature is told with any of these


def download(
    url: str,
    *,
    sink: Sink,
    trusted_origin: str = "",
    allowed_hosts: Sequence[str] = (),
    max_bytes: int,
    limits: Limits = DOWNLOAD_LIMITS,
    resolver: Resolver | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Downloaded:
    """Nothing goes to `sink` before the answer is a 200 of an acceptable length.

    Raises DownloadBlocked, DownloadGone, DownloadMissing, DownloadTooLarge, DownloadUnavailable.
    What the sink has got when it raises is part of a picture: start over with an empty one.
    """
    watch = Watch(limits)
    tls = SharedTLS(ssl_context) if ssl_context else SHARED_TLS
    target = target_from(url, trusted_origin=trusted_origin, allowed_hosts=allowed_hosts)
    for _ in range(MAX_REDIRECTS + 1):
        check = None if target.is_trusted else refuse_private
        transport = WatchedTransport(tls=tls, resolver=resolver, check=check)
        found = _fetch(target, transport, watch, sink=sink, max_bytes=max_bytes)
        if isinstance(found, Downloaded):
            return found
        # Only our own API's answers may lead back to it; a stranger's may not point there.
        trusted = trusted_origin if target.is_trusted else ""
        target = target_from(found, trusted_origin=trusted, allowed_hosts=allowed_hosts)
        watch = _continued(watch)
    raise DownloadBlocked("download_blocked", message="too many redirects")


def _fetch(
    target: Target, transport: WatchedTransport, watch: Watch, *, sink: Sink, max_bytes: int
) -> Downloaded | str:
    """The picture, or the address this one redirects to."""
    request = httpx.Request(
        "GET",
        target.url,
        headers={"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "mesh-gallery"},
        extensions={WATCH: watch},
    )
    try:
        with opened(transport, request, watch) as received:
            if received.head.status in _REDIRECTS:
                return _location(target, received)
            _accept(received, max_bytes=max_bytes)
            return _pour(received, sink, max_bytes=max_bytes)
    except DownloadError:
        raise
    except MeshError as error:
        raise DownloadUnavailable(
            "download_unavailable", message=error.code, status=error.status
        ) from error


def _location(target: Target, received: Received) -> str:
    location = received.head.headers.get("location", "")
    if not location:
        raise DownloadUnavailable("download_unavailable", status=received.head.status)
    try:
        return str(target.url.join(location))
    except httpx.InvalidURL as error:
        raise DownloadBlocked("download_blocked", message="the redirect can't be read") from error


def _accept(received: Received, *, max_bytes: int) -> None:
    head = received.head
    if head.status in _EXPIRED:
        raise DownloadGone("link_expired", status=head.status)
    if head.status == 404:
        raise DownloadMissing("download_missing", status=404)
    if head.status != 200:
        raise DownloadUnavailable("download_unavailable", status=head.status)
    if head.headers.get("content-encoding", "identity").lower() != "identity":
        raise DownloadBlocked("download_blocked", message="the picture comes compressed")
    if head.content_length is not None and head.content_length > max_bytes:
        raise DownloadTooLarge("download_too_large", status=200)


def _pour(received: Received, sink: Sink, *, max_bytes: int) -> Downloaded:
    digest, size = hashlib.sha256(), 0
    for chunk in received.chunks:
        size += len(chunk)
        if size > max_bytes:
            raise DownloadTooLarge("download_too_large", status=200)
        digest.update(chunk)
        sink(chunk)
    if size == 0:
        raise DownloadUnavailable("download_unavailable", message="empty", status=200)
    return Downloaded(size, digest.hexdigest(), received.head.content_type)


def _continued(watch: Watch) -> Watch:
    """A fresh connection's clock under the first one's deadline."""
    following = Watch(watch.limits)
    following.deadline = watch.deadline
    return following
