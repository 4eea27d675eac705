"""The models that the provider lists."""

import asyncio
import json

import pytest

from generations.mesh import AsyncMeshClient, MeshClient, MeshError
from tests.mesh.server import serving, whole
from tests.mesh.streams import as_json

KEY = "rsk_verysecretkey"


def test_models_of_both_shapes() -> None:
    model = {
        "id": "vertex/imagen-3",
        "is_free": False,
        "output_modalities": ["image"],
        "supports_image_edit": True,
        "supports_mask": None,
        "pricing": {"image_output_usd_per_image": "0.04", "odd": None},
    }
    for body in ([model, {"no": "id"}], {"data": [model]}):
        answer = json.dumps(body).encode()
        with serving(whole(answer)) as server, MeshClient(KEY, server.url) as client:
            found = client.models.list(type="image", free=False)
        assert server.requests[0].startswith(b"GET /v1/models?type=image&free=false HTTP/1.1\r\n")
        assert [(one.id, one.name, one.makes_images) for one in found] == [
            ("vertex/imagen-3", "vertex/imagen-3", True)
        ]
        assert found[0].pricing == {"image_output_usd_per_image": "0.04"}
        assert found[0].supports == {"image_edit": True, "mask": None}


def test_one_model_keeps_its_slash_and_may_be_missing() -> None:
    with (
        serving(whole(as_json(detail="Unknown"), status="404 Not Found")) as server,
        MeshClient(KEY, server.url) as client,
        pytest.raises(MeshError) as caught,
    ):
        client.models.get("openai/gpt image?1")
    assert server.requests[0].startswith(b"GET /v1/models/openai/gpt%20image%3F1 HTTP/1.1\r\n")
    assert (caught.value.code, caught.value.message) == ("model_gone", "Unknown")
    with pytest.raises(ValueError, match="model id"):
        MeshClient(KEY).models.get("../secrets")


def test_models_are_searched() -> None:
    page = as_json(items=[{"id": "a/b"}], total=12, limit=1, offset=3, brands=["A"])
    with serving(whole(page)) as server, MeshClient(KEY, server.url) as client:
        found = client.models.search("fox", limit=1, offset=3)
    assert b"?q=fox&output_modality=image&limit=1&offset=3 " in server.requests[0]
    assert ([one.id for one in found.items], found.total, found.brands) == (["a/b"], 12, ("A",))


def test_models_in_asyncio() -> None:
    async def listed(url: str) -> list[str]:
        async with AsyncMeshClient(KEY, url) as client:
            return [model.id for model in await client.models.list()]

    with serving(whole(b'[{"id": "a/b"}]')) as server:
        assert asyncio.run(listed(server.url)) == ["a/b"]
