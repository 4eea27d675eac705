"""Every limit against a server that tests it; the one that fired is named."""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from generations.mesh import (
    AnswerLost,
    AsyncMeshClient,
    Call,
    ImageRequest,
    Limits,
    MeshClient,
    MeshError,
    NotSent,
    SendInterrupted,
)
from generations.mesh.transport import SharedTLS, WatchedTransport
from tests.mesh.server import (
    CERTIFICATE,
    ScriptedServer,
    Wire,
    chunked,
    events,
    head,
    serving,
    whole,
)
from tests.mesh.streams import DONE, PICTURE, PING, PROCESSING, REQUEST, RESULT

DEADLINE = 0.5
SLACK = 0.4  # for a loaded machine; what is bounded would otherwise last for seconds
PATIENT = Limits(first_byte_seconds=9, silence_seconds=9, deadline_seconds=DEADLINE)


def drip_body(wire: Wire) -> None:
    wire.send(head("200 OK", "Content-Type: application/json", "Content-Length: 500"))
    wire.drip(b"x" * 500, every=0.02)


def drip_head(wire: Wire) -> None:
    wire.drip(head("200 OK", *(f"X-Header-{number}: {number}" for number in range(50))), every=0.02)


def drip_chunk_size(wire: Wire) -> None:
    wire.send(head("200 OK", "Transfer-Encoding: chunked"))
    wire.drip(b"0" * 400, every=0.02)


def ping(wire: Wire) -> None:
    wire.send(events(PROCESSING, end=b""))
    for _ in range(200):
        wire.send(chunked(PING, end=b""))
        wire.wait(0.02)


def say_nothing(wire: Wire) -> None:
    wire.wait(5)


def fall_silent(wire: Wire) -> None:
    wire.send(events(PROCESSING, end=b""))
    wire.wait(5)


def recorded(server: ScriptedServer, limits: Limits, call: Call | None = None) -> Any:
    with MeshClient("rsk_key", server.url, limits=limits) as client:
        return client.images.record(REQUEST, sink=lambda data: None, call=call or Call())


def trouble_of(server: ScriptedServer, limits: Limits) -> MeshError:
    try:
        trouble = recorded(server, limits).trouble
    except MeshError as error:
        return error
    assert isinstance(trouble, MeshError)
    return trouble


def async_trouble_of(server: ScriptedServer, limits: Limits) -> MeshError:
    async def generated() -> MeshError:
        async with AsyncMeshClient("rsk_key", server.url, limits=limits) as client:
            with pytest.raises(MeshError) as caught:
                await client.images.generate(REQUEST)
            return caught.value

    return asyncio.run(generated())


CASES = pytest.mark.parametrize(
    ("script", "limits", "code"),
    [
        (drip_body, PATIENT, "deadline"),
        (drip_head, PATIENT, "deadline"),
        (drip_chunk_size, PATIENT, "deadline"),
        (ping, PATIENT, "deadline"),
        (say_nothing, PATIENT, "deadline"),
        (say_nothing, Limits(first_byte_seconds=DEADLINE), "first_byte"),
        (fall_silent, Limits(silence_seconds=DEADLINE), "silence"),
    ],
)


@CASES
@pytest.mark.parametrize("trouble_by", [trouble_of, async_trouble_of])
def test_limit_ends_the_call_in_time_and_is_named(
    script: Callable[[Wire], None],
    limits: Limits,
    code: str,
    trouble_by: Callable[[ScriptedServer, Limits], MeshError],
) -> None:
    with serving(script) as server:
        started = time.monotonic()
        trouble = trouble_by(server, limits)
        took = time.monotonic() - started
    assert isinstance(trouble, AnswerLost)
    assert (trouble.code, trouble.limit, trouble.charge) == (code, code, "unknown")
    assert DEADLINE <= took < DEADLINE + SLACK
    assert len(server.requests) == 1


def test_write_limit_ends_a_request_nobody_reads() -> None:
    class Deaf(ScriptedServer):
        def _read_request(self, connection: Any) -> None:
            self._stopping.wait(5)

    request = ImageRequest("a fox", "m", extra={"image": "A" * 20_000_000})
    limits = Limits(write_seconds=DEADLINE)
    with (
        Deaf(lambda wire: None) as server,
        MeshClient("rsk_key", server.url, limits=limits) as c,
        pytest.raises(SendInterrupted) as caught,
    ):
        c.images.record(request, sink=lambda data: None, call=Call())
    assert caught.value.code == "send_interrupted"
    assert server.requests == []


def test_request_that_breaks_off_while_being_written_is_not_called_sent() -> None:
    class Hangs(ScriptedServer):
        def _read_request(self, connection: Any) -> None:
            connection.recv(1000)
            Wire(connection, self._stopping).reset()

    request = ImageRequest("a fox", "m", extra={"image": "A" * 20_000_000})
    with (
        Hangs(lambda wire: None) as server,
        MeshClient("rsk_key", server.url) as client,
        pytest.raises(SendInterrupted),
    ):
        client.images.record(request, sink=lambda data: None, call=Call())
    assert server.requests == []


def test_early_refusal_of_a_large_request_is_read() -> None:
    class Strict(ScriptedServer):
        def _read_request(self, connection: Any) -> None:
            connection.recv(65536)
            connection.sendall(whole(b'{"error":{"message":"too much"}}', status="413 Too Large"))
            while connection.recv(65536):
                pass

    request = ImageRequest("a fox", "m", extra={"image": "A" * 3_000_000})
    with Strict(lambda wire: None) as server, MeshClient("rsk_key", server.url) as client:
        found = client.images.record(request, sink=lambda data: None, call=Call())
    assert found.head.status == 413


def test_refused_connection_is_free() -> None:
    with serving(b"") as server:
        url = server.url
    with MeshClient("rsk_key", url) as client, pytest.raises(NotSent) as caught:
        client.images.generate(REQUEST)
    assert (caught.value.code, caught.value.charge) == ("refused_connection", "free")


def test_unknown_name_is_free() -> None:
    with (
        MeshClient("rsk_key", "http://nowhere.invalid") as client,
        pytest.raises(NotSent) as caught,
    ):
        client.images.generate(REQUEST)
    assert caught.value.code == "dns"


def test_wrong_certificate_is_named_and_nothing_is_sent() -> None:
    with (
        serving(b"", tls=True) as server,
        MeshClient("rsk_key", server.url) as client,
        pytest.raises(NotSent) as caught,
    ):
        client.images.generate(REQUEST)
    assert caught.value.code == "tls_certificate"
    assert server.requests == []


def test_handshake_that_never_comes_has_its_limit() -> None:
    class Mute(ScriptedServer):
        def _serve(self, connection: Any) -> None:
            self._stopping.wait(5)

    limits = Limits(connect_seconds=DEADLINE)
    with Mute(lambda wire: None) as server:
        url = server.url.replace("http:", "https:")
        client = MeshClient("rsk_key", url, limits=limits)
        with pytest.raises(NotSent) as caught:
            client.images.generate(REQUEST)
    assert caught.value.code == "tls_timeout"


def test_plain_http_where_tls_was_expected() -> None:
    class Plain(ScriptedServer):
        def _read_request(self, connection: Any) -> None:
            connection.recv(65536)
            connection.sendall(whole(b"{}", status="400 Bad Request"))

    with Plain(lambda wire: None) as server:
        client = MeshClient("rsk_key", server.url.replace("http:", "https:"))
        with pytest.raises(NotSent) as caught:
            client.images.generate(REQUEST)
    assert caught.value.code == "tls_failed"


@pytest.mark.parametrize("script", [say_nothing, fall_silent, ping, drip_head])
def test_abort_from_another_thread_ends_a_call_at_once(script: Callable[[Wire], None]) -> None:
    call = Call()
    with serving(script) as server:
        timer = threading.Timer(0.2, call.abort, ["stopping"])
        timer.start()
        started = time.monotonic()
        try:
            trouble = recorded(server, Limits(), call).trouble
        except MeshError as error:
            trouble = error
        took = time.monotonic() - started
        timer.join()
    assert isinstance(trouble, AnswerLost)
    assert (trouble.code, trouble.message, trouble.charge) == ("aborted", "stopping", "unknown")
    assert took < 0.2 + SLACK


def test_abort_over_tls_ends_a_call_at_once() -> None:
    call = Call()
    tls = SharedTLS(ssl.create_default_context(cafile=CERTIFICATE))
    with serving(say_nothing, tls=True) as server:
        timer = threading.Timer(0.2, call.abort)
        timer.start()
        client = MeshClient("rsk_key", server.url, transport=WatchedTransport(tls=tls))
        with pytest.raises(AnswerLost) as caught:
            client.images.record(REQUEST, sink=lambda data: None, call=call)
        timer.join()
    assert caught.value.code == "aborted"
    assert len(server.requests) == 1


def test_async_call_is_aborted_from_another_thread() -> None:
    call = Call()

    async def generated(url: str) -> None:
        async with AsyncMeshClient("rsk_key", url) as client:
            await client.images.generate(REQUEST, call=call)

    with serving(say_nothing) as server:
        timer = threading.Timer(0.2, call.abort)
        timer.start()
        with pytest.raises(AnswerLost) as caught:
            asyncio.run(generated(server.url))
        timer.join()
    assert caught.value.code == "aborted"


def test_call_aborted_before_it_begins_sends_nothing() -> None:
    call = Call()
    call.abort()
    with serving(b"") as server, pytest.raises(NotSent) as caught:
        recorded(server, Limits(), call)
    assert caught.value.code == "not_started"
    assert server.bytes_in == 0


def test_many_calls_at_once_each_get_their_own_answer() -> None:
    found: list[bytes] = []

    def one(url: str) -> None:
        with MeshClient("rsk_key", url) as client:
            found.append(client.images.generate(REQUEST).items[0].content or b"")

    with serving(events(PROCESSING, RESULT, DONE)) as server:
        threads = [threading.Thread(target=one, args=[server.url]) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [PICTURE] * 30
    assert (len(server.requests), server.connections) == (30, 30)
