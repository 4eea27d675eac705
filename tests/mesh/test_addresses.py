"""Which addresses may be fetched from; loopback plays every part."""

from collections.abc import Callable, Sequence

import pytest

from generations.mesh import DownloadBlocked, DownloadError, download, network
from generations.mesh.addresses import is_public, target_from
from tests.mesh.downloads import HOST, PUBLIC, QUICK, TLS, URL, Resolver, fetched, picture
from tests.mesh.server import ScriptedServer, serving


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
