"""What Mesh API's moderation says of a prompt or a picture, out of whatever it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from generations.mesh.errors import BadAnswer
from generations.mesh.parsing import UNREADABLE, decode_json
from generations.mesh.refusals import error_from_status
from generations.mesh.text import clean_token
from generations.mesh.types import AnswerHead, Limits

MODERATIONS = "/v1/moderations"
MODEL = "omni-moderation-latest"
MOST_RESULTS = 100
MOST_CATEGORIES = 40
CATEGORY_CHARS = 40
# It costs nothing and somebody waits behind it: rather no word than a late one.
CHECK_LIMITS = Limits(
    connect_seconds=3,
    write_seconds=5,
    first_byte_seconds=8,
    silence_seconds=4,
    deadline_seconds=8,
    max_body_bytes=1_000_000,
)


@dataclass(frozen=True)
class ModerationRequest:
    """A text, a picture (its `data:` URL, the form that every model takes), or both together."""

    text: str = field(default="", repr=False)
    image_url: str = field(default="", repr=False)

    def body(self) -> bytes:
        return msgspec.json.encode({"input": self._input(), "model": MODEL})

    def _input(self) -> Any:
        if not self.image_url:
            return self.text
        texts = [{"type": "text", "text": self.text}] if self.text else []
        return [*texts, {"type": "image_url", "image_url": {"url": self.image_url}}]


@dataclass(frozen=True)
class Moderation:
    """`categories` are those that were found, in the provider's own words, sorted."""

    is_flagged: bool
    categories: tuple[str, ...] = ()
    request_id: str = ""


def moderation_from(head: AnswerHead, raw: bytes) -> Moderation:
    """Flagged if anything in the answer says so. Raises MeshError for what is no verdict."""
    body = decode_json(raw)
    if head.status != 200:
        raise error_from_status(head, None if body is UNREADABLE else body)
    results = body.get("results") if isinstance(body, Mapping) else None
    if not isinstance(results, list) or not 0 < len(results) <= MOST_RESULTS:
        raise _unreadable(head)
    verdicts = [_verdict(result, head) for result in results]
    found = {name for _, names in verdicts for name in names}
    return Moderation(
        is_flagged=any(is_flagged for is_flagged, _ in verdicts),
        categories=tuple(sorted(found)[:MOST_CATEGORIES]),
        request_id=head.request_id,
    )


def _verdict(result: object, head: AnswerHead) -> tuple[bool, set[str]]:
    """Of one result. Some name categories alone; where the two disagree the stricter counts."""
    if not isinstance(result, Mapping):
        raise _unreadable(head)
    flagged, categories = result.get("flagged"), result.get("categories")
    categories = categories if isinstance(categories, Mapping) else {}
    if not isinstance(flagged, bool) and (flagged is not None or not categories):
        raise _unreadable(head)
    found = [name for name, is_found in categories.items() if is_found is True]
    names = {clean_token(name, max_chars=CATEGORY_CHARS).lower() for name in found}
    return bool(flagged) or bool(found), names - {""}


def _unreadable(head: AnswerHead) -> BadAnswer:
    return BadAnswer("malformed", status=head.status, request_id=head.request_id)
