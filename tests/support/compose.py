"""Reads the part of YAML that docker-compose.yml uses, and fills in its variables.

Blocks by indentation, one-line lists written as JSON, quoted or plain scalars, literal blocks,
anchors and merges. Anything else is an error, not a guess.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEY = re.compile(r"(?P<key>[A-Za-z0-9_.<-]+):(?: +(?P<rest>.*))?")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?:(?P<how>:[?-])(?P<text>[^}]*))?\}")


class Unreadable(Exception):
    pass


@dataclass
class Reader:
    lines: list[tuple[int, str]]
    raw: list[str]
    anchors: dict[str, Any] = field(default_factory=dict)
    at: int = 0

    def block(self, indent: int) -> Any:
        """What begins at the present line and is indented as deeply."""
        if self.lines[self.at][1].startswith("- "):
            return self.items(indent)
        return self.mapping(indent)

    def items(self, indent: int) -> list[Any]:
        found = []
        while self.is_at(indent) and self.lines[self.at][1].startswith("- "):
            number, text = self.lines[self.at][0], self.lines[self.at][1][2:]
            if KEY.fullmatch(text):  # a mapping that starts on the dash's line
                self.lines[self.at] = (number + 2, text)
                found.append(self.mapping(indent + 2))
            else:
                found.append(scalar(text))
                self.at += 1
        return found

    def mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.is_at(indent):
            match = KEY.fullmatch(self.lines[self.at][1])
            if not match:
                raise Unreadable(self.lines[self.at][1])
            value = self.value(match["rest"] or "", indent)
            if match["key"] == "<<":
                found = {**value, **found}
            elif match["key"] in found and match["key"] not in self.merged(found):
                raise Unreadable(f"{match['key']} twice")
            else:
                found[match["key"]] = value
        return found

    def merged(self, found: dict[str, Any]) -> set[str]:
        """Keys that may be said again: they came with a merge."""
        return {name for anchor in self.anchors.values() for name in anchor if name in found}

    def value(self, rest: str, indent: int) -> Any:
        self.at += 1
        if rest.startswith("*"):
            return self.anchors[rest[1:]]
        if rest == "|":
            return self.literal(indent)
        if rest and not rest.startswith("&"):
            return scalar(rest)
        has_block = self.at < len(self.lines) and self.lines[self.at][0] > indent
        value = self.block(self.lines[self.at][0]) if has_block else None
        if rest:
            self.anchors[rest[1:]] = value
        return value

    def literal(self, indent: int) -> str:
        taken = []
        while self.at < len(self.lines) and self.lines[self.at][0] > indent:
            taken.append(self.raw[self.at])
            self.at += 1
        margin = min(len(line) - len(line.lstrip()) for line in taken)
        return "".join(f"{line[margin:]}\n" for line in taken)

    def is_at(self, indent: int) -> bool:
        if self.at >= len(self.lines) or self.lines[self.at][0] < indent:
            return False
        if self.lines[self.at][0] > indent:
            raise Unreadable(self.lines[self.at][1])
        return True


def scalar(text: str) -> Any:
    if text[0] in '"[{':
        return json.loads(text)
    if text in {"true", "false"}:
        return text == "true"
    if text.isdigit():
        return int(text)
    if text[0] in "'&*!|>%@`" or " #" in text:
        raise Unreadable(text)
    return text


def read(text: str) -> dict[str, Any]:
    kept = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in kept]
    reader = Reader(lines, kept)
    found = reader.mapping(0)
    if reader.at != len(lines):
        raise Unreadable(lines[reader.at][1])
    return found


def fill_in(value: Any, variables: Mapping[str, str]) -> Any:
    """Every `${NAME…}` replaced as compose does. Raises KeyError where a needed one is missing."""
    if isinstance(value, dict):
        return {name: fill_in(each, variables) for name, each in value.items()}
    if isinstance(value, list):
        return [fill_in(each, variables) for each in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda match: chosen(match, variables), value)
    return value


def chosen(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if found := variables.get(match["name"], ""):
        return found
    if match["how"] == ":?":
        raise KeyError(f"{match['name']}: {match['text']}")
    return match["text"] or ""
