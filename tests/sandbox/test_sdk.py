"""The vendor's own SDK against the sandbox: it must not notice the difference."""

import asyncio
import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from meshapi import AsyncMeshAPI, ImageGenerationParams, MeshAPI
from meshapi._errors import MeshAPIError
from meshapi._types import (
    ChatCompletionParams,
    ImageEditParams,
    ModelSearchParams,
    ModerationParams,
)
from PIL import Image

from tests.sandbox.server import KEY, Caller

FAST = "[[fixture=500kB]]"


@pytest.fixture
def client(caller: Caller) -> Iterator[MeshAPI]:
    with MeshAPI(base_url=caller.server.url, token=KEY) as opened:
        yield opened


def params(prompt: str, **fields: Any) -> ImageGenerationParams:
    return ImageGenerationParams(prompt=prompt, **{"model": "openai/gpt-image-1"} | fields)


def size_of(content: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(content)).size


def test_generate(client: MeshAPI) -> None:
    answer = client.images.generate(
        params("a fox in the snow", n=2, size="1536x1024", quality="high", output_format="webp")
    )
    assert [size_of(item.image_bytes()) for item in answer.data] == [(1536, 1024)] * 2
    assert (answer.quality, answer.size, answer.output_format) == ("high", "1536x1024", "webp")
    assert (answer.background, answer.usage.completion_tokens) == ("opaque", 2 * 6240)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 2 * 6240
    assert answer.data[0].image_bytes() != answer.data[1].image_bytes()
    assert answer.data[0].revised_prompt.startswith("A fox in the snow, rendered as ")


def test_stream(client: MeshAPI) -> None:
    chunks = list(client.images.stream(params(f"a fox {FAST}")))
    assert [chunk.status for chunk in chunks] == ["processing", None]
    assert (chunks[0].model, chunks[0].data) == ("openai/gpt-image-1", [])
    assert chunks[0].id == chunks[1].id
    assert size_of(chunks[1].data[0].image_bytes()) == (1024, 1024)


def test_stream_previews(client: MeshAPI) -> None:
    chunks = list(client.images.stream(params("a fox [[size=256x256]]", partial_images=2)))
    assert [chunk.status for chunk in chunks] == ["processing", "partial", "partial", None]
    sizes = [size_of(chunk.data[0].image_bytes()) for chunk in chunks[1:]]
    assert sizes == [(64, 64), (64, 64), (256, 256)]


def test_async_stream(caller: Caller) -> None:
    async def collect() -> list[Any]:
        async with AsyncMeshAPI(base_url=caller.server.url, token=KEY) as client:
            return [chunk async for chunk in client.images.stream(params(f"a fox {FAST}"))]

    chunks = asyncio.run(collect())
    assert [len(chunk.data) for chunk in chunks] == [0, 1]


def test_vertex_answers_base64_without_usage(client: MeshAPI) -> None:
    answer = client.images.generate(
        params(f"a fox {FAST}", model="vertex/imagen-3", size="16:9", response_format="url")
    )
    assert answer.data[0].url is None
    assert answer.data[0].b64_json
    assert (answer.usage, answer.size, answer.data[0].revised_prompt) == (None, None, None)


def test_address_serves_the_picture(client: MeshAPI, caller: Caller) -> None:
    answer = client.images.generate(
        params("a fox", model="black-forest-labs/flux-1.1-pro", size="512x320")
    )
    seen = caller.fetch(answer.data[0].url)
    assert (seen.header("content-type"), size_of(seen.wire)) == ("image/webp", (512, 320))
    assert caller.fetch(caller.server.url + "/files/other.png").status == 404


def test_edit(client: MeshAPI) -> None:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(out, "PNG")
    given = base64.b64encode(out.getvalue()).decode()
    for operation, size in (("edit", (1024, 1024)), ("upscale", (160, 120))):
        answer = client.images.edit(
            ImageEditParams(
                model="openai/gpt-image-1", image=given, prompt="snow", operation=operation
            )
        )
        assert size_of(answer.data[0].image_bytes()) == size
    with pytest.raises(MeshAPIError) as refused:
        client.images.edit(
            ImageEditParams(model="openai/gpt-image-1", image="https://x.test/a", prompt="snow")
        )
    assert (refused.value.status, refused.value.error_code) == (400, "invalid_request")


def test_chat_draws(client: MeshAPI, caller: Caller) -> None:
    ask = {"messages": [{"role": "user", "content": [{"type": "text", "text": f"a fox {FAST}"}]}]}
    drawn = caller.post("/v1/chat/completions", ask | {"model": "openai/gpt-image-1"}).json
    address = drawn["choices"][0]["message"]["images"][0]["image_url"]["url"]
    assert size_of(base64.b64decode(address.partition(",")[2])) == (1024, 1024)
    said = client.chat.completions.create(
        ChatCompletionParams(model="openai/gpt-4o", messages=[{"role": "user", "content": "Hi"}])
    )
    assert said.choices[0].message.content.startswith("This is the sandbox")


def test_moderation(client: MeshAPI) -> None:
    verdict = client.moderations.create(ModerationParams(input=["a fox", "blood and gore"]))
    assert [result.flagged for result in verdict.results] == [False, True]
    assert verdict.results[1].categories["violence"] is True


def test_models(client: MeshAPI) -> None:
    images = client.models.list(type="image")
    assert len(images) == 9
    assert {model.model_type for model in images} == {"image"}
    assert len(client.models.list()) == 12
    assert [model.id for model in client.models.free()] == ["stabilityai/sdxl-turbo"]
    assert len(client.models.paid()) == 11
    assert {model.provider for model in client.models.list(provider="vertex")} == {"vertex"}
    assert client.models.list(free=True)[0].is_free is True


def test_model_by_id_keeps_its_slash(client: MeshAPI) -> None:
    model = client.models.get("openai/gpt-image-1")
    assert (model.name, model.output_modalities) == ("GPT Image 1", ["image"])
    assert model.pricing.image_output_usd_per_image == "0.042"
    assert client.models.get("openai/gpt-image-1-mini").pricing.image_output_usd_per_image is None
    assert client.models.get("luma/photon-preview").pricing is None
    with pytest.raises(MeshAPIError) as missing:
        client.models.get("openai/none")
    assert (missing.value.status, str(missing.value)) == (404, "Model 'openai/none' not found")


def test_model_search(client: MeshAPI) -> None:
    page = client.models.search(
        ModelSearchParams(q="image", output_modality=["image"], brand=["OpenAI"], limit=1)
    )
    assert (page.total, page.limit, page.offset, page.brands) == (2, 1, 0, ["OpenAI"])
    assert [model.id for model in page.items] == ["openai/gpt-image-1"]
    by_name = client.models.search(ModelSearchParams(sort="name", order="desc", limit=2, offset=1))
    assert [model.name for model in by_name.items] == ["SDXL Turbo", "Photon Preview"]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("rsk_revoked_1", 401, "unauthorized"),
        ("wrong_key_1", 401, "unauthorized"),
        ("rsk_abc", 401, "unauthorized"),
        ("rsk_suspended_1", 403, "forbidden"),
        ("rsk_empty_1", 402, "spend_limit_exceeded"),
    ],
)
def test_keys(caller: Caller, key: str, status: int, code: str) -> None:
    with (
        MeshAPI(base_url=caller.server.url, token=key) as client,
        pytest.raises(MeshAPIError) as refused,
    ):
        client.images.generate(params("a fox"))
    assert (refused.value.status, refused.value.error_code) == (status, code)
    assert refused.value.request_id.startswith("req_")


def test_error_frame_raises(client: MeshAPI) -> None:
    with pytest.raises(MeshAPIError) as failed:
        list(client.images.stream(params("a fox [[error_frame=content_policy_violation]]")))
    assert failed.value.error_code == "content_policy_violation"
