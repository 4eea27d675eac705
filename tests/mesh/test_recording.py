"""An answer as it came, byte for byte."""

import pytest

from generations.mesh import BadAnswer, Call, Limits, MeshClient
from tests.mesh.server import Wire, chunked, events, head, serving, whole
from tests.mesh.streams import JSON_ANSWER, PROCESSING, REQUEST, RESULT

KEY = "rsk_verysecretkey"


def test_recording_is_byte_for_byte_and_stops_at_done() -> None:
    body: list[bytes] = []

    def script(wire: Wire) -> None:
        wire.send(events(PROCESSING, RESULT, b"data: [DO", b"NE]\n\n", end=b""))
        wire.wait(5)

    with serving(script) as server, MeshClient(KEY, server.url) as client:
        found = client.images.record(REQUEST, sink=body.append, call=Call())
    kept = b"".join(body)
    assert kept.startswith(PROCESSING + RESULT + b"data: [DONE]")
    assert (found.complete, found.saw_done, found.trouble, found.size) == (
        True,
        True,
        None,
        len(kept),
    )


@pytest.mark.parametrize(
    ("answer", "complete", "code"),
    [
        (whole(JSON_ANSWER), True, None),
        (whole(b"", status="204 No Content"), True, None),
        (events(PROCESSING, RESULT), True, None),
        (head("200 OK", "Content-Type: application/json") + JSON_ANSWER, False, None),
        (whole(JSON_ANSWER)[:-9], False, "cut"),
        (events(PROCESSING, end=b""), False, "cut"),
        (events(PROCESSING, end=b"zz\r\n"), False, "cut"),
    ],
)
def test_recording_says_whether_the_body_ended(
    answer: bytes, complete: bool, code: str | None
) -> None:
    with serving(answer) as server, MeshClient(KEY, server.url) as client:
        found = client.images.record(REQUEST, sink=lambda data: None, call=Call())
    assert found.complete is complete
    assert (found.trouble.code if found.trouble else None) == code


def test_recording_ends_at_the_cap_and_keeps_what_came() -> None:
    body: list[bytes] = []
    limits = Limits(max_body_bytes=100_000)
    with (
        serving(events(*[b"x" * 10_000] * 50)) as server,
        MeshClient(KEY, server.url, limits=limits) as client,
    ):
        found = client.images.record(REQUEST, sink=body.append, call=Call())
    assert found.trouble is not None
    assert (found.trouble.code, found.complete) == ("answer_too_large", False)
    assert 100_000 <= len(b"".join(body)) == found.size < 300_000


def test_sink_that_raises_comes_out_unchanged() -> None:
    full = OSError(28, "No space left on device")

    def sink(data: bytes) -> None:
        raise full

    with (
        serving(whole(JSON_ANSWER)) as server,
        MeshClient(KEY, server.url) as client,
        pytest.raises(OSError, match="No space") as caught,
    ):
        client.images.record(REQUEST, sink=sink, call=Call())
    assert caught.value is full


@pytest.mark.parametrize(
    "raw",
    [
        b"HELLO\r\n\r\n",
        head("200 OK", "Content-Length: 5", "Content-Length: 6"),
        head("200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"),
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000,
    ],
)
def test_head_that_is_no_http(raw: bytes) -> None:
    with (
        serving(raw + chunked(RESULT)) as server,
        MeshClient(KEY, server.url) as client,
        pytest.raises(BadAnswer) as caught,
    ):
        client.images.record(REQUEST, sink=lambda data: None, call=Call())
    assert (caught.value.code, caught.value.charge) == ("bad_head", "unknown")
