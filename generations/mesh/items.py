"""One picture, one usage, out of untrusted JSON."""

import re
from collections.abc import Mapping
from typing import Any

import pybase64

from generations.mesh.text import clean_revised_prompt, clean_token
from generations.mesh.types import Item, Usage

MAX_URL_CHARS = 8192
MAX_COUNT = 10**12
MAX_DETAILS = 32

_DETAILS = ("input_tokens_details", "output_tokens_details")
_DATA_URL = re.compile(r"data:([^,;]{0,100})((?:;[^,;]{0,100}){0,5});base64,", re.I)
_REMOTE_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f\\]+\Z", re.I)
_PICTURE_MIME = re.compile(r"(?:image/.+|application/octet-stream|)\Z", re.I)


def item_from(raw: object, index: int) -> Item:
    """The bytes if they are here, else the address. `problem` is the code of the verdict."""
    if not isinstance(raw, Mapping):
        return Item(index, problem="no_picture")
    revised = clean_revised_prompt(raw.get("revised_prompt"))
    encoded, address = raw.get("b64_json"), raw.get("url")
    content, problem = _content_from(encoded) if encoded else (None, "no_picture")
    url = None
    if content is None and address:
        content, url, problem = _from_address(address)
    if content is None and url is None:
        return Item(index, revised_prompt=revised, problem=problem)
    return Item(index, content=content, url=url, revised_prompt=revised)


def _from_address(address: object) -> tuple[bytes | None, str | None, str]:
    if not isinstance(address, str):
        return None, None, "bad_address"
    if address[:5].lower() == "data:":
        content, problem = _content_from(address)
        return content, None, problem
    if len(address) <= MAX_URL_CHARS and _REMOTE_URL.match(address):
        return None, address, ""
    return None, None, "bad_address"


def _content_from(encoded: object) -> tuple[bytes | None, str]:
    """Strict base64, bare or in a data: URL that says it is a picture."""
    if not isinstance(encoded, str):
        return None, "undecodable"
    if encoded[:5].lower() == "data:":
        opening = _DATA_URL.match(encoded)
        if opening is None or not _PICTURE_MIME.match(opening[1]):
            return None, "bad_address"
        encoded = encoded[opening.end() :]
    try:
        content = pybase64.b64decode(encoded, validate=True)
    except ValueError:
        return None, "undecodable"
    return (content, "") if content else (None, "undecodable")


def usage_from(raw: object) -> tuple[Usage | None, bool]:
    """The counts that can be true, and whether something was dropped."""
    if raw is None:
        return None, False
    if not isinstance(raw, Mapping):
        return None, True
    names = {
        "prompt_tokens": "input_tokens",  # OpenAI's own image answers use the second name
        "completion_tokens": "output_tokens",
        "total_tokens": "total_tokens",
    }
    said = {name: raw.get(name, raw.get(other)) for name, other in names.items()}
    counts = {name: int(value) for name, value in said.items() if _is_count(value)}
    is_odd = any(value is not None and name not in counts for name, value in said.items())
    inputs, outputs = (_counts_in(raw.get(name)) for name in _DETAILS)
    if not counts and not inputs and not outputs:
        return None, is_odd
    return Usage(**counts, input_tokens_details=inputs, output_tokens_details=outputs), is_odd


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COUNT


def _counts_in(raw: object) -> dict[str, int]:
    if not isinstance(raw, Mapping):
        return {}
    pairs = [(clean_token(name)[:60], value) for name, value in raw.items() if _is_count(value)]
    return dict(pair for pair in pairs[:MAX_DETAILS] if pair[0])


def created_from(raw: object) -> int | None:
    """Unix seconds between 2001 and 2100; anything else is not a time of this API."""
    is_time = isinstance(raw, int) and not isinstance(raw, bool) and 10**9 <= raw < 4_102_444_800
    return raw if is_time and isinstance(raw, int) else None


def is_partial(frame: Mapping[str, Any], event: str) -> bool:
    """A picture on the way: its type, its event line, its status or its index says so."""
    kind = f"{frame.get('type') or ''} {frame.get('object') or ''} {event}"
    return (
        "partial" in kind
        or frame.get("status") in UNFINISHED
        or bool(frame.get("partial"))
        or frame.get("partial_image_index") is not None
    )


UNFINISHED = ("processing", "partial", "in_progress", "generating", "queued", "pending")
