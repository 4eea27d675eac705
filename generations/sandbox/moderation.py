"""POST /v1/moderations: a short list of words, in place of judgement."""

import re
import secrets
from typing import Any

from generations.sandbox.exchange import Exchange
from generations.sandbox.fields import Field, check_fields, is_text, read_body
from generations.sandbox.keys import check_key

WORDS = {
    "violence": frozenset({"kill", "gore", "blood", "murder", "torture"}),
    "sexual": frozenset({"nude", "naked", "porn", "sex"}),
    "hate": frozenset({"hate", "nazi"}),
    "self-harm": frozenset({"suicide"}),
}
HIGH, LOW = 0.97, 0.001


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
    check_key(exchange.request)
    values = check_fields(read_body(exchange.request.body), FIELDS)
    given = values["input"]
    parts = [given] if isinstance(given, str) else given
    if any(isinstance(part, dict) for part in parts):  # the parts of one message
        parts = [" ".join(_text(part) for part in parts)]
    results = [_judge(_text(part)) for part in parts]
    answer = {"id": f"modr-{secrets.token_hex(12)}", "model": values["model"], "results": results}
    await exchange.send_json(answer)


def _text(part: Any) -> str:
    return part if isinstance(part, str) else str(part.get("text") or "")


def _judge(text: str) -> dict[str, Any]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    found = {name: bool(words & listed) for name, listed in WORDS.items()}
    if "[[blocked" in text:
        found["violence"] = True
    scores = {name: HIGH if is_found else LOW for name, is_found in found.items()}
    return {"flagged": any(found.values()), "categories": found, "category_scores": scores}
