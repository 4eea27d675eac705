"""What may be fetched, from where, and how it ends. Loopback plays every part."""

import hashlib
import time
from collections.abc import Callable

import pytest

from generations.mesh import (
    DownloadBlocked,
    Downloaded,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    DownloadUnavailable,
    download,
)
from tests.mesh.downloads import HOST, PUBLIC, URL, Resolver, fetched, picture
from tests.mesh.server import ScriptedServer, Wire, chunked, head, serving, whole
from tests.mesh.streams import PICTURE


def test_public_picture_over_https(lead_to: Callable[[ScriptedServer], None]) -> None:
    resolver = Resolver([PUBLIC])
    with serving(picture(), tls=True) as server:
        lead_to(server)
        found, body = fetched(URL, allowed_hosts=["example"], resolver=resolver)
    assert found == Downloaded(len(PICTURE), hashlib.sha256(PICTURE).hexdigest(), "image/png")
    assert body == PICTURE
    assert resolver.asked == [(HOST, 443)]
    request = server.requests[0].lower()
    assert request.startswith(b"get /a.png?sig=1 http/1.1\r\nhost: pictures.example\r\n")
    assert b"authorization" not in request
    assert b"cookie" not in request


def test_certificate_of_another_name_is_not_trusted(
    lead_to: Callable[[ScriptedServer], None],
) -> None:
    with serving(picture(), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadUnavailable) as caught:
            fetched("https://other.example/a", resolver=Resolver([PUBLIC]))
    assert caught.value.message == "tls_certificate"
    assert server.requests == []


def test_trusted_origin_may_be_plain_and_on_loopback() -> None:
    with serving(picture()) as server:
        found, body = fetched(server.origin + "/a", trusted_origin=server.origin + "/v1")
    assert (found.size, body) == (len(PICTURE), PICTURE)


def drip(wire: Wire) -> None:
    wire.send(head("200 OK", "Content-Length: 5000"))
    wire.drip(b"x" * 5000, every=0.02)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (whole(b"", status="403 Forbidden"), DownloadGone, "link_expired"),
        (whole(b"", status="410 Gone"), DownloadGone, "link_expired"),
        (whole(b"", status="404 Not Found"), DownloadMissing, "download_missing"),
        (whole(b"", status="500 X"), DownloadUnavailable, "download_unavailable"),
        (whole(b"", status="429 X"), DownloadUnavailable, "download_unavailable"),
        (whole(b"x", status="206 Partial"), DownloadUnavailable, "download_unavailable"),
        (whole(b"", status="302 Found"), DownloadUnavailable, "download_unavailable"),
        (whole(b""), DownloadUnavailable, "download_unavailable"),
        (picture()[:-5], DownloadUnavailable, "download_unavailable"),
        (b"nonsense\r\n\r\n", DownloadUnavailable, "download_unavailable"),
        (b"", DownloadUnavailable, "download_unavailable"),
        (drip, DownloadUnavailable, "download_unavailable"),
        (picture("Content-Encoding: gzip"), DownloadBlocked, "download_blocked"),
        (whole(b"x" * 10_001), DownloadTooLarge, "download_too_large"),
        (
            head("200 OK", "Transfer-Encoding: chunked") + chunked(*[b"x" * 1000] * 20),
            DownloadTooLarge,
            "download_too_large",
        ),
    ],
)
def test_how_a_download_fails(
    answer: bytes | Callable[[Wire], None], kind: type[DownloadError], code: str
) -> None:
    with serving(answer) as server:
        started = time.monotonic()
        with pytest.raises(kind) as caught:
            fetched(server.origin + "/a", trusted_origin=server.origin, max_bytes=10_000)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.charge) == (code, "charged")
    assert time.monotonic() - started < 2


def test_too_large_by_its_own_word_reaches_no_sink() -> None:
    body: list[bytes] = []
    with serving(whole(b"x" * 10_001)) as server, pytest.raises(DownloadTooLarge):
        download(server.origin, sink=body.append, trusted_origin=server.origin, max_bytes=10_000)
    assert body == []


def test_server_that_is_away() -> None:
    with serving(b"") as server:
        origin = server.origin
    with pytest.raises(DownloadUnavailable) as caught:
        fetched(origin, trusted_origin=origin)
    assert caught.value.message == "refused_connection"


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(picture()) as proxy, serving(picture()) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        fetched(server.origin, trusted_origin=server.origin)
    assert (proxy.connections, server.connections) == (0, 1)
