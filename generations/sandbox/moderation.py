"""POST /v1/moderations: a short list of words and a mark on pictures, in place of judgement."""

import asyncio
import base64
import binascii
import re
import secrets
from typing import Any

from generations.sandbox.directives import Wishes, read_wishes
from generations.sandbox.exchange import Exchange
from generations.sandbox.fields import Field, check_fields, is_text, read_body
from generations.sandbox.keys import check_key
from generations.sandbox.problems import ApiError
from generations.sandbox.refusals import wait_headers, wait_in_body
from generations.sandbox.stamp import is_stamped

WORDS = {
    "violence": frozenset({"kill", "gore", "blood", "murder", "torture"}),
    "sexual": frozenset({"nude", "naked", "porn", "sex"}),
    "hate": frozenset({"hate", "nazi"}),
    "self-harm": frozenset({"suicide"}),
}
HIGH, LOW = 0.97, 0.001
HANG_SECONDS = 3600.0


def is_input(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, str):
        return None
    if isinstance(value, list) and all(isinstance(one, str | dict) for one in value):
        return None
    return "string_type", "Input should be a valid string", {}


FIELDS = {
    "input": Field(is_input, is_required=True, is_nullable=False),
    "model": Field(is_text, default="omni-moderation-latest"),
}


async def moderate(exchange: Exchange) -> None:
    exchange.house.ledger.moderations += 1
    check_key(exchange.request)
    values = check_fields(read_body(exchange.request.body), FIELDS)
    given = values["input"]
    parts = [given] if isinstance(given, str) else given
    is_message = any(isinstance(part, dict) for part in parts)
    texts = [_text(part) for part in parts]
    if is_message:  # the parts of one message
        texts = [" ".join(texts)]
    if await _is_faulty(exchange, texts):
        return
    results = [_judge(text) for text in texts]
    if is_message and any(_is_marked(part) for part in parts):
        results = [_result(set(WORDS) & {"violence"})]
    answer = {"id": f"modr-{secrets.token_hex(12)}", "model": values["model"], "results": results}
    await exchange.send_json(answer)


async def _is_faulty(exchange: Exchange, texts: list[str]) -> bool:
    """Whether a fault that a prompt ordered for this endpoint has been its answer."""
    text = " ".join(texts)
    wishes = read_wishes(text)
    if "moderation" not in wishes or _is_spared(exchange, wishes, text):
        return False
    fault = wishes.text("moderation")
    if fault == "hang":
        await asyncio.sleep(HANG_SECONDS)
    elif fault == "odd":
        await exchange.send_json({"results": [{"flagged": "perhaps"}]})
    else:
        error = ApiError(int(fault), retry_after_seconds=wait_in_body(wishes))
        await exchange.send_error(error, headers=wait_headers(wishes))
    return True


def _is_spared(exchange: Exchange, wishes: Wishes, text: str) -> bool:
    seen = exchange.house.ledger.times_seen(f"moderation of {text}")
    return "times" in wishes and seen > wishes.count("times")


def _text(part: Any) -> str:
    return part if isinstance(part, str) else str(part.get("text") or "")


def _is_marked(part: Any) -> bool:
    """Whether a part is a picture, in base64, with the mark of `[[unsafe]]`."""
    address = part.get("image_url") if isinstance(part, dict) else None
    url = str(address.get("url") or "") if isinstance(address, dict) else ""
    _, comma, encoded = url.partition(";base64,")
    try:
        return bool(comma) and is_stamped(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        return False


def _judge(text: str) -> dict[str, Any]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    found = {name for name, listed in WORDS.items() if words & listed}
    return _result(found | ({"violence"} if "[[blocked" in text else set()))


def _result(found: set[str]) -> dict[str, Any]:
    categories = {name: name in found for name in WORDS}
    scores = {name: HIGH if is_found else LOW for name, is_found in categories.items()}
    return {"flagged": bool(found), "categories": categories, "category_scores": scores}
