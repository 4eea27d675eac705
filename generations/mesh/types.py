"""The shapes that go in and come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from generations.mesh.errors import MeshError
from generations.mesh.text import clean_text, clean_token

MAX_HEADERS = 64
MAX_HEADER_CHARS = 1000
REQUEST_ID_HEADERS = ("x-request-id", "request-id")

# Answer headers that say something about a session or a secret, never about the picture.
PRIVATE_HEADERS = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "authorization"})


@dataclass(frozen=True)
class Limits:
    """Seconds of patience, each by its own name; `deadline_seconds` runs over the whole call.

    The first byte is awaited `first_byte_seconds`, any later one `silence_seconds`. Whatever
    arrives, the deadline stays: bytes that drip and pings cannot move it.
    """

    connect_seconds: float = 5
    write_seconds: float = 30
    first_byte_seconds: float = 300
    silence_seconds: float = 75
    deadline_seconds: float = 360
    max_body_bytes: int = 256 * 1024 * 1024


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class ImageRequest:
    prompt: str = field(repr=False)
    model: str
    n: int = 1
    size: str | None = None
    quality: str | None = None
    output_format: str | None = None
    response_format: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def body(self, *, stream: bool) -> bytes:
        """The JSON to send: what is set and nothing else; `extra` can't replace a named field."""
        named = {
            "prompt": self.prompt,
            "model": self.model,
            "n": self.n,
            "size": self.size,
            "quality": self.quality,
            "output_format": self.output_format,
            "response_format": self.response_format,
            "stream": stream or None,
        }
        fields = {name: value for name, value in self.extra.items() if name not in named}
        fields |= {name: value for name, value in named.items() if value is not None}
        return msgspec.json.encode(fields)


@dataclass(frozen=True)
class AnswerHead:
    status: int
    headers: dict[str, str]
    request_id: str = ""
    content_type: str = ""
    content_length: int | None = None

    @classmethod
    def from_headers(cls, status: int, pairs: Iterable[tuple[bytes, bytes]]) -> "AnswerHead":
        headers: dict[str, str] = {}
        for raw_name, raw_value in pairs:
            name = clean_token(raw_name.decode("latin-1").lower())
            if name and name not in PRIVATE_HEADERS and len(headers) < MAX_HEADERS:
                value = clean_text(raw_value.decode("latin-1"), max_chars=MAX_HEADER_CHARS)
                headers.setdefault(name, value.strip())
        ids = (clean_token(headers.get(name, "")) for name in REQUEST_ID_HEADERS)
        length = headers.get("content-length", "")
        return cls(
            status=status,
            headers=headers,
            request_id=next((found for found in ids if found), ""),
            content_type=headers.get("content-type", "").split(";")[0].strip().lower(),
            content_length=int(length) if length.isdecimal() and len(length) < 16 else None,
        )


@dataclass(frozen=True)
class Recording:
    """A body that went to the sink as it came.

    `complete`: the transport ended it properly (its declared length, its final chunk, or [DONE]).
    A body that ends with the connection is not complete by itself: its content must show it.
    """

    head: AnswerHead
    complete: bool
    size: int
    saw_done: bool
    trouble: MeshError | None


@dataclass(frozen=True)
class Item:
    """One picture of an answer: its bytes or its address, or why it has neither (`problem`)."""

    index: int
    content: bytes | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    revised_prompt: str = field(default="", repr=False)
    problem: str | None = None

    @property
    def is_usable(self) -> bool:
        return self.content is not None or self.url is not None


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: Mapping[str, int] = field(default_factory=dict)
    output_tokens_details: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """What the provider said, without what it left out: fit for a JSON column."""
        counts: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
            "input_tokens_details": dict(self.input_tokens_details) or None,
            "output_tokens_details": dict(self.output_tokens_details) or None,
        }
        return {name: value for name, value in counts.items() if value is not None}


@dataclass(frozen=True)
class Answer:
    """A whole answer, read. `previews` are pictures on the way, never results."""

    items: tuple[Item, ...] = ()
    previews: tuple[Item, ...] = ()
    usage: Usage | None = None
    created: int | None = None
    model: str = ""
    background: str = ""
    output_format: str = ""
    quality: str = ""
    size: str = ""
    request_id: str = ""
    error: MeshError | None = None
    flags: frozenset[str] = frozenset()

    @property
    def has_picture(self) -> bool:
        return any(item.is_usable for item in self.items)


ImageResult = Answer


@dataclass(frozen=True)
class ImageEvent:
    """`partial` carries one preview; `completed` carries everything, and comes last."""

    kind: Literal["processing", "partial", "completed"]
    preview: Item | None = None
    result: ImageResult | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return self.result.items if self.result else ()

    @property
    def usage(self) -> Usage | None:
        return self.result.usage if self.result else None


@dataclass(frozen=True)
class Model:
    id: str
    name: str = ""
    is_free: bool = False
    model_type: str = ""
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    description: str = ""
    brand: str = ""
    provider: str = ""
    context_length: int | None = None
    supports: Mapping[str, bool | None] = field(default_factory=dict)
    pricing: Mapping[str, str] = field(default_factory=dict)

    @property
    def makes_images(self) -> bool:
        return "image" in self.output_modalities


@dataclass(frozen=True)
class ModelPage:
    items: tuple[Model, ...]
    total: int
    limit: int
    offset: int
    brands: tuple[str, ...]


@dataclass(frozen=True)
class Downloaded:
    size: int
    sha256: str
    content_type: str


Sink = Callable[[bytes], object]
Resolver = Callable[[str, int], Sequence[str]]
