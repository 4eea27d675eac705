"""Every address, asked in every way by everybody: the answers are those of `matrix.txt`."""

from difflib import unified_diff
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from generations import policy
from generations.models import Image, User
from meshgallery.celery import app as celery_app
from tests.access.asking import Said, ask, asked, body_of, rows, said, sign_in, undone
from tests.access.table import Line, lines
from tests.access.world import Submit, World, build
from tests.conftest import Hang

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}
SECTIONS = ("nothing", "personal", "team", "unapproved")
ASKED = lines(*SECTIONS)


@pytest.fixture
def world(section: str, submit: Submit, hang: Hang) -> World:
    return build(submit, hang, section)


@pytest.mark.parametrize("section", SECTIONS)
def test_everybody_gets_the_tables_answer(section: str, world: World, checked: list[str]) -> None:
    wrong = []
    for line in lines(section):
        for role in line.answers:
            if fault := _fault(world, role, line):
                wrong.append(f"{line}, {role}: {fault}")
            checked.append(f"{line} {role}")
    assert not wrong, "\n".join(wrong)


def _fault(world: World, role: str, line: Line) -> str:
    """What is wrong about one answer; nothing if it is the table's."""
    wanted = line.answer(role)
    response, has_changed = asked(world, role, line)
    where = response.headers.get("Location", "")
    is_login = where.startswith(reverse("login") + "?next=")
    if (response.status_code, is_login) != (wanted.status, wanted.is_login):
        return f"{response.status_code} {where} instead of {line.answers[role]}"
    if has_changed is wanted.is_idle:
        return "something was changed" if has_changed else "nothing was changed"
    return ""


WIDENED: dict[str, Any] = {
    "changeable_images": policy.visible_images,
    "changeable_albums": policy.visible_albums,
    "changeable_tags": policy.visible_tags,
    "changeable_templates": policy.visible_templates,
    "changeable_generations": policy.visible_generations,
    "restorable_images": lambda *_: Image.objects.exclude(trashed_at=None),
    "require_role": lambda *_: None,
    "require_download": lambda *_: None,
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_wider_policy_would_be_noticed(
    name: str, submit: Submit, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where viewers may do what curators may, the table finds a fault."""
    world = build(submit, hang, "team")
    monkeypatch.setattr(policy, name, WIDENED[name])
    assert any(_fault(world, "viewer", line) for line in lines("team"))


@pytest.mark.parametrize("section", SECTIONS)
def test_scripts_are_refused_what_pages_are(section: str, world: World, checked: list[str]) -> None:
    wrong = []
    for line in lines(section):
        for role in line.answers:
            wanted = line.answer(role)
            if wanted.status not in {401, 403, 404} and not wanted.is_login:
                continue
            status = 401 if wanted.is_login else wanted.status
            response, has_changed = asked(world, role, line, **HTMX)
            if response.status_code != status or has_changed:
                wrong.append(f"{line}, {role}: {response.status_code} instead of {status}")
            checked.append(f"{line} {role} by script")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("section", SECTIONS[1:])
def test_what_one_may_not_see_looks_exactly_like_missing(
    section: str, world: World, checked: list[str]
) -> None:
    wrong, missing = [], world.missing()
    for line in lines(section):
        for role in line.answers:
            if not line.answer(role).is_as_missing:
                continue
            there, nowhere = (_said(world, role, line, each) for each in (world.things, missing))
            if there != nowhere:
                wrong.append(f"{line}, {role}: {_difference(there, nowhere)}")
            checked.append(f"{line} {role} as missing")
    assert not wrong, "\n".join(wrong)


def _said(world: World, role: str, line: Line, things: dict[str, Any]) -> Said:
    with undone():
        return said(ask(sign_in(world, role), line, things), things, world.things)


def _difference(there: Said, nowhere: Said) -> str:
    """The first few lines that differ."""
    told = [f"{each.status} {each.headers}\n{each.body}".splitlines() for each in (there, nowhere)]
    return "\n".join(list(unified_diff(*told, lineterm="", n=0))[2:8])


def _names(resolver: URLResolver, namespace: str = "") -> list[str]:
    found: list[str] = []
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            found.append(f"{namespace}{each.name}")
        else:
            inner = f"{each.namespace}:" if each.namespace else ""
            found += _names(each, f"{namespace}{inner}")
    return found


def test_no_address_is_left_out() -> None:
    known = {line.name for line in ASKED}
    there = {name for name in _names(get_resolver()) if not name.startswith("admin:")}
    assert there - known == set()
    assert known - there == set()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_method_without_a_line_is_nobodys(section: str, world: World) -> None:
    there = {(line.name, line.method) for line in ASKED}
    for line in lines(section):
        for method in {"GET", "POST"} - {known for name, known in there if name == line.name}:
            other = Line(section, line.name, method, {}, line.places)
            response, has_changed = asked(world, "superuser", other)
            assert (response.status_code, has_changed) == (405, False), str(other)


# The operator's pages

PAGES = ("list", "add", "change", "delete")
PATHS = {"list": "changelist"}


def _admin_lines() -> dict[str, Line]:
    return {line.name: line for line in lines("admin")}


def test_no_kind_of_row_is_left_out_of_the_operators_pages() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(_admin_lines())


@pytest.mark.parametrize("line", lines("admin"), ids=str)
def test_the_operators_pages_are_a_superusers(
    line: Line, submit: Submit, hang: Hang, checked: list[str]
) -> None:
    build(submit, hang)
    app, _, name = line.name.partition(".")
    row = User.objects.get(username="carol").pk if name == "user" else 1
    for role in ("person", "staff", "superuser"):
        client = Client()
        client.force_login(
            User.objects.create_user(
                role, is_staff=role != "person", is_superuser=role == "superuser"
            )
        )
        for page in PAGES:
            args = [row] if page in {"change", "delete"} else []
            response = client.get(reverse(f"admin:{app}_{name}_{PATHS.get(page, page)}", args=args))
            expected = {"person": 302, "staff": 403}.get(role, int(line.answers[page]))
            # A row that isn't there leads to the list.
            assert response.status_code == expected or (
                role == "superuser" and args and name != "user" and response.status_code == 302
            ), (role, page)
            checked.append(f"{line} {role} {page}")


def test_the_operators_pages_tell_no_prompt(submit: Submit, hang: Hang) -> None:
    world = build(submit, hang)
    client = sign_in(world, "superuser")
    for line in lines("admin"):
        app, _, name = line.name.partition(".")
        html = body_of(client.get(reverse(f"admin:{app}_{name}_changelist")))
        assert "a fox in the snow" not in html
        assert "Winter" not in html


# Messages in the broker


def test_no_task_is_left_out() -> None:
    celery_app.loader.import_default_modules()
    ours = {name for name in celery_app.tasks if name.startswith("generations.")}
    assert ours == {line.name for line in lines("tasks")}


@pytest.mark.parametrize(
    "line", [line for line in lines("tasks") if line.answers["takes"] == "id"], ids=str
)
def test_a_message_that_names_nothing_does_nothing(line: Line, submit: Submit, hang: Hang) -> None:
    build(submit, hang)
    before = rows()
    if line.name != "generations.run_attempt":  # its id is a hint; whichever is next would be run
        celery_app.tasks[line.name](str(uuid4()))
    assert rows() == before
