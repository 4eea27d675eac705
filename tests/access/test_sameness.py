"""A refusal costs the same work whether a thing is somebody else's or was never there.

Who measures how long an answer takes learns nothing: the same queries are asked, in the same order.
`bench/refusals.py` takes the time.
"""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import known
from generations.models import Invite, ShareLink, User
from generations.queries import alive
from tests.access.asking import ask, sign_in, undone
from tests.access.table import Line, lines
from tests.access.world import PASSWORD, Submit, World, build
from tests.conftest import Hang

pytestmark = pytest.mark.django_db

SECTIONS = ("personal", "team", "unapproved")
STRANGERS = {"personal": "other", "team": "stranger", "unapproved": "viewer"}
# Whoever holds a link's token may learn that it is one: there the picture's id is asked for.
DOORS = ("door", "locked_door")
BEHIND = {"shared", "shared_picture", "shared_file", "shared_zip", "pick_shared"}
_VALUE = re.compile(r"'[^']*'|\b[0-9a-f]{32}\b|\b\d+\b|\"s\d+_x\d+\"")
_MANY = re.compile(r"\(\?(?:, \?)+\)")


@pytest.fixture
def world(section: str, submit: Submit, hang: Hang) -> World:
    return build(submit, hang, section)


def asked(client: Client, line: Line, things: dict[str, Any]) -> tuple[int, list[str]]:
    """The status, and the kinds of queries without what they were asked for."""
    _forget()
    with undone(), CaptureQueriesContext(connection) as queries:
        status = ask(client, line, things).status_code
    return status, [kind_of(each["sql"]) for each in queries]


def _forget() -> None:
    """What a process remembers for seconds is no part of the comparison."""
    known.forget()
    alive.forget()


def kind_of(sql: str) -> str:
    return _MANY.sub("(?)", _VALUE.sub("?", sql))


@pytest.mark.parametrize("section", SECTIONS)
def test_foreign_ids_ask_what_missing_ids_ask(section: str, world: World) -> None:
    role, missing = STRANGERS[section], world.missing()
    client = sign_in(world, role)
    wrong, count = [], 0
    for line in lines(section):
        if line.answer(role).status != 404:
            continue
        doors = {name: world.things[name] for name in DOORS if line.name in BEHIND}
        there, nowhere = (asked(client, line, each) for each in (world.things, missing | doors))
        count += 1
        if there != nowhere:
            more = [each for each in there[1] if each not in nowhere[1]]
            wrong.append(f"{line}: {len(there[1])} queries, {len(nowhere[1])} without; {more}")
    assert not wrong, "\n".join(wrong)
    assert count >= 9


def of_path(client: Client, path: str) -> tuple[int, list[str]]:
    _forget()
    with CaptureQueriesContext(connection) as queries:
        status = client.get(path).status_code
    return status, [kind_of(each["sql"]) for each in queries]


@pytest.mark.parametrize("section", ["team"])
def test_dead_links_ask_what_unknown_ones_ask(section: str, world: World) -> None:
    over = {"revoked_at": timezone.now()}
    ShareLink.objects.update(**over)
    Invite.objects.update(**over)
    guest, stranger = Client(), sign_in(world, "stranger")
    token, invite = world.things["door"], world.things["invite_link"]
    for client, dead, nothing in (
        (guest, f"/s/{token}/", "/s/nothing/"),
        (stranger, f"/invites/{invite}/", "/invites/nothing/"),
    ):
        assert of_path(client, dead) == of_path(client, nothing)


def test_sign_in_asks_the_same_of_everybody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And hashes once, whoever is meant."""
    User.objects.create_user("alice", password=PASSWORD)
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    hashed: list[str] = []
    real = User.set_password
    monkeypatch.setattr(
        User, "set_password", lambda user, raw: hashed.append("") or real(user, raw)
    )
    found = []
    for name in ("warm", "alice", "nobody", "gone"):
        with CaptureQueriesContext(connection) as queries:
            Client().post("/accounts/login/", {"username": name, "password": "wrong"})
        found.append(sorted(kind_of(each["sql"]) for each in queries))  # counters by their digests
    assert found[1] == found[2] == found[3]
    assert len(hashed) == 2  # for “warm” and “nobody”, in place of the check
