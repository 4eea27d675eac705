"""Every way a stream may come, what it must be read as, and what the vendor's SDK makes of it."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import meshapi

from generations.mesh import Call, ImageRequest, Limits, MeshClient, judge, judge_error, read_answer
from generations.mesh.errors import MeshError
from generations.outcomes import sentence_for
from tests.mesh.server import Script, Wire, chunked, events, head, serving, whole

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
B64 = base64.b64encode(PICTURE).decode()
REQUEST = ImageRequest("a fox in snow", "openai/gpt-image-1")
QUICK = Limits(connect_seconds=2, first_byte_seconds=3, silence_seconds=3, deadline_seconds=0.6)
SDK_SECONDS = 1.0
PINGS_SECONDS = 1.6


def as_json(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def frame(body: bytes, *, end: bytes = b"\n", lead: bytes = b"data: ") -> bytes:
    return lead + body + end + end


PROCESSING_BODY = as_json(
    id="img-1",
    object="image.chunk",
    created=1_790_000_000,
    model="openai/gpt-image-1",
    data=[],
    status="processing",
)
RESULT_BODY = as_json(
    id="img-1", object="image.chunk", created=1_790_000_000, data=[{"b64_json": B64}]
)
PARTIAL_BODY = as_json(
    type="image_generation.partial_image",
    created=1_790_000_000,
    partial_image_index=0,
    b64_json=B64,
)
PROCESSING, RESULT, PING = frame(PROCESSING_BODY), frame(RESULT_BODY), b": ping\n\n"
DONE = b"data: [DONE]\n\n"
JSON_ANSWER = as_json(created=1_790_000_000, data=[{"b64_json": B64}])


@dataclass(frozen=True)
class Stream:
    name: str
    answer: bytes | Script = field(repr=False)
    kind: str
    code: str
    pictures: int = 0
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    kind: str
    code: str
    pictures: int
    flags: frozenset[str]
    reads: str


def _error_frame(code: str, message: str) -> bytes:
    return frame(as_json(error={"code": code, "message": message}))


def _crlf(*frames: bytes) -> bytes:
    return b"".join(frames).replace(b"\n", b"\r\n")


def _pings(wire: Wire) -> None:
    wire.send(events(PROCESSING, end=b""))
    for _ in range(round(PINGS_SECONDS / 0.1)):
        wire.send(chunked(PING, end=b""))
        wire.wait(0.1)
    wire.send(b"0\r\n\r\n")


def _then_reset(sent: bytes) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        wire.send(sent)
        wire.wait(0.05)
        wire.reset()

    return script


def _bytewise(wire: Wire) -> None:
    body = "".join(["data: ", '{"created":1790000000,"data":[{"url":"https://cdn.example/ü"}]}'])
    text = (body + "\n\ndata: [DONE]\n\n").encode()
    wire.send(events(end=b""))
    for byte in text:
        wire.send(chunked(bytes([byte]), end=b""))
    wire.send(b"0\r\n\r\n")


def _flags(*names: str) -> frozenset[str]:
    return frozenset(names)


SPLIT_BODY = json.dumps(json.loads(RESULT_BODY), indent=1).encode()

STREAMS = (
    Stream("as documented", events(PROCESSING, PING, PING, RESULT, DONE), "usable", "ok", 1),
    Stream(
        "CRLF line ends",
        events(_crlf(PROCESSING, PING, RESULT, DONE)),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "CR line ends",
        events(b"".join([PROCESSING, PING, RESULT, DONE]).replace(b"\n", b"\r")),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "data: without the blank",
        events(frame(PROCESSING_BODY, lead=b"data:"), frame(RESULT_BODY, lead=b"data:"), DONE),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "one frame in many data: lines",
        events(
            b"".join(b"data: " + line + b"\n" for line in SPLIT_BODY.split(b"\n")) + b"\n", DONE
        ),
        "usable",
        "ok",
        1,
    ),
    Stream("a byte order mark first", events(b"\xef\xbb\xbf" + RESULT, DONE), "usable", "ok", 1),
    Stream("byte by byte, through UTF-8", _bytewise, "usable", "ok", 1),
    Stream(
        "event:, id: and retry: lines",
        events(b"event: image\nid: 7\nretry: 100\n" + RESULT, DONE),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "no blank line before [DONE]",
        events(b"data: " + RESULT_BODY + b"\n", DONE),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "no blank line after the last frame",
        events(PROCESSING, b"data: " + RESULT_BODY),
        "usable",
        "ok",
        1,
        _flags("no_done"),
    ),
    Stream("picture, then no [DONE]", events(RESULT), "usable", "ok", 1, _flags("no_done")),
    Stream(
        "picture, then reset",
        _then_reset(events(PROCESSING, RESULT, end=b"")),
        "usable",
        "ok",
        1,
        _flags("no_done"),
    ),
    Stream(
        "picture after a preview",
        events(PROCESSING, frame(PARTIAL_BODY), RESULT, DONE),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "junk between good frames",
        events(PROCESSING, b'data: {"crea\n\n', RESULT, DONE),
        "usable",
        "ok",
        1,
        _flags("junk_frame"),
    ),
    Stream(
        "data after [DONE]",
        events(RESULT, DONE + RESULT + DONE),
        "usable",
        "ok",
        1,
        _flags("data_after_done"),
    ),
    Stream("JSON where a stream was asked", whole(JSON_ANSWER), "usable", "ok", 1),
    Stream(
        "a stream that calls itself JSON",
        whole(PROCESSING + RESULT + DONE, kind="application/json"),
        "usable",
        "ok",
        1,
    ),
    Stream(
        "preview, then cut",
        _then_reset(events(PROCESSING, frame(PARTIAL_BODY), end=b"")),
        "unknown",
        "cut",
    ),
    Stream(
        "cut in the middle of the picture",
        _then_reset(events(PROCESSING, RESULT[:900], end=b"")),
        "unknown",
        "cut",
    ),
    Stream("processing, then a proper end", events(PROCESSING, PING), "unknown", "cut"),
    Stream(
        "malformed frame, then the end",
        events(b'data: {"data":[{"b64\n\n'),
        "unknown",
        "cut",
        0,
        _flags("junk_frame"),
    ),
    Stream(
        "malformed frame, then [DONE]",
        events(b'data: {"data":[{"b64\n\n', DONE),
        "unknown",
        "malformed",
        0,
        _flags("junk_frame"),
    ),
    Stream("pings for ever", _pings, "unknown", "deadline"),
    Stream("[DONE] without a picture", events(PROCESSING, DONE), "unusable", "empty"),
    Stream("[DONE] first of all", events(DONE), "unusable", "empty"),
    Stream(
        "picture that is no base64",
        events(frame(as_json(created=1_790_000_000, data=[{"b64_json": "<html>"}])), DONE),
        "unusable",
        "undecodable",
        0,
    ),
    Stream(
        "refused in the stream",
        events(
            PROCESSING, _error_frame("content_policy_violation", "No <b>swans</b>, please."), DONE
        ),
        "refused",
        "blocked",
    ),
    Stream(
        "busy in the stream",
        events(PROCESSING, _error_frame("rate_limit_exceeded", "Slow down."), DONE),
        "refused",
        "rate_limited",
    ),
    Stream(
        "failure in the stream",
        events(PROCESSING, _error_frame("upstream_error", "The model crashed."), DONE),
        "unknown",
        "stream_error",
    ),
    Stream(
        "refusal code after a preview",
        events(PROCESSING, frame(PARTIAL_BODY), _error_frame("invalid_request", "No."), DONE),
        "unknown",
        "stream_error",
    ),
    Stream(
        "failure after the picture",
        events(PROCESSING, RESULT, _error_frame("upstream_error", "Late."), DONE),
        "usable",
        "ok",
        1,
        _flags("error_after_image"),
    ),
    Stream(
        "a login page",
        whole(b"<html><title>Sign in</title></html>", kind="text/html"),
        "unknown",
        "wrong_content",
    ),
    Stream(
        "compressed all the same",
        whole(RESULT + DONE, "Content-Encoding: gzip", kind="text/event-stream"),
        "unknown",
        "encoded",
    ),
    Stream(
        "length and chunks both declared",
        head("200 OK", "Content-Length: 9", "Transfer-Encoding: chunked") + chunked(RESULT, DONE),
        "unknown",
        "bad_head",
    ),
    Stream("reset before an answer", lambda wire: wire.reset(), "unknown", "connection_lost"),
)


def read_by_us(stream: Stream) -> Outcome:
    """As the worker does it: record the bytes, read them, judge."""
    body: list[bytes] = []
    with (
        serving(stream.answer) as server,
        MeshClient("rsk_key", server.url, limits=QUICK) as client,
    ):
        try:
            found = client.images.record(REQUEST, sink=body.append, call=Call("request-1"))
        except MeshError as error:
            verdict, pictures = judge_error(error), 0
        else:
            answer = read_answer(found.head, body, complete=found.complete)
            verdict = judge(found.head, answer, wanted=1, trouble=found.trouble)
            pictures = sum(item.is_usable for item in answer.items)
        assert len(server.requests) == 1
    outcome = sentence_for(verdict.code, message=verdict.message)
    reads = f"{outcome.title}. {outcome.sentence}"
    return Outcome(verdict.kind, verdict.code, pictures, verdict.flags, reads)


def read_by_sdk(stream: Stream) -> str:
    """In words; nothing is asserted of it."""
    with serving(stream.answer) as server:
        client = meshapi.MeshAPI(
            base_url=server.url, token="rsk_key", timeout=SDK_SECONDS, max_retries=0
        )
        params = meshapi.ImageGenerationParams(prompt="a fox in snow", model="openai/gpt-image-1")
        try:
            chunks = list(client.images.stream(params))
            items = [item for chunk in chunks for item in chunk.data]
            found = f"success, {len(items)} picture{'' if len(items) == 1 else 's'}"
        except (meshapi.MeshAPIError, httpx.HTTPError, ValueError) as error:
            found = f"{type(error).__name__}"
        finally:
            client.close()
    return found


def table(rows: list[tuple[Stream, Outcome, str]]) -> list[str]:
    """What was sent, what we make of it, what the vendor's SDK makes of it, what a person reads."""
    lines = [f"{'what was sent':36} {'ours':28} {'vendor SDK':26} what the person reads"]
    for stream, ours, sdk in rows:
        result = f"{ours.kind}: {ours.code}, {ours.pictures}"
        lines.append(f"{stream.name:36} {result:28} {sdk:26} {ours.reads}")
    return lines
