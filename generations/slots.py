"""Prompts with slots: “a {season} morning in {place: Oslo | Rome}, {boats: number} boats”.

A slot is a name in braces; after a colon may stand choices, parted by bars, or the kind of what is
to be written: `number`, or `long` for several lines. The same name again is
the same slot. Doubled braces are braces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_SLOTS = 10
NAME_CHARACTERS = 40
NUMBER, LONG = KINDS = ("number", "long")
_PART = re.compile(r"\{\{|\}\}|\{([^{}:]{1,40}?)(?::([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """`choices` is empty where anything may be written."""

    name: str
    choices: tuple[str, ...] = ()
    kind: str = ""


def slots_of(text: str) -> list[Slot]:
    """Each slot once, in the order of the text."""
    found: dict[str, Slot] = {}
    for match in _PART.finditer(text):
        name = (match[1] or "").strip()
        if name and name not in found:
            found[name] = _slot(name, (match[2] or "").strip())
    return list(found.values())


def _slot(name: str, said: str) -> Slot:
    if said in KINDS:
        return Slot(name, kind=said)
    choices = (choice.strip() for choice in said.split("|"))
    return Slot(name, tuple(dict.fromkeys(filter(None, choices))))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The prompt; a slot without a value is left out."""

    def replaced(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        return values.get((match[1] or "").strip(), "").strip()

    return _PART.sub(replaced, text)
