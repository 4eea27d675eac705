"""Models, out of whatever list or object the provider answers with."""

from collections.abc import Mapping
from typing import Any

from generations.mesh.errors import BadAnswer
from generations.mesh.parsing import UNREADABLE, decode_json
from generations.mesh.refusals import error_from_status
from generations.mesh.text import clean_message, clean_token
from generations.mesh.types import AnswerHead, Model, ModelPage

MAX_MODELS = 5000
MAX_DESCRIPTION_CHARS = 2000
_SUPPORTS = "supports_"


def search_params(**said: object) -> dict[str, str]:
    """The query's parameters: what was said, in the API's spelling."""
    spelled = {True: "true", False: "false"}
    return {
        name: spelled[value] if isinstance(value, bool) else str(value)
        for name, value in said.items()
        if value is not None and value != ""
    }


def models_from(answer: tuple[AnswerHead, bytes]) -> tuple[Model, ...]:
    """From a bare array, or from `data` or `items` of an object; entries without an id are left."""
    body = _body_of(answer)
    if isinstance(body, Mapping):
        body = body.get("data", body.get("items"))
    if not isinstance(body, list):
        raise _unreadable(answer[0])
    return _models(body)


def model_from(answer: tuple[AnswerHead, bytes]) -> Model:
    body = _body_of(answer)
    if isinstance(body, Mapping) and isinstance(body.get("data"), Mapping):
        body = body["data"]
    model = _model(body)
    if model is None:
        raise _unreadable(answer[0])
    return model


def page_from(answer: tuple[AnswerHead, bytes]) -> ModelPage:
    body = _body_of(answer)
    if not isinstance(body, Mapping) or not isinstance(body.get("items"), list):
        raise _unreadable(answer[0])
    items = _models(body["items"])
    brands = tuple(filter(None, (_word(brand) for brand in _list(body.get("brands")))))
    total, limit, offset = (_count(body.get(name)) for name in ("total", "limit", "offset"))
    return ModelPage(
        items=items,
        total=len(items) if total is None else total,
        limit=len(items) if limit is None else limit,
        offset=offset or 0,
        brands=brands,
    )


def _body_of(answer: tuple[AnswerHead, bytes]) -> Any:
    head, raw = answer
    body = decode_json(raw)
    if head.status != 200:
        raise error_from_status(head, None if body is UNREADABLE else body)
    return body


def _unreadable(head: AnswerHead) -> BadAnswer:
    return BadAnswer("malformed", status=head.status, request_id=head.request_id)


def _models(entries: list[object]) -> tuple[Model, ...]:
    return tuple(filter(None, (_model(entry) for entry in entries[:MAX_MODELS])))


def _model(raw: object) -> Model | None:
    if not isinstance(raw, Mapping) or not clean_token(raw.get("id")):
        return None
    supports = {
        name.removeprefix(_SUPPORTS): value if isinstance(value, bool) else None
        for name, value in raw.items()
        if isinstance(name, str) and name.startswith(_SUPPORTS)
    }
    model_id = clean_token(raw["id"])
    return Model(
        id=model_id,
        name=_word(raw.get("name")) or model_id,
        is_free=raw.get("is_free") is True,
        model_type=_word(raw.get("model_type")),
        input_modalities=_words(raw.get("input_modalities")),
        output_modalities=_words(raw.get("output_modalities")),
        description=_word(raw.get("description"), max_chars=MAX_DESCRIPTION_CHARS),
        brand=_word(raw.get("brand")),
        provider=_word(raw.get("provider")),
        context_length=_count(raw.get("context_length")),
        supports=supports,
        pricing=_pricing(raw.get("pricing")),
    )


def _pricing(raw: object) -> dict[str, str]:
    """Decimals as text, as the provider wrote them: what they mean is the caller's to judge."""
    if not isinstance(raw, Mapping):
        return {}
    return {
        clean_token(name): clean_token(str(value), max_chars=40)
        for name, value in raw.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _word(value: object, *, max_chars: int = 200) -> str:
    return clean_message(value)[:max_chars]


def _words(value: object) -> tuple[str, ...]:
    return tuple(filter(None, (_word(entry) for entry in _list(value))))


def _list(value: object) -> list[object]:
    return value[:100] if isinstance(value, list) else []


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
    return value if is_count and isinstance(value, int) else None
