"""Grave things ask once more who it is, and so do pages of staff after a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from generations.models import Invite, Membership, Role, Session, Team, User
from generations.sessions import FRESH
from generations.throttle import PASSWORD
from generations.views.proof import GRAVE

pytestmark = [pytest.mark.django_db]

QUESTION = "Is it you?"
RIGHT = {"proof-password": "alice-password"}
HTMX = {"hx-request": "true"}


@contextmanager
def later(wait: timedelta = FRESH) -> Iterator[None]:
    with time_machine.travel(timezone.now() + wait, tick=False):
        yield


@pytest.fixture
def crew(alice: User, bob: User) -> Membership:
    """Alice owns it, bob looks."""
    team = Team.objects.create(name="Crew", slug="crew")
    Membership.objects.create(team=team, user=alice, role=Role.OWNER)
    return Membership.objects.create(team=team, user=bob, role=Role.VIEWER)


@pytest.fixture
def as_staff(alice: User, client: Client) -> Client:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client.force_login(alice)
    return client


def asks(response: HttpResponse) -> bool:
    return QUESTION in response.content.decode()


def role_of(member: Membership) -> str:
    return Membership.objects.get(pk=member.pk).role


def test_a_fresh_sign_in_is_asked_nothing(as_alice: Client, crew: Membership) -> None:
    answer = as_alice.post(f"/teams/crew/people/{crew.pk}/role/", {"role": "owner"})
    assert (answer.status_code, role_of(crew)) == (303, "owner")


def test_an_old_one_is_asked_and_the_wish_is_kept(as_alice: Client, crew: Membership) -> None:
    path = f"/teams/crew/people/{crew.pk}/role/"
    with later():
        asked = as_alice.post(path, {"role": "owner"})
        assert (asked.status_code, asks(asked), role_of(crew)) == (403, True, "viewer")
        page = asked.content.decode()
        assert f'action="{path}"' in page
        assert '<input type="hidden" name="role" value="owner">' in page
        assert as_alice.post(path, {"role": "owner"} | RIGHT).status_code == 303
        assert role_of(crew) == "owner"
        again = as_alice.post(path, {"role": "curator"})
    assert (again.status_code, role_of(crew)) == (303, "curator")


def test_a_proof_counts_from_when_it_was_given(as_alice: Client, crew: Membership) -> None:
    path = f"/teams/crew/people/{crew.pk}/role/"
    with later():
        as_alice.post(path, {"role": "owner"} | RIGHT)
    with later(FRESH * 2 - timedelta(seconds=1)):
        assert as_alice.post(path, {"role": "curator"}).status_code == 303
    with later(FRESH * 2 + timedelta(seconds=1)):
        assert as_alice.post(path, {"role": "viewer"}).status_code == 403


def test_a_wrong_password_does_nothing_and_is_slowed(as_alice: Client, crew: Membership) -> None:
    path, wrong = f"/teams/crew/people/{crew.pk}/role/", {"proof-password": "guess"}
    with later():
        answers = [
            as_alice.post(path, {"role": "owner"} | wrong).status_code
            for _ in range(PASSWORD.free + 2)
        ]
        assert answers == [422] * (PASSWORD.free + 1) + [429]
        slowed = as_alice.post(path, {"role": "owner"} | RIGHT)
    assert (slowed.status_code, role_of(crew)) == (429, "viewer")
    assert 'value="owner"' in slowed.content.decode()


def test_the_page_that_asks_is_a_form_like_any_other(alice: User, crew: Membership) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    with later():
        forged = strict.post(f"/teams/crew/people/{crew.pk}/role/", {"role": "owner"} | RIGHT)
    assert (forged.status_code, asks(forged), role_of(crew)) == (403, False, "viewer")


def test_what_was_typed_stands_in_the_page_as_text(as_alice: Client, crew: Membership) -> None:
    nasty = '"><script>alert(1)</script>'
    with later():
        page = as_alice.post(f"/teams/crew/people/{crew.pk}/role/", {"role": nasty})
    assert escape(nasty) in page.content.decode()
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(("role", "status"), [("viewer", 201), ("contributor", 201)])
def test_inviting_who_decides_nothing_isnt_grave(
    as_alice: Client, crew: Membership, role: str, status: int
) -> None:
    with later():
        assert as_alice.post("/teams/crew/people/", {"role": role}).status_code == status


@pytest.mark.parametrize("role", ["curator", "owner"])
def test_inviting_who_decides_is(as_alice: Client, crew: Membership, role: str) -> None:
    with later():
        asked = as_alice.post("/teams/crew/people/", {"role": role, "most_uses": "3"})
        assert (asked.status_code, Invite.objects.count()) == (403, 0)
        wish = {"role": role, "most_uses": "3"}
        assert as_alice.post("/teams/crew/people/", wish | RIGHT).status_code == 201
    assert Invite.objects.get().most_uses == 3


def test_strangers_learn_nothing_from_being_asked(as_carol: Client, crew: Membership) -> None:
    there, nowhere = f"/teams/crew/people/{crew.pk}/role/", "/teams/none/people/1/role/"
    with later():
        pages = [as_carol.post(path, {"role": "owner"}) for path in (there, nowhere)]
        proof = {"role": "owner", "proof-password": "carol-password"}
        answers = [as_carol.post(path, proof).status_code for path in (there, nowhere)]
    assert [page.status_code for page in pages] == [403, 403]
    assert answers == [404, 404]


def test_every_grave_address_is_there() -> None:
    places = {"team_people": {"slug": "x"}}
    of_member = {"slug": "x", "member_id": 1}
    for name in GRAVE:
        kwargs = places.get(name, {})
        if name in {"change_role", "remove_member"}:
            kwargs = of_member
        elif name.endswith(("_change", "_delete")) and name.startswith("admin:"):
            reverse(name, args=["1"])
            continue
        reverse(name, kwargs=kwargs)


# Staff


STAFF_PAGES = (
    "/admin/",
    "/desk/",
    "/review/",
    "/review/all/",
    "/usage/?of=all",
    "/usage/csv?of=all",
)


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_staff_who_were_away_are_asked(as_staff: Client, page: str, settings: Any) -> None:
    assert as_staff.get(page).status_code == 200
    with later(timedelta(seconds=settings.STAFF_IDLE_SECONDS + 1)):
        away = as_staff.get(page)
        assert away.status_code == 302
        assert away["Location"].startswith("/account/prove/?next=%2F")
        assert asks(as_staff.get(away["Location"]))
        for ordinary in ("/", "/account/", "/usage/"):
            assert as_staff.get(ordinary).status_code == 200
        back = as_staff.post("/account/prove/", RIGHT | {"next": page})
        assert (back.status_code, back["Location"]) == (303, page)
        assert as_staff.get(page).status_code == 200


def test_who_goes_on_is_not_asked(as_staff: Client, settings: Any) -> None:
    step = timedelta(seconds=settings.STAFF_IDLE_SECONDS * 2 // 3)
    for number in range(1, 5):
        with later(step * number):
            assert as_staff.get("/desk/").status_code == 200


def test_a_page_left_open_keeps_nobody_in(as_staff: Client, settings: Any) -> None:
    """The desk asks by itself while it drains."""
    idle = settings.STAFF_IDLE_SECONDS
    for part in range(1, 4):
        with later(timedelta(seconds=idle * part / 4)):
            assert as_staff.get("/desk/", headers=HTMX).status_code == 200
    with later(timedelta(seconds=idle + 1)):
        here = {"hx-current-url": "http://testserver/desk/?days=7"}
        answer = as_staff.get("/desk/", headers=HTMX | here)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/account/prove/?next=%2Fdesk%2F%3Fdays%3D7"
    assert answer.content == b""


def test_a_form_of_staff_is_not_lost(as_staff: Client, bob: User, settings: Any) -> None:
    fields = {"username": "robert", "is_active": "on", "density": "large"}
    fields |= {"date_joined_0": "2026-01-01", "date_joined_1": "12:00"}
    path = f"/admin/generations/user/{bob.pk}/change/"
    with later(timedelta(seconds=settings.STAFF_IDLE_SECONDS + 1)):
        asked = as_staff.post(path, fields)
        assert (asked.status_code, User.objects.get(pk=bob.pk).username) == (403, "bob")
        for name, value in fields.items():
            assert f'name="{name}" value="{value}"' in asked.content.decode()
        assert as_staff.post(path, fields | RIGHT).status_code == 302
    assert User.objects.get(pk=bob.pk).username == "robert"
    assert LogEntry.objects.count() == 1


def test_no_password_is_written_into_the_page(as_staff: Client, bob: User) -> None:
    path = f"/admin/generations/user/{bob.pk}/password/"
    with later():
        asked = as_staff.post(path, {"password1": "canary-word", "password2": "canary-word"})
    assert (asked.status_code, "canary-word" in asked.content.decode()) == (403, False)


def test_others_are_told_nothing_of_staff(as_alice: Client, settings: Any) -> None:
    with later(timedelta(seconds=settings.STAFF_IDLE_SECONDS + 1)):
        assert as_alice.get("/desk/").status_code == 404
        assert as_alice.get("/usage/?of=all").status_code == 404


def test_a_curator_reviews_as_before(as_alice: Client, crew: Membership, settings: Any) -> None:
    with later(timedelta(seconds=settings.STAFF_IDLE_SECONDS + 1)):
        assert as_alice.get("/review/").status_code == 200


def test_sign_ins_from_before_are_asked(as_staff: Client) -> None:
    Session.objects.update(proved_at=None)
    assert as_staff.get("/desk/").status_code == 302


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_led_elsewhere(as_alice: Client, wanted: str) -> None:
    assert "evil" not in as_alice.get("/account/prove/", {"next": wanted}).content.decode()
    answer = as_alice.post("/account/prove/", RIGHT | {"next": wanted})
    assert (answer.status_code, answer["Location"]) == (303, "/account/")


def test_a_key_that_changes_takes_the_proof_along(as_alice: Client) -> None:
    before = Session.objects.get().proved_at
    session: Any = as_alice.session
    session.cycle_key()
    session.save()
    assert Session.objects.get().proved_at == before


@pytest.mark.parametrize("path", ["/teams/crew/delete/", "/teams/crew/people/{}/hand-over/"])
def test_guessing_at_a_teams_end_is_slow(as_alice: Client, crew: Membership, path: str) -> None:
    path = path.format(crew.pk)
    for _ in range(PASSWORD.free + 1):
        assert as_alice.post(path, {"password": "guess"}).status_code == 422
    assert as_alice.post(path, {"password": "alice-password"}).status_code == 429
    assert Team.objects.get().deleted_at is None
