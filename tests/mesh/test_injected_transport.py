"""A transport of the caller's own, as tests of other programs use it."""

import time
from collections.abc import Iterator

import httpx
import pytest

from generations.mesh import Call, Limits, MeshClient, MeshError, RateLimited
from tests.mesh.streams import PING, REQUEST

KEY = "rsk_verysecretkey"


def test_injected_transport_is_used_and_its_hook_runs_before() -> None:
    told: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told.append("sent")
        return httpx.Response(429, headers={"Retry-After": "7"}, json={})

    client = MeshClient(KEY, "http://mesh.test", transport=httpx.MockTransport(answer))
    with pytest.raises(RateLimited) as caught:
        client.images.generate(REQUEST, call=Call(on_send=lambda: told.append("hook")))
    assert told == ["hook", "sent"]
    assert caught.value.retry_after == 7


def test_limits_hold_between_the_chunks_of_an_injected_transport() -> None:
    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(50):
                time.sleep(0.02)
                yield PING

    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Slow()))
    limits = Limits(deadline_seconds=0.2)
    client = MeshClient(KEY, "http://mesh.test", transport=transport, limits=limits)
    with pytest.raises(MeshError) as caught:
        list(client.images.stream(REQUEST))
    assert caught.value.code == "deadline"


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (httpx.ConnectError("x"), "refused_connection"),
        (httpx.ConnectTimeout("x"), "connect_timeout"),
        (httpx.PoolTimeout("x"), "no_slot"),
        (httpx.ProxyError("x"), "proxy_refused"),
        (httpx.WriteError("x"), "send_interrupted"),
        (httpx.ReadTimeout("x"), "first_byte"),
        (httpx.ReadError("x"), "connection_lost"),
        (httpx.RemoteProtocolError("x"), "bad_head"),
    ],
)
def test_failures_of_an_injected_transport(raised: Exception, code: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise raised

    client = MeshClient(KEY, "http://mesh.test", transport=httpx.MockTransport(fail))
    with pytest.raises(MeshError) as caught:
        client.images.generate(REQUEST)
    assert caught.value.code == code
