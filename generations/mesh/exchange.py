"""What both clients share: requests to send, heads to accept, bodies to read within limits."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from generations.mesh.async_transport import AsyncWatchedTransport
from generations.mesh.calls import Call, Watch
from generations.mesh.errors import BadAnswer, MeshError
from generations.mesh.text import clean_token
from generations.mesh.transport import WATCH, WatchedTransport, translated
from generations.mesh.types import AnswerHead, Limits

GENERATIONS = "/v1/images/generations"
MODELS = "/v1/models"
LIST_LIMITS = Limits(first_byte_seconds=30, silence_seconds=20, deadline_seconds=60)


@dataclass(frozen=True, repr=False)
class Account:
    """Where to call and with which key; nothing that prints it shows the key."""

    api_key: str
    base_url: str

    @classmethod
    def at(cls, api_key: str, base_url: str) -> "Account":
        if not api_key or clean_token(api_key, max_chars=500) != api_key:
            raise ValueError("the API key must be printable ASCII without blanks")
        return cls(api_key=api_key, base_url=normal_base_url(base_url))

    def __repr__(self) -> str:
        return f"Account({self.base_url!r})"

    def post(
        self, body: bytes, watch: Watch, *, stream: bool, path: str = GENERATIONS
    ) -> httpx.Request:
        accept = "text/event-stream, application/json" if stream else "application/json"
        headers = self._headers(watch, accept=accept) | {"Content-Type": "application/json"}
        url = self.base_url + path
        return httpx.Request("POST", url, headers=headers, content=body, extensions={WATCH: watch})

    def get(self, path: str, watch: Watch, *, params: dict[str, str]) -> httpx.Request:
        headers = self._headers(watch, accept="application/json")
        url = httpx.URL(self.base_url + path, params=params or None)
        return httpx.Request("GET", url, headers=headers, extensions={WATCH: watch})

    def _headers(self, watch: Watch, *, accept: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self.api_key}",
            "Accept": accept,
            "Accept-Encoding": "identity",
            "User-Agent": "mesh-gallery",
        }
        request_id = clean_token(watch.call.request_id)
        return headers | ({"X-Request-Id": request_id} if request_id else {})


def normal_base_url(base_url: str) -> str:
    """Without a trailing slash or /v1. ValueError for what is no http(s) address of a server."""
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise ValueError("the base URL can't be read") from error
    is_plain = url.scheme in ("http", "https") and url.host and not url.userinfo
    if not is_plain or url.query or url.fragment:
        raise ValueError("the base URL must be http(s)://host, without user, query or fragment")
    return str(url).rstrip("/").removesuffix("/v1").rstrip("/")


def model_path(model_id: str) -> str:
    """The slash of a model's id stays a slash; nothing in it may climb out of the path."""
    if not model_id or ".." in model_id.split("/"):
        raise ValueError("not a model id")
    return f"{MODELS}/{quote(model_id, safe='/:@')}"


def start(call: Call | None, limits: Limits) -> Watch:
    call = call or Call()
    call.begin()
    return Watch(limits, call)


def accept_head(response: httpx.Response, watch: Watch) -> AnswerHead:
    """The head of an answer whose framing can be trusted; the caller is told of it."""
    names = [name.lower() for name, _ in response.headers.raw]
    head = AnswerHead.from_headers(response.status_code, response.headers.raw)
    if b"transfer-encoding" in names and b"content-length" in names:
        raise BadAnswer("bad_head", status=head.status, request_id=head.request_id)
    watch.head_came(head)
    return head


def refuse_encoding(head: AnswerHead) -> None:
    if head.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadAnswer("encoded", status=head.status, request_id=head.request_id)


def refuse_excess(head: AnswerHead, size_bytes: int, limits: Limits) -> None:
    """For answers that are read into memory whole."""
    if size_bytes > limits.max_body_bytes:
        raise BadAnswer("answer_too_large", status=head.status, request_id=head.request_id)


def declares_end(head: AnswerHead) -> bool:
    """Whether the end of the body can be told from its being cut off."""
    is_chunked = "chunked" in head.headers.get("transfer-encoding", "").lower()
    return is_chunked or head.content_length is not None or head.status in (204, 304)


@dataclass
class Received:
    head: AnswerHead
    chunks: Iterator[bytes]


@dataclass
class AsyncReceived:
    head: AnswerHead
    chunks: AsyncIterator[bytes]


@contextlib.contextmanager
def opened(
    transport: httpx.BaseTransport, request: httpx.Request, watch: Watch
) -> Iterator[Received]:
    is_ours = isinstance(transport, WatchedTransport)
    if not is_ours:  # it has no such hook: the last moment we know of is now
        _announce(watch)
    with translated(watch):
        response = transport.handle_request(request)
    try:
        head = accept_head(response, watch)
        yield Received(head, _chunks(response, watch, head))
    finally:
        response.close()


@contextlib.asynccontextmanager
async def opened_async(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, watch: Watch
) -> AsyncIterator[AsyncReceived]:
    if not isinstance(transport, AsyncWatchedTransport):
        _announce(watch)
    with translated(watch):
        response = await transport.handle_async_request(request)
    try:
        head = accept_head(response, watch)
        yield AsyncReceived(head, _async_chunks(response, watch, head))
    finally:
        await response.aclose()


def _announce(watch: Watch) -> None:
    watch.start_sending()
    watch.sent()


@contextlib.contextmanager
def _placed(head: AnswerHead) -> Iterator[None]:
    """An error in the body carries the head's status and request id."""
    try:
        yield
    except MeshError as error:
        error.status = error.status or head.status
        error.request_id = error.request_id or head.request_id
        raise


def _chunks(response: httpx.Response, watch: Watch, head: AnswerHead) -> Iterator[bytes]:
    stream: Any = response.stream
    with _placed(head), translated(watch):
        for chunk in stream:
            watch.read_left()  # for a transport without limits of its own
            watch.heard(chunk or b" ")
            yield chunk


async def _async_chunks(
    response: httpx.Response, watch: Watch, head: AnswerHead
) -> AsyncIterator[bytes]:
    stream: Any = response.stream
    with _placed(head), translated(watch):
        async for chunk in stream:
            watch.read_left()
            watch.heard(chunk or b" ")
            yield chunk
