"""What moderation says of a prompt or a picture, also when it says it oddly or not at all."""

import asyncio
import json
import time
from typing import Any

import pytest

from generations.mesh import (
    AsyncMeshClient,
    BadAnswer,
    Limits,
    MeshClient,
    MeshError,
    Moderation,
    ModerationRequest,
)
from generations.mesh.moderation import CHECK_LIMITS
from tests.mesh.server import head, serving, whole
from tests.mesh.streams import as_json
from tests.support.sandbox import Sandbox

KEY = "rsk_verysecretkey"
FOX = ModerationRequest("a fox")
PICTURE = "data:image/webp;base64,UklGRg=="
CLEAR: dict[str, Any] = {"flagged": False, "categories": {"violence": False}}


def asked(answer: bytes, request: ModerationRequest = FOX) -> tuple[Moderation, bytes]:
    with serving(answer) as server, MeshClient(KEY, server.url) as client:
        found = client.moderations.check(request)
    return found, server.requests[0]


@pytest.mark.parametrize(
    ("request_", "sent"),
    [
        (FOX, "a fox"),
        (
            ModerationRequest(image_url=PICTURE),
            [{"type": "image_url", "image_url": {"url": PICTURE}}],
        ),
        (
            ModerationRequest("a fox", PICTURE),
            [
                {"type": "text", "text": "a fox"},
                {"type": "image_url", "image_url": {"url": PICTURE}},
            ],
        ),
    ],
)
def test_what_is_sent(request_: ModerationRequest, sent: object) -> None:
    found, request = asked(whole(as_json(results=[CLEAR]), "X-Request-Id: req_7"), request_)
    top, _, body = request.partition(b"\r\n\r\n")
    assert top.startswith(b"POST /v1/moderations HTTP/1.1\r\n")
    assert b"authorization: bearer rsk_verysecretkey" in top.lower()
    assert json.loads(body) == {"input": sent, "model": "omni-moderation-latest"}
    assert found == Moderation(is_flagged=False, request_id="req_7")


@pytest.mark.parametrize(
    ("results", "is_flagged", "categories"),
    [
        ([CLEAR], False, ()),
        ([{"flagged": False}], False, ()),
        ([{"flagged": True}], True, ()),
        (
            [{"flagged": True, "categories": {"Violence/Graphic": True, "hate": True, "x": False}}],
            True,
            ("hate", "violence/graphic"),
        ),
        ([CLEAR, {"flagged": True, "categories": {"hate": True}}], True, ("hate",)),
        # Where the two disagree, and where one is missing.
        ([{"flagged": False, "categories": {"hate": True}}], True, ("hate",)),
        ([{"categories": {"hate": True}}], True, ("hate",)),
        ([{"categories": {"hate": False}}], False, ()),
        # Names that are none.
        ([{"flagged": True, "categories": {"<b>\u202e\n": True, "": True}}], True, ("<b>",)),
        ([{"flagged": True, "categories": {"x" * 999: True}}], True, ("x" * 40,)),
        ([{"flagged": True, "categories": {"hate": 1, "rage": "true"}}], True, ()),
        ([{"flagged": True, "categories": ["hate"]}], True, ()),
    ],
)
def test_verdict_is_read(results: list[Any], is_flagged: bool, categories: tuple[str, ...]) -> None:
    found, _ = asked(whole(as_json(results=results)))
    assert (found.is_flagged, found.categories) == (is_flagged, categories)


def test_a_thousand_categories_are_cut() -> None:
    many = {f"c{number:04}": True for number in range(1000)}
    found, _ = asked(whole(as_json(results=[{"flagged": True, "categories": many}])))
    assert len(found.categories) == 40


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"<html>Sign in</html>",
        b'{"results": []}',
        b'{"results": {}}',
        b'{"results": [null]}',
        b'{"results": ["flagged"]}',
        b'{"results": [{}]}',
        b'{"results": [{"flagged": "false"}]}',
        b'{"results": [{"flagged": 0, "categories": {"hate": false}}]}',
        b'{"results": [{"flagged": null}]}',
        b'{"results": [{"flagged": false}, {}]}',
        b'{"results": [{"flagged": fal',
        json.dumps({"results": [CLEAR] * 101}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_verdict_lets_nothing_through(body: bytes) -> None:
    with pytest.raises(BadAnswer) as caught:
        asked(whole(body, "X-Request-Id: req_9"))
    assert (caught.value.code, caught.value.request_id) == ("malformed", "req_9")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (whole(as_json(detail="gone"), status="404 Not Found"), "model_gone"),
        (whole(b"", "Retry-After: 30", status="429 Too Many Requests"), "rate_limited"),
        (whole(b"oops", status="503 Service Unavailable"), "unavailable"),
        (
            whole(b"", "Location: http://127.0.0.1:1/", status="307 Temporary Redirect"),
            "redirected",
        ),
        (whole(as_json(results=[CLEAR]), status="201 Created"), "unexpected_status"),
        (whole(as_json(results=[CLEAR]), "Content-Encoding: gzip"), "encoded"),
        (whole(b"x" * 1_000_001), "answer_too_large"),
        (head("200 OK", "Content-Length: 500") + b"{", "cut"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "bad_head"),
        (b"", "connection_lost"),
    ],
)
def test_trouble_is_an_error(answer: bytes, code: str) -> None:
    with pytest.raises(MeshError) as caught:
        asked(answer)
    assert caught.value.code == code


def test_an_endpoint_that_drips_is_left_at_the_deadline() -> None:
    limits = Limits(first_byte_seconds=9, silence_seconds=9, deadline_seconds=0.3)
    begun = time.monotonic()
    with (
        serving(lambda wire: wire.drip(head("200 OK", "X: " + "y" * 4000), every=0.01)) as server,
        MeshClient(KEY, server.url) as client,
        pytest.raises(MeshError) as caught,
    ):
        client.moderations.check(FOX, limits=limits)
    assert caught.value.code == "deadline"
    assert time.monotonic() - begun < 2
    assert CHECK_LIMITS.deadline_seconds <= 10


def test_moderation_in_asyncio() -> None:
    async def check(url: str, request: ModerationRequest) -> Moderation:
        async with AsyncMeshClient(KEY, url) as client:
            return await client.moderations.check(request)

    with serving(whole(as_json(results=[{"flagged": True}]))) as server:
        assert asyncio.run(check(server.url, FOX)).is_flagged
    with serving(whole(b"x" * 1_000_001)) as server, pytest.raises(BadAnswer):
        asyncio.run(check(server.url, FOX))


def test_prompts_stay_out_of_what_is_printed() -> None:
    assert "fox" not in repr(FOX)


def test_the_sandbox_gives_verdicts(sandbox_server: Sandbox) -> None:
    with MeshClient(KEY, sandbox_server.url) as client:
        gore = client.moderations.check(ModerationRequest("blood and gore, a naked truth"))
        fox = client.moderations.check(FOX)
    assert gore.is_flagged
    assert gore.categories == ("sexual", "violence")
    assert gore.request_id.startswith("req_")
    assert (fox.is_flagged, fox.categories) == (False, ())
