"""MeshClient: pictures and models from Mesh API. One connection and one try per call."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx

from generations.mesh.answer import AnswerReader
from generations.mesh.calls import Call
from generations.mesh.catalog import model_from, models_from, page_from, search_params
from generations.mesh.errors import BadAnswer, MeshError
from generations.mesh.exchange import (
    LIST_LIMITS,
    MODELS,
    Account,
    Received,
    declares_end,
    model_path,
    opened,
    refuse_encoding,
    refuse_excess,
    start,
)
from generations.mesh.moderation import (
    CHECK_LIMITS,
    MODERATIONS,
    Moderation,
    ModerationRequest,
    moderation_from,
)
from generations.mesh.streaming import DoneWatch
from generations.mesh.transport import WatchedTransport
from generations.mesh.types import (
    DEFAULT_LIMITS,
    Answer,
    AnswerHead,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Limits,
    Model,
    ModelPage,
    Recording,
    Sink,
)

BASE_URL = "https://api.meshapi.ai"


class MeshClient:
    """Safe to share between threads; it keeps nothing open between calls."""

    def __init__(
        self,
        api_key: str,
        base_url: str = BASE_URL,
        *,
        limits: Limits = DEFAULT_LIMITS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._account = Account.at(api_key, base_url)
        self._transport = transport or WatchedTransport()
        self.limits = limits
        self.images = Images(self._account, self._transport, limits)
        self.models = Models(self._account, self._transport)
        self.moderations = Moderations(self._account, self._transport)

    @property
    def base_url(self) -> str:
        return self._account.base_url

    def __repr__(self) -> str:
        return f"MeshClient({self.base_url!r})"

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Images:
    def __init__(self, account: Account, transport: httpx.BaseTransport, limits: Limits) -> None:
        self._account = account
        self._transport = transport
        self._limits = limits

    def generate(self, request: ImageRequest, *, call: Call | None = None) -> ImageResult:
        """Waits for the whole answer. MeshError if no picture is in it."""
        result: ImageResult | None = None
        for event in self._events(request, stream=False, call=call):
            result = event.result
        if result is None:
            raise BadAnswer("malformed")
        return result

    def stream(self, request: ImageRequest, *, call: Call | None = None) -> Iterator[ImageEvent]:
        """Signs of life, previews, and the result as the last event. MeshError if none comes."""
        return self._events(request, stream=True, call=call)

    def record(self, request: ImageRequest, *, sink: Sink, call: Call) -> Recording:
        """The raw body goes to `sink` as it comes, unread, whatever its status.

        Raises MeshError only while there is no head; later trouble is told in the Recording. What
        `sink` or a hook raises ends the call and comes out unchanged.
        """
        watch = start(call, self._limits)
        post = self._account.post(request.body(stream=True), watch, stream=True)
        with opened(self._transport, post, watch) as received:
            return write_down(received, sink, max_bytes=self._limits.max_body_bytes)

    def _events(
        self, request: ImageRequest, *, stream: bool, call: Call | None
    ) -> Iterator[ImageEvent]:
        watch = start(call, self._limits)
        post = self._account.post(request.body(stream=stream), watch, stream=stream)
        with opened(self._transport, post, watch) as received:
            refuse_encoding(received.head)
            reader = AnswerReader(received.head, max_frame_bytes=self._limits.max_body_bytes)
            trouble: MeshError | None = None
            try:
                for chunk in received.chunks:
                    yield from reader.feed(chunk)
                    if reader.is_done:
                        break
            except MeshError as error:
                trouble = error
            answer = reader.finish(complete=ended_well(received.head, reader.is_done, trouble))
        yield completed(answer, trouble=trouble)


class Models:
    def __init__(self, account: Account, transport: httpx.BaseTransport) -> None:
        self._account = account
        self._transport = transport

    def list(
        self,
        *,
        type: str | None = None,
        provider: str | None = None,
        free: bool | None = None,
    ) -> tuple[Model, ...]:
        return models_from(
            self._get(MODELS, search_params(type=type, provider=provider, free=free))
        )

    def get(self, model_id: str) -> Model:
        return model_from(self._get(model_path(model_id), {}))

    def search(
        self, q: str = "", *, output_modality: str = "image", limit: int = 50, offset: int = 0
    ) -> ModelPage:
        params = search_params(q=q, output_modality=output_modality, limit=limit, offset=offset)
        return page_from(self._get(f"{MODELS}/search", params))

    def _get(self, path: str, params: dict[str, str]) -> tuple[AnswerHead, bytes]:
        watch = start(None, LIST_LIMITS)
        request = self._account.get(path, watch, params=params)
        with opened(self._transport, request, watch) as received:
            refuse_encoding(received.head)
            return received.head, b"".join(received.chunks)


class Moderations:
    def __init__(self, account: Account, transport: httpx.BaseTransport) -> None:
        self._account = account
        self._transport = transport

    def check(self, request: ModerationRequest, *, limits: Limits = CHECK_LIMITS) -> Moderation:
        """Costs nothing and may be repeated. MeshError if no verdict comes."""
        watch = start(None, limits)
        post = self._account.post(request.body(), watch, stream=False, path=MODERATIONS)
        with opened(self._transport, post, watch) as received:
            refuse_encoding(received.head)
            body = bytearray()
            for chunk in received.chunks:
                body += chunk
                refuse_excess(received.head, len(body), limits)
        return moderation_from(received.head, bytes(body))


def write_down(received: Received, sink: Sink, *, max_bytes: int) -> Recording:
    done, size = DoneWatch(), 0
    trouble: MeshError | None = None
    while not done.seen and trouble is None:
        try:
            chunk = next(received.chunks, None)
        except MeshError as error:
            trouble = error
            break
        if chunk is None:
            break
        sink(chunk)
        size += len(chunk)
        done.feed(chunk)
        if size >= max_bytes and not done.seen:
            head = received.head
            trouble = BadAnswer("answer_too_large", status=head.status, request_id=head.request_id)
    return Recording(
        head=received.head,
        complete=ended_well(received.head, done.seen, trouble),
        size=size,
        saw_done=done.seen,
        trouble=trouble,
    )


def ended_well(head: AnswerHead, saw_done: bool, trouble: MeshError | None) -> bool:
    return saw_done or (trouble is None and declares_end(head))


def completed(answer: Answer, *, trouble: MeshError | None) -> ImageEvent:
    """The last event; raises what stands in the way of one."""
    if answer.has_picture:
        return ImageEvent("completed", result=answer)
    raise trouble or answer.error or BadAnswer("malformed")
