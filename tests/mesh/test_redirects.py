"""Each step of a redirect is checked like the first address."""

from collections.abc import Callable, Sequence

import pytest

from generations.mesh import DownloadBlocked, download, network
from tests.mesh.downloads import HOST, PUBLIC, QUICK, TLS, URL, Resolver, fetched, picture
from tests.mesh.server import ScriptedServer, Wire, serving, whole
from tests.mesh.streams import PICTURE


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
