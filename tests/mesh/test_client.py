"""What goes out, what comes back, and who is told of it."""

import asyncio
import json

import httpx
import pytest

from generations.mesh import (
    AnswerHead,
    AsyncMeshClient,
    BadAnswer,
    Blocked,
    Call,
    EmptyAnswer,
    ImageEvent,
    ImageRequest,
    MeshClient,
    MeshError,
    NoBalance,
    NotSent,
)
from tests.mesh.server import ScriptedServer, events, serving, whole
from tests.mesh.streams import (
    DONE,
    JSON_ANSWER,
    PARTIAL_BODY,
    PICTURE,
    PING,
    PROCESSING,
    REQUEST,
    RESULT,
    as_json,
    frame,
)

KEY = "rsk_verysecretkey"

USAGE = {"prompt_tokens": 100, "completion_tokens": 1000, "total_tokens": 1100}


class DatabaseAway(Exception):
    pass


def sent_to(server: ScriptedServer) -> tuple[dict[str, str], dict[str, object]]:
    raw_head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = raw_head.decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    return {name.lower(): value for name, value in headers.items()}, json.loads(body)


def test_request_on_the_wire() -> None:
    request = ImageRequest("a fox", "m", n=2, size="auto", extra={"seed": 7, "stream": "x"})
    with serving(whole(JSON_ANSWER)) as server, MeshClient(KEY, server.url + "/v1/") as client:
        client.images.generate(request, call=Call("attempt\r\nX-Evil: 1"))
    headers, body = sent_to(server)
    assert server.requests[0].startswith(b"POST /v1/images/generations HTTP/1.1\r\n")
    assert body == {"prompt": "a fox", "model": "m", "n": 2, "size": "auto", "seed": 7}
    assert headers == {
        "host": f"localhost:{server.port}",
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "content-length": headers["content-length"],
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "mesh-gallery",
        "x-request-id": "attemptX-Evil:1",
    }


def test_result_of_a_whole_answer() -> None:
    answer = as_json(
        created=1_790_000_000,
        data=[{"url": "https://cdn.example/a.png", "revised_prompt": "A red\u0000 fox"}],
        background="opaque",
        output_format="webp",
        quality="high",
        size="1024x1024",
        usage=USAGE | {"input_tokens_details": {"text_tokens": 100}},
        model="openai/gpt-image-1",
    )
    with serving(whole(answer, "X-Request-Id: req-9")) as server, MeshClient(KEY, server.url) as c:
        result = c.images.generate(REQUEST)
    item = result.items[0]
    assert (item.url, item.content, item.revised_prompt) == (
        "https://cdn.example/a.png",
        None,
        "A red fox",
    )
    assert (result.created, result.background, result.output_format) == (
        1_790_000_000,
        "opaque",
        "webp",
    )
    assert (result.quality, result.size, result.model) == (
        "high",
        "1024x1024",
        "openai/gpt-image-1",
    )
    assert result.usage is not None
    assert result.usage.as_dict() == USAGE | {"input_tokens_details": {"text_tokens": 100}}
    assert (result.request_id, result.error, result.flags) == ("req-9", None, frozenset())


def test_events_of_a_stream() -> None:
    stream = events(PROCESSING, PING, frame(PARTIAL_BODY), RESULT, DONE)
    with serving(stream) as server, MeshClient(KEY, server.url) as client:
        found = list(client.images.stream(REQUEST))
    assert sent_to(server)[1]["stream"] is True
    assert [event.kind for event in found] == ["processing", "partial", "completed"]
    assert found[1].preview is not None
    assert found[1].preview.content == PICTURE
    assert [item.content for item in found[2].items] == [PICTURE]


def test_events_of_a_stream_in_asyncio() -> None:
    async def streamed(url: str) -> list[ImageEvent]:
        async with AsyncMeshClient(KEY, url) as client:
            return [event async for event in client.images.stream(REQUEST)]

    with serving(events(PROCESSING, PING, RESULT, DONE)) as server:
        found = asyncio.run(streamed(server.url))
    assert [event.kind for event in found] == ["processing", "completed"]
    assert [item.content for item in found[-1].items] == [PICTURE]


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (whole(as_json(created=1, data=[])), EmptyAnswer, "empty"),
        (whole(b'{"created": 1, "data": [{"b64_js'), BadAnswer, "malformed"),
        (whole(b"{}", status="402 Payment Required"), NoBalance, "no_balance"),
        (whole(JSON_ANSWER, "Content-Encoding: br"), BadAnswer, "encoded"),
        (
            whole(as_json(error={"code": "moderation_blocked", "message": "No."})),
            Blocked,
            "blocked",
        ),
    ],
)
def test_answer_without_a_picture_raises(answer: bytes, kind: type[MeshError], code: str) -> None:
    async def generated(url: str) -> None:
        async with AsyncMeshClient(KEY, url) as client:
            await client.images.generate(REQUEST)

    with serving(answer) as server:
        with MeshClient(KEY, server.url) as client, pytest.raises(kind) as caught:
            client.images.generate(REQUEST)
        with pytest.raises(kind) as caught_async:
            asyncio.run(generated(server.url))
    assert caught.value.code == caught_async.value.code == code
    assert len(server.requests) == 2  # one each: nothing is repeated


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_nothing_is_ever_repeated(status: int) -> None:
    with (
        serving(whole(b"{}", "Retry-After: 0", status=f"{status} X")) as server,
        MeshClient(KEY, server.url) as client,
        pytest.raises(MeshError) as caught,
    ):
        client.images.generate(REQUEST)
    assert (len(server.requests), caught.value.status) == (1, status)


def test_redirect_is_not_followed() -> None:
    with serving(whole(JSON_ANSWER)) as target:
        moved = whole(b"", f"Location: {target.url}/", status="307 Temporary Redirect")
        with (
            serving(moved) as server,
            MeshClient(KEY, server.url) as client,
            pytest.raises(MeshError) as caught,
        ):
            client.images.generate(REQUEST)
    assert caught.value.code == "redirected"
    assert target.connections == 0


def test_hook_that_raises_comes_out_unchanged_and_no_byte_leaves() -> None:
    away = DatabaseAway("the row could not be marked")

    def refuse() -> None:
        raise away

    with serving(whole(JSON_ANSWER)) as server, MeshClient(KEY, server.url) as client:
        with pytest.raises(DatabaseAway) as caught:
            client.images.record(REQUEST, sink=lambda data: None, call=Call(on_send=refuse))
        assert caught.value is away
    assert (server.bytes_in, server.requests) == (0, [])


@pytest.mark.parametrize("error", [httpx.ReadError("x"), NotSent("dns"), OSError("x")])
def test_hook_may_raise_what_looks_like_the_networks(error: Exception) -> None:
    def refuse() -> None:
        raise error

    with serving(whole(JSON_ANSWER)) as server, MeshClient(KEY, server.url) as client:
        with pytest.raises(type(error)) as caught:
            client.images.generate(REQUEST, call=Call(on_send=refuse))
        assert caught.value is error
    assert server.bytes_in == 0


def test_hooks_run_in_order_and_once() -> None:
    told: list[object] = []
    call = Call(on_send=lambda: told.append(server.bytes_in), on_head=told.append)
    answer = whole(JSON_ANSWER, "X-Request-Id: req-9\x7f", "Set-Cookie: a=b")
    with serving(answer) as server, MeshClient(KEY, server.url) as client:
        found = client.images.record(REQUEST, sink=lambda data: None, call=call)
    assert told == [0, found.head]
    assert found.head == AnswerHead(
        200,
        {
            "content-type": "application/json",
            "content-length": str(len(JSON_ANSWER)),
            "x-request-id": "req-9",
        },
        "req-9",
        "application/json",
        len(JSON_ANSWER),
    )


def test_call_is_for_one_call() -> None:
    call = Call()
    with serving(whole(JSON_ANSWER)) as server, MeshClient(KEY, server.url) as client:
        client.images.generate(REQUEST, call=call)
        with pytest.raises(RuntimeError):
            client.images.generate(REQUEST, call=call)
    assert len(server.requests) == 1


def test_nothing_shows_the_key_or_the_prompt() -> None:
    client = MeshClient(KEY, "http://localhost")
    call = Call("attempt-1", on_send=lambda: None)
    shown = repr([client, client.images._account, call, REQUEST, AsyncMeshClient(KEY)])
    assert KEY not in shown
    assert "fox" not in shown
    assert "attempt-1" in shown
    with (
        serving(whole(as_json(error={"message": f"bad key {KEY}"}), status="401 X")) as server,
        MeshClient(KEY, server.url) as other,
        pytest.raises(MeshError) as caught,
    ):
        other.images.generate(REQUEST)
    assert caught.value.message == "bad key [key]"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://api.meshapi.ai", "https://api.meshapi.ai"),
        ("https://api.meshapi.ai/", "https://api.meshapi.ai"),
        ("https://api.meshapi.ai/v1", "https://api.meshapi.ai"),
        ("http://127.0.0.1:9/proxy/v1/", "http://127.0.0.1:9/proxy"),
    ],
)
def test_base_url_is_tolerant(given: str, used: str) -> None:
    assert MeshClient(KEY, given).base_url == used


@pytest.mark.parametrize(
    "given", ["", "api.meshapi.ai", "ftp://x", "https://u:p@x", "https://x?y=1", "https://x#y"]
)
def test_base_url_that_is_none(given: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        MeshClient(KEY, given)


@pytest.mark.parametrize("key", ["", "rsk_a b", "rsk_\n", "rsk_ü"])
def test_key_that_is_none(key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        MeshClient(key)
