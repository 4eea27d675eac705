"""Every field of every address, with what nobody should send: never a fault, never an echo that
isn't escaped, nothing written by what was refused. A new line of the table is walked by itself."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.access.asking import rows, sign_in, undone
from tests.access.fields import (
    ITS_RESULT,
    KINDS,
    Pairs,
    answer,
    filled,
    hostile,
    names_read,
    role_for,
    send,
)
from tests.access.table import Line, lines
from tests.access.world import Submit, World, build
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

SECTIONS = ("nothing", "personal", "team")
REFUSED = {400, 403, 404, 409, 422}
ECHOES = ("<script>alert(7)", "<img src=x", ITS_RESULT)
UNSTORABLE = ("\\x00", "\ufffd", "\\ud800", "'\\u200b")
SENTENCE = re.compile(r'class="errorlist|data-sentence|role="alert"[^>]*>(?!</)')


def to_walk(section: str) -> list[tuple[str, Line]]:
    """Each address once, and with each action that it takes; a role that may use it."""
    before = [line for each in SECTIONS[: SECTIONS.index(section)] for line in lines(each)]
    known = {_kind(line) for line in before if role_for(line)}
    found: dict[Any, tuple[str, Line]] = {}
    for line in lines(section):
        role = role_for(line)
        if role and _kind(line) not in known:
            found.setdefault(_kind(line), (role, line))
    return list(found.values())


def _kind(line: Line) -> tuple[str, ...]:
    return (line.name, line.method, line.fields.get("action", ""), *sorted(line.fields))


@pytest.mark.parametrize("section", SECTIONS)
def test_no_field_of_any_address_breaks_it(section: str, submit: Submit, hang: Hang) -> None:
    world = build(submit, hang, section)
    wrong, walked = [], set[tuple[str, ...]]()
    for role, line in to_walk(section):
        for names in _together(line, names_read(world, role, line), walked):
            for what in KINDS[line.method]:
                pairs = hostile(what, filled(line, world.things), names)
                if fault := _fault(world, role, line, pairs):
                    wrong.append(f"{line}, {role}, {', '.join(names)}, {what}: {fault}")
    assert walked
    assert not wrong, "\n".join(wrong)


def _together(
    line: Line, names: list[str], walked: set[tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    """Each field alone; what was so at another address or for another action, all at once."""
    place = () if line.method == "GET" else (line.name,)
    known = [name for name in names if (*place, name) in walked and name not in line.fields]
    walked.update((*place, name) for name in names)
    yield from ((name,) for name in names if name not in known)
    if known:
        yield tuple(known)


def _fault(world: World, role: str, line: Line, pairs: Pairs) -> str:
    said = answer(world, role, line, pairs)
    if said.status >= 500:
        return f"{said.status} {said.trouble}"
    if any(mark in values for _, values in said.writes for mark in UNSTORABLE):
        return "what no database should hold was stored"
    if any(mark in said.body for mark in ECHOES):
        return "an echo that isn't escaped"
    if said.status >= 400 and said.tables and _changes(world, role, line, pairs):
        return f"{said.status}, and yet {said.tables} were written"
    if said.status in REFUSED and said.body and not SENTENCE.search(said.body):
        return f"{said.status} without a sentence"
    return _lost(said.body, pairs) if said.status == 422 else ""


def _changes(world: World, role: str, line: Line, pairs: Pairs) -> bool:
    """Whether anything else is kept afterwards: what was begun may have been taken back."""
    with undone():
        client, known = sign_in(world, role), rows()
        send(client, line, world.things, pairs)
        return rows() != known


TYPED = re.compile(r'<textarea|type="(?:text|number|email|search)"|^(?!.* type=)')
FIELD = re.compile(r"<(?:input|textarea)[^>]*? name=\"(\w+)\"[^>]*>(?:[^<]*</textarea>)?")


def _lost(body: str, pairs: Pairs) -> str:
    """What was typed must stand in a form again, except what is ticked, chosen or a secret."""
    shown = [found for found in FIELD.finditer(body) if TYPED.search(found[0])]
    for name, value in pairs:
        typed = unquote_plus(value).strip()
        places = [found[0] for found in shown if found[1] == name]
        if places and "\x00" not in typed and not any(escape(typed) in each for each in places):
            return f"{name} was lost: {places[0][:200]}"
    return ""
