"""Asking an address as somebody, and what is compared of the answer."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver, reverse

from generations.models import Membership, Role, Session, User
from tests.access.table import Line
from tests.access.world import World

MEMBERS = {role.value: role for role in Role} | {"maker": Role.CONTRIBUTOR}
CHANGING = re.compile(
    r'("X-CSRFToken": "|name="(?:csrfmiddlewaretoken|submit_token)"(?: id="\w+")? value="'
    r'|poll-watch token=")[^"]*'
)
OF_THEIR_TIME = {"Set-Cookie", "Content-Length", "Date"}
# Tables that change with every visit, or never by a wish.
UNTOLD = {"Throttle", "Heartbeat", "ImageText", "Session", "ShareView"}


@dataclass(frozen=True, slots=True)
class Said:
    """What of an answer must not depend on whether a thing is there."""

    status: int
    body: str
    headers: dict[str, str]


def sign_in(world: World, role: str) -> Client:
    """A browser of somebody in this role, and in no other."""
    client = Client(raise_request_exception=False)
    if role == "anon":
        return client
    user = world.maker if role in {"owner", "maker", "ex"} else world.other
    if world.team is not None:
        user = _in_team(world, role)
    if role in {"staff", "superuser"}:
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=role == "superuser")
    client.cookies = deepcopy(world.signed_in[user.pk])
    return client


def _in_team(world: World, role: str) -> User:
    user = world.maker if role in {"maker", "ex"} else world.other
    Membership.objects.filter(team=world.team, user=user).delete()
    if role in MEMBERS:
        Membership.objects.create(team=world.team, user=user, role=MEMBERS[role])
    return user


def ask(client: Client, line: Line, things: Mapping[str, Any], **headers: str) -> HttpResponseBase:
    address = reverse(line.name, kwargs=places_in(line, things))
    fields = {key: value.format_map(dict(things)) for key, value in line.fields.items()}
    send: Any = client.get if line.method == "GET" else client.post
    response: HttpResponseBase = send(address, fields, headers=headers)
    return response


def places_in(line: Line, things: Mapping[str, Any]) -> dict[str, Any]:
    """The address's own ids: a place called album_id takes the album, unless the line says else."""
    found = {}
    for place in places_of(line.name):
        noun = {"slug": "team"}.get(place, place.removesuffix("_id"))
        wanted = line.places.get(noun, noun)
        found[place] = things.get(wanted, wanted)
    return found


def places_of(name: str) -> list[str]:
    return list(get_resolver().reverse_dict.getlist(name)[0][0][0][1])


def body_of(response: HttpResponseBase) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")  # type: ignore[attr-defined]
    return response.content.decode(errors="replace")  # type: ignore[attr-defined]


def said(response: HttpResponseBase, *named: Mapping[str, Any]) -> Said:
    """Without ids, tokens, and what is new with every answer."""
    body = CHANGING.sub(r"\1", body_of(response))
    headers = {k: v for k, v in response.headers.items() if k not in OF_THEIR_TIME}
    things = [pair for each in named for pair in each.items()]
    for name, thing in sorted(things, key=lambda pair: -len(str(pair[1]))):
        if len(str(thing)) > 5:
            body = body.replace(str(thing), f"<{name}>")
            headers = {k: v.replace(str(thing), f"<{name}>") for k, v in headers.items()}
    return Said(response.status_code, body, headers)


@contextmanager
def undone() -> Iterator[None]:
    """What is done within it leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked(world: World, role: str, line: Line, **headers: str) -> tuple[HttpResponseBase, bool]:
    """The answer, and whether anything was changed. Leaves nothing behind."""
    with undone():
        client, before = sign_in(world, role), _writes()
        response = ask(client, line, world.things, **headers)
        if _writes() == before:
            return response, False
    with undone():  # once more, to see whether what was written is another than it was
        client, known = sign_in(world, role), rows()
        return ask(client, line, world.things, **headers), rows() != known


def _writes() -> int:
    """How many rows this connection to SQLite has written so far."""
    connection.ensure_connection()
    return int(connection.connection.total_changes)


def rows() -> dict[str, Any]:
    """Everything that is kept, to see what changed."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("generations").get_models():
            if model.__name__ not in UNTOLD:
                cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608
                found[model.__name__] = cursor.fetchall()
    sessions = Session.objects.exclude(user=None)
    return found | {"sign-ins": sorted(sessions.values_list("user", flat=True))}
