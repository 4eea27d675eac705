"""The table of who may do what, as it stands in `matrix.txt`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).with_name("matrix.txt")
_SECTION = re.compile(r"\[(\w+): ([\w ]+)\]")
_NAME = re.compile(r"([\w.:]+)(?:\[([^\]]+)\])?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status; whether it is the one of a thing that isn't there; whether nothing changed."""

    status: int
    is_as_missing: bool
    is_idle: bool
    is_login: bool = False

    @classmethod
    def read(cls, word: str, method: str) -> "Answer":
        if word == "login":
            return cls(302, is_as_missing=False, is_idle=True, is_login=True)
        status = int(word.rstrip("=-"))
        return cls(
            status,
            is_as_missing=word.endswith("=") or status == 404,
            is_idle=method == "GET" or word[-1] in "=-" or status in {401, 403, 404},
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One address, asked in one way, with the answer for each role."""

    section: str
    name: str
    method: str
    answers: dict[str, str]
    places: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sent = "&".join(f"{key}={value}" for key, value in {**self.places, **self.fields}.items())
        return f"{self.section} {self.method} {self.name} {sent}".strip()

    def answer(self, role: str) -> Answer:
        return Answer.read(self.answers[role], self.method)

    @property
    def has_thing(self) -> bool:
        return self.section not in {"nothing", "admin", "tasks"}


def lines(*sections: str) -> list[Line]:
    """The table's lines, of all sections or of these."""
    found, section, columns = [], "", [""]
    for text in FILE.read_text().splitlines():
        if heading := _SECTION.fullmatch(text):
            section, columns = heading[1], heading[2].split()
        elif text and not text.startswith("#"):
            found.append(_line(section, columns, text))
    return [line for line in found if not sections or line.section in sections]


def _line(section: str, columns: Sequence[str], text: str) -> Line:
    left, _, sent = text.partition("|")
    head, *words = left.split()
    method = words.pop(0) if section not in {"admin", "tasks"} else ""
    if len(words) != len(columns):
        raise ValueError(f"{len(columns)} answers are asked for: {text}")
    name = _NAME.fullmatch(head)
    if name is None:
        raise ValueError(f"no name: {text}")
    answers = dict(zip(columns, words, strict=True))
    places = _pairs((name[2] or "").split(","))
    return Line(section, name[1], method, answers, places, _pairs(sent.split()))


def _pairs(words: Sequence[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if word)
