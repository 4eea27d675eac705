"""What may be fetched, from where, and how it ends. Loopback plays every part."""

import hashlib
import socket
import ssl
import time
from collections.abc import Callable, Sequence

import pytest

from generations.mesh import (
    DownloadBlocked,
    Downloaded,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    DownloadUnavailable,
    Limits,
    download,
    network,
)
from generations.mesh.addresses import is_public, target_from
from tests.mesh.server import CERTIFICATE, ScriptedServer, Wire, chunked, head, serving, whole
from tests.mesh.streams import PICTURE

PUBLIC = "93.184.216.34"
HOST = "pictures.example"
URL = f"https://{HOST}/a.png?sig=1"
QUICK = Limits(connect_seconds=1, first_byte_seconds=1, silence_seconds=1, deadline_seconds=0.5)
TLS = ssl.create_default_context(cafile=CERTIFICATE)


class Resolver:
    """Answers in turn, the last one for ever; counts the look-ups."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def dialed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address a socket was opened to; the public one leads to `lead_to`."""
    return []


@pytest.fixture
def lead_to(monkeypatch: pytest.MonkeyPatch, dialed: list[str]) -> Callable[[ScriptedServer], None]:
    def lead(server: ScriptedServer) -> None:
        def open_socket(address: str, port: int, *, timeout_seconds: float) -> socket.socket:
            dialed.append(address)
            return socket.create_connection(("127.0.0.1", server.port), timeout_seconds)

        monkeypatch.setattr(network, "open_socket", open_socket)

    return lead


def fetched(
    url: str,
    *,
    trusted_origin: str = "",
    allowed_hosts: Sequence[str] = (),
    max_bytes: int = 10_000_000,
    limits: Limits = QUICK,
    resolver: Resolver | None = None,
) -> tuple[Downloaded, bytes]:
    body: list[bytes] = []
    found = download(
        url,
        sink=body.append,
        trusted_origin=trusted_origin,
        allowed_hosts=allowed_hosts,
        max_bytes=max_bytes,
        limits=limits,
        resolver=resolver,
        ssl_context=TLS,
    )
    return found, b"".join(body)


def picture(*headers: str) -> bytes:
    return whole(PICTURE, *headers, kind="image/png")


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


@pytest.mark.parametrize("other", ["http://127.0.0.1:1/a", "http://localhost:{port}/a"])
def test_what_only_resembles_the_trusted_origin_is_blocked(other: str) -> None:
    with serving(picture()) as server, pytest.raises(DownloadBlocked):
        fetched(other.format(port=server.port), trusted_origin=server.origin)
    assert server.connections == 0


SPELLINGS = [
    "https://localhost/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://127。0。0。1/",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://192.0.0.8/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://user@pictures.example/",
    "https://pictures.example@127.0.0.1/",
    "https://user:pass@pictures.example/",
    "https://pictures.example\\@127.0.0.1/",
    "https://pictures.example#@127.0.0.1/",
    "https://pictures.example/a#b",
    "https://pictures.example:80/",
    "https://pictures.example:8443/",
    "http://pictures.example/",
    "ftp://pictures.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://pictures.example/",
    "data:image/png;base64,QUJD",
    "//pictures.example/",
    "pictures.example/a",
    "https://",
    "https:///a",
    "https://pictures.example/a b",
    "https://pictures.example/\r\nX: y",
    "https://pictures.example/\x00",
    "https://[::1",
    "",
    "https://pictures.example/" + "a" * 100_000,
]


@pytest.mark.parametrize("url", SPELLINGS, ids=lambda url: url[:50])
def test_no_socket_is_opened_inwards(
    url: str, lead_to: Callable[[ScriptedServer], None], dialed: list[str]
) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        return [PUBLIC] if host == HOST else network.resolve(host, port)

    with serving(picture(), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadError) as caught:
            download(
                url,
                sink=lambda data: None,
                max_bytes=9,
                limits=QUICK,
                resolver=resolver,
                ssl_context=TLS,
            )
    assert (dialed, server.connections) == ([], 0)
    # A name that leads nowhere is no danger; everything else is refused for what it is.
    assert isinstance(caught.value, DownloadBlocked) or caught.value.message == "dns"


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.8",
        "224.0.0.1",
        "192.88.99.1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:808:808::",
        "fec0::1",
        "ff0e::1",
        "5f00::1",
        "3fff::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:10.0.0.1",
        "::ffff:224.0.0.1",
        "not an address",
        "",
    ],
)
def test_addresses_that_python_may_call_global(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


def test_name_that_changes_its_answer_is_asked_once(
    lead_to: Callable[[ScriptedServer], None], dialed: list[str]
) -> None:
    resolver = Resolver([PUBLIC], ["127.0.0.1"])
    with serving(picture(), tls=True) as server:
        lead_to(server)
        fetched(URL, resolver=resolver)
    assert (len(resolver.asked), dialed) == (1, [PUBLIC])


@pytest.mark.parametrize("mixed", [[PUBLIC, "10.0.0.1"], ["::1", PUBLIC], ["not an address"]])
def test_one_inward_address_among_many_blocks_all(
    mixed: list[str], lead_to: Callable[[ScriptedServer], None], dialed: list[str]
) -> None:
    with serving(picture(), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadBlocked):
            fetched(URL, resolver=Resolver(mixed))
    assert dialed == []


@pytest.mark.parametrize(
    "host", ["pictures.example", "PICTURES.example", "pictures.example.", "a.pictures.example"]
)
def test_allowed_host_is_a_suffix_of_whole_labels(host: str) -> None:
    target = target_from(f"https://{host}/a", allowed_hosts=[".Pictures.example", "other.test"])
    assert (target.url.host, target.is_trusted) == (host.lower(), False)


@pytest.mark.parametrize(
    "host", ["evilpictures.example", "pictures.example.evil.example", "example", "93.184.216.34"]
)
def test_host_off_the_list_is_blocked(host: str) -> None:
    with pytest.raises(DownloadBlocked):
        target_from(f"https://{host}/a", allowed_hosts=[".Pictures.example", "other.test", ""])


def redirecting(*locations: str, status: str = "302 Found") -> Callable[[Wire], None]:
    left = list(locations)

    def script(wire: Wire) -> None:
        if left:
            wire.send(whole(b"", f"Location: {left.pop(0)}", status=status))
        else:
            wire.send(picture())

    return script


def test_redirects_are_followed_with_a_look_up_and_a_check_each(
    lead_to: Callable[[ScriptedServer], None],
) -> None:
    resolver = Resolver([PUBLIC])
    with serving(redirecting("/b", f"https://{HOST}/c", "d"), tls=True) as server:
        lead_to(server)
        found, _ = fetched(URL, resolver=resolver)
    assert found.size == len(PICTURE)
    assert len(resolver.asked) == 4
    assert [request.split(b" ")[1] for request in server.requests] == [
        b"/a.png?sig=1",
        b"/b",
        b"/c",
        b"/d",
    ]


@pytest.mark.parametrize(
    "location",
    [
        "http://pictures.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "//10.0.0.1/",
        "https://user@pictures.example/",
        "https://pictures.example:444/",
        "file:///etc/passwd",
        "https://other.test/",
        "https://[",
    ],
)
def test_redirect_is_checked_like_the_first_address(
    location: str, lead_to: Callable[[ScriptedServer], None], dialed: list[str]
) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        return [PUBLIC] if host.endswith((".example", ".test")) else network.resolve(host, port)

    with serving(redirecting(location), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadBlocked):
            download(
                URL,
                sink=lambda data: None,
                allowed_hosts=["pictures.example"],
                max_bytes=9999,
                limits=QUICK,
                resolver=resolver,
                ssl_context=TLS,
            )
    assert dialed == [PUBLIC]


def test_fourth_redirect_is_one_too_many(lead_to: Callable[[ScriptedServer], None]) -> None:
    with serving(redirecting("/b", "/c", "/d", "/e"), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadBlocked):
            fetched(URL, resolver=Resolver([PUBLIC]))
    assert len(server.requests) == 4


def test_stranger_may_not_redirect_to_the_trusted_origin(
    lead_to: Callable[[ScriptedServer], None], dialed: list[str]
) -> None:
    with serving(redirecting("http://127.0.0.1:8100/a"), tls=True) as server:
        lead_to(server)
        with pytest.raises(DownloadBlocked):
            fetched(URL, trusted_origin="http://127.0.0.1:8100", resolver=Resolver([PUBLIC]))
    assert dialed == [PUBLIC]


def test_trusted_origin_may_redirect_within_itself_but_not_inwards() -> None:
    with serving(redirecting("/b")) as server:
        assert fetched(server.origin + "/a", trusted_origin=server.origin)[1] == PICTURE
    with (
        serving(picture()) as inner,
        serving(redirecting(inner.origin)) as server,
        pytest.raises(DownloadBlocked),
    ):
        fetched(server.origin + "/a", trusted_origin=server.origin)
    assert inner.connections == 0


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
