"""Somebody leaves while a page of the team is open: its next action finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Image, Membership, Role, Session, User
from generations.services.account import end_sessions
from generations.services.team import delete_team, leave_team, remove_member
from tests.access.asking import ask, rows, sign_in
from tests.access.table import Line, lines
from tests.access.world import PASSWORD, World, build
from tests.conftest import Hang

pytestmark = pytest.mark.django_db

Submit = Callable[..., Any]
# What a curator's page of the team offers, and what of it the one who left may still do: come in
# again by a link that isn't used up, as anybody may, and look at what was shared with everybody.
PUBLIC = {"invite", "shared", "shared_picture", "shared_file", "shared_zip"}
OFFERED = [
    line
    for line in lines("team")
    if line.answer("curator").status < 400 and line.name not in PUBLIC
]


@pytest.fixture
def world(submit: Submit, hang: Hang) -> World:
    return build(submit, hang, "team")


@pytest.fixture
def curator(world: World) -> tuple[Client, Membership]:
    """Carol, with a page of the team open."""
    client = sign_in(world, "curator")
    assert client.get(reverse("team", args=["night-shift"])).status_code == 200
    return client, Membership.objects.get(team=world.team, user=world.other)


def _go(how: str, world: World, membership: Membership) -> None:
    owner = User.objects.get(username="bob")
    if how == "removed":
        remove_member(owner, membership)
    elif how == "left":
        leave_team(world.other, membership)
    else:
        assert world.team
        delete_team(owner, world.team)


@pytest.mark.parametrize("how", ["removed", "left", "team deleted"])
def test_each_action_of_an_open_page_finds_nothing_any_more(
    world: World, curator: tuple[Client, Membership], how: str
) -> None:
    client, membership = curator
    _go(how, world, membership)
    before, wrong = rows(), []
    for line in OFFERED:
        response = ask(client, line, world.things)
        expected = line.answer("stranger")
        if (response.status_code, rows() == before) != (expected.status, True):
            wrong.append(f"{line}: {response.status_code} instead of {expected.status}")
    assert not wrong, "\n".join(wrong)


def test_a_lower_role_counts_from_the_next_request(
    world: World, curator: tuple[Client, Membership]
) -> None:
    client, membership = curator
    Membership.objects.filter(pk=membership.pk).update(role=Role.VIEWER)
    refused = [line for line in OFFERED if line.answer("viewer").status == 403]
    assert len(refused) > 20
    wrong = [str(line) for line in refused if ask(client, line, world.things).status_code != 403]
    assert not wrong


def test_what_moves_into_another_gallery_is_gone_for_its_audience(
    world: World, curator: tuple[Client, Membership]
) -> None:
    client, _ = curator
    Image.objects.filter(pk=world.things["image"]).update(team=None)
    for line in OFFERED:
        if line.name in {"image", "image_file", "provenance", "sort_image", "set_alt_text"}:
            assert ask(client, line, world.things).status_code == 404, str(line)


def _token_on(client: Client) -> str:
    html = client.get(reverse("team", args=["night-shift"])).content.decode()
    found = re.search(r'poll-watch token="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("how", ["removed", "left", "team deleted"])
def test_the_open_pages_poll_ends_and_tells_nothing(
    world: World,
    curator: tuple[Client, Membership],
    how: str,
    redis_url: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client, membership = curator
    token = _token_on(client)
    with django_capture_on_commit_callbacks(execute=True):
        _go(how, world, membership)
    response = client.get(reverse("poll"), {"token": token})
    assert response.headers.get("X-Poll-Stop") == "1"
    html = response.content.decode()
    assert "a fox in the snow" not in html
    assert str(world.things["image"]) not in html


@pytest.mark.parametrize("address", ["poll", "team", "image"])
def test_who_is_signed_out_elsewhere_is_led_to_the_sign_in_form(
    world: World,
    curator: tuple[Client, Membership],
    address: str,
    redis_url: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client, _ = curator
    fields = {"token": _token_on(client)} if address == "poll" else {}
    with django_capture_on_commit_callbacks(execute=True):
        end_sessions(User.objects.get(pk=world.other.pk))
    assert not Session.objects.filter(user=world.other).exists()
    line = Line("team", address, "GET", {}, {}, fields)
    response = ask(client, line, world.things, **{"hx-request": "true"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == reverse("login")


def test_a_suspended_person_is_out(world: World, curator: tuple[Client, Membership]) -> None:
    client, _ = curator
    User.objects.filter(pk=world.other.pk).update(is_active=False)
    for line in OFFERED:
        response = ask(client, line, world.things)
        assert response.status_code in {302, 404}, str(line)
        assert response.headers.get("Location", "/accounts/login/").startswith("/accounts/login/")
    assert Client().login(username="carol", password=PASSWORD) is False
