"""GET /v1/models and what hangs below it."""

from collections.abc import Iterable
from typing import Any

from generations.sandbox.catalogue import BY_ID, MODELS
from generations.sandbox.exchange import Exchange
from generations.sandbox.keys import check_key
from generations.sandbox.problems import DetailError

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
SORTS = ("brand", "name", "id", "context_length")
YES_NO = {"true": True, "1": True, "false": False, "0": False}


async def list_models(exchange: Exchange) -> None:
    check_key(exchange.request)
    query = dict(exchange.request.query)
    found = _by_freedom(_all(), query.get("free"))
    if kind := query.get("type"):
        found = [model for model in found if model["model_type"] == kind]
    if provider := query.get("provider"):
        found = [model for model in found if model["provider"] == provider]
    await exchange.send_json(found)


async def list_free(exchange: Exchange) -> None:
    check_key(exchange.request)
    await exchange.send_json(_by_freedom(_all(), "true"))


async def list_paid(exchange: Exchange) -> None:
    check_key(exchange.request)
    await exchange.send_json(_by_freedom(_all(), "false"))


async def get_model(exchange: Exchange, model_id: str) -> None:
    check_key(exchange.request)
    model = BY_ID.get(model_id)
    if model is None:
        raise DetailError(404, f"Model '{model_id}' not found")
    await exchange.send_json(model.listed())


async def search_models(exchange: Exchange) -> None:
    check_key(exchange.request)
    query = exchange.request.query
    single = dict(query)
    found = _by_freedom(_all(), single.get("free"))
    words = single.get("q", "").lower().split()
    found = [model for model in found if all(word in _text(model) for word in words)]
    for field in ("input_modality", "output_modality", "brand"):
        found = _matching(found, field, [value for name, value in query if name == field])
    sort = single.get("sort", "id")
    if sort not in SORTS:
        raise _bad_query("sort", "literal_error", f"Input should be one of {SORTS}", sort)
    found.sort(
        key=lambda model: (model[sort] is None, model[sort] or 0),
        reverse=single.get("order") == "desc",
    )
    limit = _whole(single, "limit", usual=DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
    offset = _whole(single, "offset", usual=0, least=0, most=10**9)
    page = {"items": found[offset : offset + limit], "total": len(found)}
    brands = sorted({model["brand"] for model in found})
    await exchange.send_json(page | {"limit": limit, "offset": offset, "brands": brands})


def _all() -> list[dict[str, Any]]:
    return [model.listed() for model in MODELS]


def _by_freedom(models: Iterable[dict[str, Any]], said: str | None) -> list[dict[str, Any]]:
    if said is None:
        return list(models)
    if said.lower() not in YES_NO:
        words = "Input should be a valid boolean, unable to interpret input"
        raise _bad_query("free", "bool_parsing", words, said)
    return [model for model in models if model["is_free"] is YES_NO[said.lower()]]


def _text(model: dict[str, Any]) -> str:
    return " ".join(str(model[field]) for field in ("id", "name", "brand", "description")).lower()


def _matching(models: list[dict[str, Any]], field: str, wanted: list[str]) -> list[dict[str, Any]]:
    if not wanted:
        return models
    if field == "brand":
        return [model for model in models if model["brand"] in wanted]
    return [model for model in models if set(wanted) & set(model[f"{field[:-1]}ies"])]


def _whole(query: dict[str, str], name: str, *, usual: int, least: int, most: int) -> int:
    said = query.get(name, str(usual))
    if not said.isascii() or not said.isdigit():
        words = "Input should be a valid integer, unable to parse string as an integer"
        raise _bad_query(name, "int_parsing", words, said)
    if not least <= int(said[:12]) <= most:
        raise _bad_query(name, "less_than_equal", f"Input should be {least} to {most}", said)
    return int(said)


def _bad_query(name: str, kind: str, words: str, given: str) -> DetailError:
    return DetailError(422, [{"type": kind, "loc": ["query", name], "msg": words, "input": given}])
