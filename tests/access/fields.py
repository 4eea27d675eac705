"""Which fields an address reads, found by watching it, and what nobody should send in them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import quote_plus

from django.db import connection
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from tests.access.asking import UNTOLD, body_of, places_in, sign_in, undone
from tests.access.table import Line
from tests.access.world import World

WRITES = re.compile(r'(?:(?:INSERT (?:OR \w+ )?INTO|UPDATE) "(\w+)"|DELETE FROM "(\w+)")')
UNTOLD_TABLES = {f"generations_{name.lower()}" for name in UNTOLD}
FORM = "application/x-www-form-urlencoded"
BEST = ("owner", "curator", "maker", "person", "superuser", "staff", "anon")
SCRIPT = "\"'><script>alert(7)</script><img src=x onerror=alert(7)>"
SUM, ITS_RESULT = "{{191919*7}}{% debug %}${191919*7}", "1343433"
Fields = dict[str, str]
Pairs = list[tuple[str, str]]  # a name and its value as a body has it


HOSTILE = {
    "NUL": "a%00b",
    "bytes that are no text": "a%ED%A0%80%FFb",
    "nothing one sees": quote_plus(" \n\u200b\u200d\ufeff\u0301"),
    "a script, a template, turned": quote_plus(f"{SCRIPT}{SUM}\u202egnp.exe"),
    "90 kB": "x" * 90_000,
    "400 digits": "9" * 400,
    "one more than 64 bits": str(2**63),
    "one more than 32 bits": str(2**31),
    "no number": "NaN",
}
TWICE, MISSING = "twice, and more than was asked for", "missing"
MORE = {"is_staff": "1", "owner": "1", "role": "owner", "cost": "0", "pk": "1"}
# PostgreSQL is stricter than SQLite about these alone, and about words that can't be stored: on
# SQLite those are noticed, too.
STRICT = ("one more than 32 bits", "one more than 64 bits")
BY_POST = STRICT if connection.vendor == "postgresql" else (*HOSTILE, TWICE, MISSING)
# What a list can't make sense of is left out, whatever it is: less will do.
BY_GET = (
    STRICT
    if connection.vendor == "postgresql"
    else ("NUL", "bytes that are no text", "a script, a template, turned", "one more than 64 bits")
)
KINDS = {"GET": BY_GET, "POST": BY_POST}


def hostile(what: str, fields: Fields, names: Sequence[str]) -> Pairs:
    """The fields of a line, of which these hold what nobody should send."""
    usual = [(name, quote_plus(value)) for name, value in fields.items()]
    others = [(name, value) for name, value in usual if name not in names]
    if what == TWICE:
        more = [(name, value) for name, value in MORE.items() if name not in fields]
        return [*usual, *(pair for pair in usual if pair[0] in names), *more]
    return others if what == MISSING else [*others, *((name, HOSTILE[what]) for name in names)]


@dataclass(slots=True)
class Answer:
    status: int
    body: str
    trouble: str
    writes: list[tuple[str, str]]  # each table, and what was written there

    @property
    def tables(self) -> set[str]:
        return {table for table, _ in self.writes} - UNTOLD_TABLES


def role_for(line: Line) -> str | None:
    """Somebody who may do it: what is refused for the role alone reads no field."""
    for role in BEST:
        if role in line.answers:
            answer = line.answer(role)
            if answer.status < 400 and not (answer.is_login or answer.is_as_missing):
                return role
    return None


def send(client: Client, line: Line, things: Mapping[str, Any], pairs: Pairs) -> Any:
    address = reverse(line.name, kwargs=places_in(line, things))
    body = "&".join(f"{name}={value}" for name, value in [*pairs, ("csrfmiddlewaretoken", "x")])
    if line.method == "GET":
        return client.generic("GET", address, QUERY_STRING=body)
    return client.generic("POST", address, body, content_type=FORM)


def answer(world: World, role: str, line: Line, pairs: Pairs) -> Answer:
    """Leaves nothing behind."""
    found: list[tuple[str, str]] = []

    def keep(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if written := WRITES.match(sql):
            found.append((written[1] or written[2], repr(values) if written[1] else ""))
        return execute(sql, values, many, context)

    with undone():
        client = sign_in(world, role)
        with connection.execute_wrapper(keep):
            response = send(client, line, world.things, pairs)
            body = body_of(response)
    trouble = repr(getattr(response, "exc_info", None)) if response.status_code >= 500 else ""
    return Answer(response.status_code, body, trouble, found)


def filled(line: Line, things: Mapping[str, Any]) -> Fields:
    return {name: value.format_map(dict(things)) for name, value in line.fields.items()}


def names_read(world: World, role: str, line: Line) -> list[str]:
    """The fields that the answer to this line was made of, and those that the table names."""
    with undone(), _watched() as read:
        fields = filled(line, world.things)
        pairs = [(name, quote_plus(value)) for name, value in fields.items()]
        response: HttpResponseBase = send(sign_in(world, role), line, world.things, pairs)
        request: HttpRequest = response.wsgi_request  # type: ignore[attr-defined]
        sent = request.GET if line.method == "GET" else request.POST
        return sorted({*read[id(sent)], *fields} - {"csrfmiddlewaretoken"})


@contextmanager
def _watched() -> Iterator[dict[int, set[str]]]:
    """The names that are asked for, of each set of fields."""
    read: dict[int, set[str]] = defaultdict(set)
    kept = []  # so that no other gets the same id

    def watch(method: Callable[..., Any]) -> Callable[..., Any]:
        def watching(fields: Any, name: str, *more: Any, **rest: Any) -> Any:
            if isinstance(fields, QueryDict):
                kept.append(fields)
                read[id(fields)].add(name)
            return method(fields, name, *more, **rest)

        return watching

    names = ("__getitem__", "__contains__", "_getlist")
    patches = {
        name: watch(getattr(MultiValueDict, name))
        for name in names
        if hasattr(MultiValueDict, name)
    }
    with mock.patch.multiple(MultiValueDict, **patches):
        yield read
