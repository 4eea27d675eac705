"""How a picture was made, as far as its file tells: cleaned on the way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

MAX_PROMPT = 20_000  # characters
MAX_NAME = 200
MAX_PARAMETERS = 24
MAX_PARAMETER = 2000


@dataclass(frozen=True, slots=True)
class Recipe:
    """Given anything, holds nothing but storable text and numbers of bounded length."""

    program: str = ""
    prompt: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", clean(self.prompt, MAX_PROMPT))
        object.__setattr__(self, "model", clean(self.model, MAX_NAME))
        object.__setattr__(self, "parameters", bounded(self.parameters))


def bounded(said: Mapping[str, Any]) -> dict[str, str | int | float]:
    """The first few names that have a text or a number; nothing nested."""
    known = ((clean(name, 60), _value(value)) for name, value in said.items())
    kept = ((name, value) for name, value in known if name and value not in ("", None))
    return dict(islice(kept, MAX_PARAMETERS))


def clean(text: object, most: int) -> str:
    """Without what a database can't hold; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    storable = text.replace("\0", "").encode("utf-8", "ignore").decode()
    return storable.strip()[:most].rstrip()


def _value(value: object) -> str | int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)[:MAX_PARAMETER]
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None  # neither infinite nor no number
    return clean(value, MAX_PARAMETER)
