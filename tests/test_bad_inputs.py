"""The list of what nobody should send, held against the program: `bad_inputs.txt`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.urls import resolve

from generations.models import Attempt
from tests.access.fields import Pairs, answer
from tests.access.table import Line
from tests.access.world import Submit, World, build
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

HERE = Path(__file__).parent
LIST = HERE / "bad_inputs.txt"
_ITEM = re.compile(r"(\d+)(?:-(\d+))? (\S.*)")
_SEE = re.compile(r"  see ([\w/]+\.py)::(test_\w+)")
_ASKED = re.compile(
    r"  (\w+) (\w+) (GET|POST) (\w+)(?:\[(\w+)=(\w+)\])? (\S+) -> (\d{3})(?: (.+))?"
)
_TIMES = re.compile(r"<(\d+)\*([^>]+)>")


@dataclass(slots=True)
class Asked:
    text: str
    section: str
    role: str
    line: Line
    sent: str
    status: int
    sentence: str

    def pairs(self, things: dict[str, Any]) -> Pairs:
        whole = _TIMES.sub(lambda found: int(found[1]) * found[2], self.sent)
        for name, thing in things.items():
            whole = whole.replace(f"{{{name}}}", str(thing))
        halves = (pair.partition("=") for pair in whole.split("&"))
        return [(name, value) for name, _, value in halves]


@dataclass(slots=True)
class Item:
    numbers: range
    words: str
    asked: list[Asked] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)


def items() -> list[Item]:
    found: list[Item] = []
    for text in LIST.read_text().splitlines():
        if head := _ITEM.fullmatch(text):
            found.append(Item(range(int(head[1]), int(head[2] or head[1]) + 1), head[3]))
        elif see := _SEE.fullmatch(text):
            found[-1].seen.append((see[1], see[2]))
        elif asked := _ASKED.fullmatch(text):
            found[-1].asked.append(_asked(text, asked))
        elif text and not text.startswith("#"):
            raise ValueError(f"neither an item nor a line of one: {text}")
    return found


def _asked(text: str, found: re.Match[str]) -> Asked:
    section, role, method, name, place, thing, sent, status, sentence = found.groups()
    line = Line(section, name, method, {}, {place: thing} if place else {})
    return Asked(text.strip(), section, role, line, sent, int(status), sentence or "")


@cache
def names_in(file: str) -> set[str]:
    nodes = ast.parse((HERE / file).read_text()).body
    return {each.name for each in nodes if isinstance(each, ast.FunctionDef)}


def test_every_item_is_there_once() -> None:
    assert [number for item in items() for number in item.numbers] == list(range(1, 94))


def test_every_item_is_shown() -> None:
    bare = [item.words for item in items() if not item.asked and not item.seen]
    assert bare == ["wait for the gateway: there is no address for it yet"]


def test_nothing_waits_for_a_gateway_that_is_there() -> None:
    for path in ("/v1/images/generations", "/v1/models"):
        with pytest.raises(Http404):
            resolve(path)


def test_every_test_that_is_named_is_there() -> None:
    named = [see for item in items() for see in item.seen]
    missing = [f"{file}::{name}" for file, name in named if name not in names_in(file)]
    assert missing == []


def _lines(section: str) -> Iterator[Asked]:
    return (each for item in items() for each in item.asked if each.section == section)


@pytest.mark.parametrize("section", ["personal", "team"])
def test_every_line_is_answered_as_it_says(section: str, submit: Submit, hang: Hang) -> None:
    world = build(submit, hang, section)
    attempts = Attempt.objects.count()
    wrong = [f"{each.text}: {fault}" for each in _lines(section) if (fault := _fault(world, each))]
    assert not wrong, "\n".join(wrong)
    assert Attempt.objects.count() == attempts


def _fault(world: World, each: Asked) -> str:
    said = answer(world, each.role, each.line, each.pairs(world.things))
    if said.status != each.status:
        return f"{said.status}"
    if each.sentence not in unescape(said.body):
        return "another sentence"
    if each.status >= 400 and said.tables:
        return f"{said.tables} were written"
    return ""


def test_a_wrong_line_would_be_noticed(submit: Submit, hang: Hang) -> None:
    world = build(submit, hang, "personal")
    right = next(_lines("personal"))
    assert _fault(world, right) == ""
    for wrong in ({"status": 400}, {"sentence": "Draw a prompt."}):
        for name, value in wrong.items():
            other = Asked(right.text, right.section, right.role, right.line, right.sent, 422, "")
            setattr(other, name, value)
            assert _fault(world, other)
