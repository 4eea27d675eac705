"""What is refused before any work, and in which words."""

import json
from typing import Any

import pytest

from generations.sandbox.catalogue import IMAGE_MODELS
from generations.sandbox.order import read_order
from generations.sandbox.problems import ApiError
from tests.sandbox.server import Caller

PATH = "/v1/images/generations"
FLUX = "black-forest-labs/flux-1.1-pro"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("prompt", 7, "string_type"),
        ("prompt", None, "string_type"),
        ("model", 1, "string_type"),
        ("n", "1", "int_type"),
        ("n", True, "int_type"),
        ("n", 1.5, "int_from_float"),
        ("n", 0, "greater_than_equal"),
        ("n", 11, "less_than_equal"),
        ("size", 1024, "string_type"),
        ("quality", ["high"], "string_type"),
        ("response_format", "base64", "literal_error"),
        ("output_format", "gif", "literal_error"),
        ("stream", "true", "bool_type"),
        ("stream", 1, "bool_type"),
        ("output_compression", 101, "less_than_equal"),
        ("background", "none", "literal_error"),
        ("moderation", "high", "literal_error"),
        ("partial_images", 4, "less_than_equal"),
        ("image", {"url": "x"}, "string_type"),
        ("seed", -2, "greater_than_equal"),
        ("seed", 2**31, "less_than_equal"),
        ("guidance_scale", 0.5, "greater_than_equal"),
        ("guidance_scale", "7", "float_type"),
        ("watermark", "no", "bool_type"),
        ("sequential_image_generation", "on", "literal_error"),
        ("sequential_image_generation_options", [], "dict_type"),
        ("optimize_prompt_options", "x", "dict_type"),
    ],
)
def test_wrong_field_is_a_422(caller: Caller, field: str, value: Any, kind: str) -> None:
    seen = caller.post(PATH, {"prompt": "a fox", field: value})
    assert seen.status == 422
    (complaint,) = seen.json["detail"]
    assert (complaint["loc"], complaint["type"]) == (["body", field], kind)
    assert complaint["input"] == value
    assert seen.header("x-request-id").startswith("req_")


def test_all_complaints_come_at_once(caller: Caller) -> None:
    detail = caller.post(PATH, {"n": 0, "stream": "x"}).json["detail"]
    assert [(one["loc"][1], one["type"]) for one in detail] == [
        ("prompt", "missing"),
        ("n", "greater_than_equal"),
        ("stream", "bool_type"),
    ]
    assert detail[1]["ctx"] == {"ge": 1}
    assert detail[1]["msg"] == "Input should be greater than or equal to 1"


@pytest.mark.parametrize(
    ("body", "kind", "where"),
    [
        (b"", "missing", ["body"]),
        (b"{", "json_invalid", ["body", 1]),
        (b"[1]", "model_attributes_type", ["body"]),
        (b"null", "model_attributes_type", ["body"]),
        (b"[" * 100_000, "json_invalid", ["body", 0]),
    ],
)
def test_body_that_is_no_object(caller: Caller, body: bytes, kind: str, where: list[Any]) -> None:
    seen = caller.send("POST", PATH, body)
    assert seen.status == 422
    assert (seen.json["detail"][0]["type"], seen.json["detail"][0]["loc"]) == (kind, where)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"model": "openai/none"}, 404, "model_not_found"),
        ({"model": "openai/gpt-4o"}, 501, "not_implemented"),
        ({"prompt": "   "}, 400, "invalid_request"),
        ({"prompt": "x" * 32_001}, 400, "invalid_request"),
        ({"size": "1025x1024"}, 400, "invalid_request"),
        ({"size": "1024×1024"}, 400, "invalid_request"),
        ({"quality": "hd"}, 400, "invalid_request"),
        ({"quality": "best"}, 400, "invalid_request"),
        ({"model": "openai/dall-e-3", "n": 2}, 400, "invalid_request"),
        ({"model": "openai/dall-e-3", "prompt": "x" * 4001}, 400, "invalid_request"),
        ({"model": "vertex/imagen-3", "output_format": "png"}, 400, "invalid_request"),
        ({"model": FLUX, "size": "2048x2048"}, 400, "invalid_request"),
        ({"model": FLUX, "image": "aaaa"}, 400, "invalid_request"),
        ({"background": "transparent", "output_format": "jpeg"}, 400, "invalid_request"),
        ({"model": "bytedance/seedream-4.0", "resolution": "9K"}, 400, "invalid_request"),
    ],
)
def test_what_the_provider_refuses(
    caller: Caller, fields: dict[str, Any], status: int, code: str
) -> None:
    seen = caller.post(PATH, {"prompt": "a fox"} | fields)
    assert (seen.status, seen.json["error"]["code"]) == (status, code)
    assert seen.json["request_id"] == seen.header("x-request-id")


def order(**fields: Any) -> Any:
    return read_order(json.dumps({"prompt": "a fox"} | fields).encode())


@pytest.mark.parametrize(
    ("model", "fields", "size"),
    [
        ("openai/gpt-image-1", {"size": "auto"}, (1024, 1024)),
        ("openai/gpt-image-1", {"size": "3:2"}, (1536, 1024)),
        ("dall-e-3", {"size": "1792x1024"}, (1792, 1024)),
        ("vertex/imagen-4-fast", {"size": "9:16"}, (768, 1408)),
        (FLUX, {"aspect_ratio": "21:9"}, (1536, 640)),
        (FLUX, {"size": "256x1440"}, (256, 1440)),
        ("bytedance/seedream-4.0", {"size": "2048x2048"}, (2048, 2048)),
        ("bytedance/seedream-4.0", {"size": "16:9", "resolution": "2K"}, (2048, 1170)),
    ],
)
def test_sizes(model: str, fields: dict[str, Any], size: tuple[int, int]) -> None:
    assert order(model=model, **fields).size == size


def test_defaults_and_unknown_fields() -> None:
    made = order(n=None, size=None, stream=None, api_base="http://elsewhere", user="me")
    assert (made.model, made.n, made.size) == (IMAGE_MODELS[0], 1, (1024, 1024))
    assert (made.is_stream, made.seed, made.quality) == (False, None, "auto")


@pytest.mark.parametrize("model", [model.id for model in IMAGE_MODELS])
def test_every_model_takes_its_own_sizes(model: str) -> None:
    for named in next(one for one in IMAGE_MODELS if one.id == model).sizes:
        width, height = order(model=model, size=named).size
        assert 256 <= min(width, height) <= max(width, height) <= 2048
    with pytest.raises(ApiError, match="not supported"):
        order(model=model, size="7:5")
