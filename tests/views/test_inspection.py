"""Break-glass: a look into somebody's gallery, written down for all whom it concerns."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from generations.errors import NotAllowed
from generations.models import Image, Inspection, Membership, Role, Team, TeamEvent, User
from generations.models.inspection import INSPECTION_LASTS, MOST_REASON
from generations.services.inspection import inspect_gallery
from tests.access.world import store_bytes
from tests.conftest import Hang

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]

PAGE = "/inspections/"
WHY = "alice asked why a picture is missing"
OF_ALICE = {"kind": "person", "name": "alice", "reason": WHY}


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_superuser("olga", password="olga-password")


@pytest.fixture
def operator(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


@pytest.fixture
def crew(alice: User, bob: User) -> Team:
    team = Team.objects.create(name="Crew", slug="crew")
    Membership.objects.create(team=team, user=alice, role=Role.OWNER)
    Membership.objects.create(team=team, user=bob, role=Role.VIEWER)
    return team


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as found:
        yield found


def hung(hang: Hang, owner: User, **fields: Any) -> Image:
    edges = {"edges": [[320, 64, 48]], "sizes_done": True, "mime": "image/png", "extension": "png"}
    made = hang(owner, "canary fox", **edges, revised_prompt="canary drawn", **fields)
    store_bytes(made)
    return made


def look(client: Client, **fields: str) -> str:
    """Opens a gallery; the address of what one sees then."""
    answer = client.post(PAGE, OF_ALICE | fields)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def test_pictures_prompts_and_originals_are_seen(operator: Client, alice: User, hang: Hang) -> None:
    image = hung(hang, alice)
    place = look(operator)
    assert f"{place}{image.pk}/" in operator.get(place).text
    page = operator.get(f"{place}{image.pk}/").text
    assert "canary fox" in page
    assert "canary drawn" in page
    for size in ("320", "original"):
        answer = operator.get(f"{place}{image.pk}/{size}")
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_without_one_nothing_is_seen(operator: Client, alice: User, hang: Hang) -> None:
    image = hung(hang, alice)
    look(operator)
    for address in (f"/images/{image.pk}/", f"/images/{image.pk}/320", f"/?remix={image.pk}"):
        answer = operator.get(address)
        assert answer.status_code == 404 or "canary" not in answer.text


def test_pages_offer_nothing_that_changes(operator: Client, alice: User, hang: Hang) -> None:
    image = hung(hang, alice)
    place = look(operator)
    for address in (place, f"{place}{image.pk}/"):
        main = operator.get(address).text.partition("<main")[2]
        actions = re.findall(r'<form[^>]* action="([^"]*)"', main.partition("</main>")[0])
        assert actions == [f"{place}end/"]


@pytest.mark.parametrize("where", ["bob's", "trash", "team's"])
def test_nothing_else_of_anybody_is_opened(
    operator: Client, alice: User, bob: User, crew: Team, hang: Hang, where: str
) -> None:
    fields: dict[str, Any] = {
        "bob's": {"owner": bob},
        "trash": {"owner": alice, "trashed_at": timezone.now()},
        "team's": {"owner": alice, "team": crew},
    }[where]
    image = hung(hang, **fields)
    place = look(operator)
    assert str(image.pk) not in operator.get(place).text
    for address in (f"{place}{image.pk}/", f"{place}{image.pk}/320"):
        assert operator.get(address).status_code == 404


@pytest.mark.parametrize("reason", ["", "too short", "          "])
def test_a_reason_is_needed(operator: Client, alice: User, reason: str) -> None:
    answer = operator.post(PAGE, OF_ALICE | {"reason": reason})
    assert (answer.status_code, Inspection.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "fields", [{"name": "nobody"}, {"kind": "team"}, {"kind": "x"}, {"name": "olga"}, {"name": ""}]
)
def test_whose_has_to_be_somebody_elses(
    operator: Client, alice: User, fields: dict[str, str]
) -> None:
    answer = operator.post(PAGE, OF_ALICE | fields)
    assert (answer.status_code, Inspection.objects.count()) == (422, 0)


def test_it_ends_by_itself(operator: Client, alice: User, hang: Hang, clock: Any) -> None:
    image = hung(hang, alice)
    place = look(operator)
    clock.shift(INSPECTION_LASTS - timedelta(seconds=1))
    operator.post("/account/prove/", {"proof-password": "olga-password"})
    assert operator.get(place).status_code == 200
    clock.shift(timedelta(seconds=1))
    for address in (place, f"{place}{image.pk}/", f"{place}{image.pk}/320"):
        assert operator.get(address).status_code == 404


def test_it_ends_by_hand(operator: Client, alice: User, hang: Hang) -> None:
    place = look(operator)
    assert operator.post(f"{place}end/").status_code == 303
    assert operator.get(place).status_code == 404
    before = Inspection.objects.get().ended_at
    assert operator.post(f"{place}end/").status_code == 404
    assert Inspection.objects.get().ended_at == before


def test_it_ends_with_the_right(operator: Client, olga: User, alice: User) -> None:
    place = look(operator)
    User.objects.filter(pk=olga.pk).update(is_superuser=False)
    assert operator.get(place).status_code == 404


def test_it_is_the_superusers_own(operator: Client, alice: User) -> None:
    place, other = look(operator), Client()
    other.force_login(User.objects.create_superuser("oscar"))
    assert other.get(place).status_code == 404
    assert other.get(PAGE).status_code == 200


def test_it_wants_a_fresh_sign_in(operator: Client, alice: User, clock: Any) -> None:
    clock.shift(timedelta(minutes=11))
    asked = operator.post(PAGE, OF_ALICE)
    assert (asked.status_code, Inspection.objects.count()) == (403, 0)
    assert WHY in asked.text
    look(operator, **{"proof-password": "olga-password"})
    assert Inspection.objects.get().reason == WHY


def test_the_person_reads_who_looked_and_why(operator: Client, alice: User) -> None:
    as_alice = Client()
    as_alice.force_login(alice)
    assert "Who looked into your gallery" not in as_alice.get("/account/").text
    look(operator)
    page = as_alice.get("/account/").text
    assert "Who looked into your gallery" in page
    assert "<bdi>olga</bdi>" in page
    assert WHY in page


@pytest.mark.parametrize("role", list(Role))
def test_who_leads_a_team_reads_it_there(
    operator: Client, crew: Team, bob: User, hang: Hang, role: Role
) -> None:
    image = hung(hang, bob, team=crew)
    place = look(operator, kind="team", name="crew")
    assert operator.get(f"{place}{image.pk}/").status_code == 200
    Membership.objects.filter(user=bob).update(role=role)
    as_bob = Client()
    as_bob.force_login(bob)
    sees = "olga looked in as an operator" in as_bob.get("/teams/crew/people/").text
    assert sees is role.reaches(Role.CURATOR)
    assert WHY in TeamEvent.objects.get().sentence


def test_the_longest_name_and_reason_find_room(olga: User, crew: Team) -> None:
    olga.username = "o" * 150
    inspect_gallery(olga, crew, reason="w" * MOST_REASON)
    event = TeamEvent.objects.get()
    event.full_clean()
    assert event.sentence.endswith("w" * MOST_REASON)


def test_it_is_in_the_log_and_in_the_administration(
    operator: Client, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        look(operator)
    made = Inspection.objects.get()
    said = f"Person {made.inspector_id} looks into gallery {alice.pk}: inspection {made.pk}"
    assert said in caplog.text
    assert WHY not in caplog.text
    assert WHY in operator.get("/admin/generations/inspection/").text


def test_what_is_written_stays(operator: Client, alice: User) -> None:
    look(operator)
    made = Inspection.objects.get()
    made.reason = "another reason than before"
    for change in (made.save, made.delete):
        with pytest.raises(TypeError):
            change()
    assert Inspection.objects.get().reason == WHY


@pytest.mark.parametrize("is_staff", [False, True])
def test_nobody_else_opens_anything(alice: User, bob: User, is_staff: bool) -> None:
    bob.is_staff = is_staff
    bob.save()
    with pytest.raises(NotAllowed):
        inspect_gallery(bob, alice, reason=WHY)
    assert Inspection.objects.count() == 0


def test_a_large_gallery_comes_in_pages(operator: Client, alice: User, hang: Hang) -> None:
    made = [hang(alice, when=timezone.now() + timedelta(seconds=each)) for each in range(61)]
    place = look(operator)
    first = operator.get(place).text
    after = re.search(r'href="(\?after=\d+)"', first)
    assert after
    second = operator.get(place + after[1]).text
    on = [[str(image.pk) in page for image in made] for page in (first, second)]
    assert [sum(each) for each in on] == [60, 1]
    assert [a ^ b for a, b in zip(*on, strict=True)] == [True] * 61
    assert operator.get(f"{place}?after=x").status_code == 200
