"""Field checks that complain in the words of the API's own framework (FastAPI over pydantic 2)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generations.sandbox.problems import DetailError

Complaint = dict[str, Any]
Check = Callable[[Any], tuple[str, str, dict[str, Any]] | None]
"""None when the value will do; else pydantic's error type, its sentence and its context."""


@dataclass(frozen=True, slots=True)
class Field:
    check: Check
    default: Any = None
    is_required: bool = False
    is_nullable: bool = True


def is_text(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, str):
        return None
    return "string_type", "Input should be a valid string", {}


def is_flag(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, bool):
        return None
    return "bool_type", "Input should be a valid boolean", {}


def is_mapping(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, dict):
        return None
    return "dict_type", "Input should be a valid dictionary", {}


def whole_number(*, least: int, most: int) -> Check:
    def check(value: Any) -> tuple[str, str, dict[str, Any]] | None:
        if isinstance(value, float):
            words = "Input should be a valid integer, got a number with a fractional part"
            return "int_from_float", words, {}
        if isinstance(value, bool) or not isinstance(value, int):
            return "int_type", "Input should be a valid integer", {}
        return _within(value, least=least, most=most)

    return check


def number(*, least: float, most: float) -> Check:
    def check(value: Any) -> tuple[str, str, dict[str, Any]] | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "float_type", "Input should be a valid number", {}
        return _within(value, least=least, most=most)

    return check


def one_of(*choices: str) -> Check:
    quoted = [f"'{choice}'" for choice in choices]
    expected = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"

    def check(value: Any) -> tuple[str, str, dict[str, Any]] | None:
        if isinstance(value, str) and value in choices:
            return None
        return "literal_error", f"Input should be {expected}", {"expected": expected}

    return check


def text_or_texts(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    ):
        return None
    return "string_type", "Input should be a valid string", {}


def anything(value: Any) -> None:
    return None


def _within(value: float, *, least: float, most: float) -> tuple[str, str, dict[str, Any]] | None:
    if not value >= least:
        words = f"Input should be greater than or equal to {least}"
        return "greater_than_equal", words, {"ge": least}
    if not value <= most:
        return "less_than_equal", f"Input should be less than or equal to {most}", {"le": most}
    return None


def read_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request, or the 422 that says why it is none."""
    if not raw:
        raise DetailError(422, [_complaint(("body",), "missing", "Field required", None)])
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        position = getattr(error, "pos", 0)
        reason = getattr(error, "msg", str(error))
        said = _complaint(("body", position), "json_invalid", "JSON decode error", {})
        raise DetailError(422, [said | {"ctx": {"error": reason}}]) from error
    if not isinstance(body, dict):
        words = "Input should be a valid dictionary or object to extract fields from"
        raise DetailError(422, [_complaint(("body",), "model_attributes_type", words, body)])
    return body


def check_fields(body: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The declared fields with their defaults; every complaint at once as a 422.

    Fields that aren't declared are dropped without a word, as the framework does.
    """
    values: dict[str, Any] = {}
    complaints: list[Complaint] = []
    for name, field in fields.items():
        if name not in body:
            values[name] = field.default
            if field.is_required:
                said = _complaint(("body", name), "missing", "Field required", dict(body))
                complaints.append(said)
            continue
        value = values[name] = body[name]
        if value is None and field.is_nullable:
            values[name] = field.default
        elif wrong := field.check(value):
            kind, words, context = wrong
            said = _complaint(("body", name), kind, words, value)
            complaints.append(said | ({"ctx": context} if context else {}))
    if complaints:
        raise DetailError(422, complaints)
    return values


def _complaint(where: Sequence[str | int], kind: str, words: str, given: Any) -> Complaint:
    return {"type": kind, "loc": list(where), "msg": words, "input": given}
