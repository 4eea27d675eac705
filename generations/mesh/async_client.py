"""AsyncMeshClient: the surface of MeshClient, for asyncio and trio."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpx

from generations.mesh.answer import AnswerReader
from generations.mesh.async_transport import AsyncWatchedTransport
from generations.mesh.calls import Call
from generations.mesh.catalog import model_from, models_from, page_from, search_params
from generations.mesh.client import BASE_URL, completed, ended_well
from generations.mesh.errors import BadAnswer, MeshError
from generations.mesh.exchange import (
    LIST_LIMITS,
    MODELS,
    Account,
    model_path,
    opened_async,
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
from generations.mesh.types import (
    DEFAULT_LIMITS,
    AnswerHead,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Limits,
    Model,
    ModelPage,
)


class AsyncMeshClient:
    def __init__(
        self,
        api_key: str,
        base_url: str = BASE_URL,
        *,
        limits: Limits = DEFAULT_LIMITS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._account = Account.at(api_key, base_url)
        self._transport = transport or AsyncWatchedTransport()
        self.limits = limits
        self.images = AsyncImages(self._account, self._transport, limits)
        self.models = AsyncModels(self._account, self._transport)
        self.moderations = AsyncModerations(self._account, self._transport)

    @property
    def base_url(self) -> str:
        return self._account.base_url

    def __repr__(self) -> str:
        return f"AsyncMeshClient({self.base_url!r})"

    async def close(self) -> None:
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncImages:
    def __init__(
        self, account: Account, transport: httpx.AsyncBaseTransport, limits: Limits
    ) -> None:
        self._account = account
        self._transport = transport
        self._limits = limits

    async def generate(self, request: ImageRequest, *, call: Call | None = None) -> ImageResult:
        result: ImageResult | None = None
        async for event in self._events(request, stream=False, call=call):
            result = event.result
        if result is None:
            raise BadAnswer("malformed")
        return result

    def stream(
        self, request: ImageRequest, *, call: Call | None = None
    ) -> AsyncIterator[ImageEvent]:
        return self._events(request, stream=True, call=call)

    async def _events(
        self, request: ImageRequest, *, stream: bool, call: Call | None
    ) -> AsyncIterator[ImageEvent]:
        watch = start(call, self._limits)
        post = self._account.post(request.body(stream=stream), watch, stream=stream)
        async with opened_async(self._transport, post, watch) as received:
            refuse_encoding(received.head)
            reader = AnswerReader(received.head, max_frame_bytes=self._limits.max_body_bytes)
            trouble: MeshError | None = None
            try:
                async for chunk in received.chunks:
                    for event in reader.feed(chunk):
                        yield event
                    if reader.is_done:
                        break
            except MeshError as error:
                trouble = error
            answer = reader.finish(complete=ended_well(received.head, reader.is_done, trouble))
        yield completed(answer, trouble=trouble)


class AsyncModels:
    def __init__(self, account: Account, transport: httpx.AsyncBaseTransport) -> None:
        self._account = account
        self._transport = transport

    async def list(
        self,
        *,
        type: str | None = None,
        provider: str | None = None,
        free: bool | None = None,
    ) -> tuple[Model, ...]:
        params = search_params(type=type, provider=provider, free=free)
        return models_from(await self._get(MODELS, params))

    async def get(self, model_id: str) -> Model:
        return model_from(await self._get(model_path(model_id), {}))

    async def search(
        self, q: str = "", *, output_modality: str = "image", limit: int = 50, offset: int = 0
    ) -> ModelPage:
        params = search_params(q=q, output_modality=output_modality, limit=limit, offset=offset)
        return page_from(await self._get(f"{MODELS}/search", params))

    async def _get(self, path: str, params: dict[str, str]) -> tuple[AnswerHead, bytes]:
        watch = start(None, LIST_LIMITS)
        request = self._account.get(path, watch, params=params)
        async with opened_async(self._transport, request, watch) as received:
            refuse_encoding(received.head)
            return received.head, b"".join([chunk async for chunk in received.chunks])


class AsyncModerations:
    def __init__(self, account: Account, transport: httpx.AsyncBaseTransport) -> None:
        self._account = account
        self._transport = transport

    async def check(
        self, request: ModerationRequest, *, limits: Limits = CHECK_LIMITS
    ) -> Moderation:
        watch = start(None, limits)
        post = self._account.post(request.body(), watch, stream=False, path=MODERATIONS)
        async with opened_async(self._transport, post, watch) as received:
            refuse_encoding(received.head)
            body = bytearray()
            async for chunk in received.chunks:
                body += chunk
                refuse_excess(received.head, len(body), limits)
        return moderation_from(received.head, bytes(body))
