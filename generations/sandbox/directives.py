"""Directives: what a prompt may order beside its picture, `[[name]]` or `[[name=value]]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generations.sandbox.directive_table import DIRECTIVES, TABLE, Directive
from generations.sandbox.problems import ApiError

WRITTEN = re.compile(r"\[\[\s*([a-z0-9_]+)\s*(?:=\s*([^\]]*?)\s*)?\]\]")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The directives of one prompt, and the prompt without them."""

    prompt: str
    values: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        """Its value, its usual one when it stands without, empty when it isn't there."""
        value = self.values.get(name)
        return TABLE[name].usual if value == "" else value or ""

    def number(self, name: str) -> float:
        return float(self.text(name) or 0)

    def count(self, name: str) -> int:
        return int(self.number(name))

    def without_faults(self) -> "Wishes":
        kept = {name: value for name, value in self.values.items() if not TABLE[name].is_fault}
        return Wishes(self.prompt, kept)


def read_wishes(prompt: str) -> Wishes:
    """Raises a 400 for a known directive with a value it can't take.

    Double brackets with any other word in them are part of the prompt.
    """
    values: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        name, value = match[1], match[2]
        directive = TABLE.get(name)
        if directive is None:
            return match[0]
        if value and not directive.takes(value):
            raise ApiError(400, f"The sandbox can't read [[{name}={value[:60]}]].")
        values[name] = value or ""
        return " "

    drawn = WRITTEN.sub(take, prompt)
    return Wishes(re.sub(r"[ \t]{2,}", " ", drawn).strip() if values else drawn, values)


def table_as_markdown() -> str:
    """The table of docs/sandbox.md."""
    lines = ["| directive | what the sandbox does | event |", "| --- | --- | --- |"]
    lines += [_row(directive) for directive in DIRECTIVES]
    return "\n".join(lines) + "\n"


def _row(directive: Directive) -> str:
    values = ", ".join(f"`{choice}`" for choice in directive.choices)
    effect = f"{directive.effect} ({values})" if values else directive.effect
    return f"| `{directive.written()}` | {effect} | {directive.event} |"
