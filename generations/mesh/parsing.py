"""JSON from a provider that may be sloppy, hostile or cut off."""

import json
import re
from typing import Any

import msgspec

UNREADABLE = object()

_DATA_ARRAY = re.compile(r'"data"\s*:\s*\[\s*')
_NEXT = re.compile(r"\s*,\s*")
_MAX_DIGITS = 40


def decode_json(body: bytes) -> Any:
    """The value, or UNREADABLE. What only the standard library reads (a lone surrogate, NaN, a
    stray byte that is no UTF-8) is read too: the picture beside it was paid for.
    """
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        return UNREADABLE
    except ValueError:
        return _decode_leniently(body)


def _decode_leniently(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8", "replace").lstrip("\ufeff"), parse_int=_bounded_int)
    except (ValueError, RecursionError):
        return UNREADABLE


def _bounded_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


def salvage_items(body: bytes) -> list[dict[str, Any]]:
    """The complete objects of a `data` array whose JSON breaks off later."""
    text = body.decode("utf-8", "replace")
    opening = _DATA_ARRAY.search(text)
    decoder = json.JSONDecoder(parse_int=_bounded_int)
    items: list[dict[str, Any]] = []
    position = opening.end() if opening else len(text)
    while text[position : position + 1] == "{":
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        items.append(value)
        comma = _NEXT.match(text, position)
        if comma is None:
            break
        position = comma.end()
    return items
