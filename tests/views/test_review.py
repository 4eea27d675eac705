"""The review's pages: who gets in, what a verdict answers, what stays unseen."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from generations.models import (
    Attempt,
    Generation,
    Image,
    Membership,
    Review,
    ReviewState,
    Role,
    Team,
    User,
)
from generations.services import team as teams
from generations.services.review import ask_for_review

pytestmark = [pytest.mark.db, pytest.mark.django_db]

HTMX = {"HX-Request": "true"}
In = Callable[[User], Client]


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_user("rita", is_staff=True)


@pytest.fixture
def team(alice: User, bob: User, image: Image) -> Team:
    """Alice's picture hangs in bob's team; alice contributes."""
    team = teams.create_team(bob, name="Night shift")
    Membership.objects.create(team=team, user=alice, role=Role.CONTRIBUTOR)
    for model in (Generation, Attempt, Image):
        model.objects.update(team=team)
    return team


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def state(image: Image) -> str:
    return Image.objects.get(pk=image.pk).review_state


def next_of(client: Client, **fields: str) -> HttpResponse:
    return client.post("/review/next/", fields, headers=HTMX)


def decide(client: Client, image: Image, **fields: str) -> int:
    return client.post(
        f"/review/{image.pk}/verdict/", {"seen": "pending", **fields}, headers=HTMX
    ).status_code


@pytest.mark.parametrize("path", ["/review/", "/review/all/"])
def test_review_is_for_reviewers(path: str, team: Team, alice: User, bob: User, rita: User) -> None:
    assert signed_in(alice).get(path).status_code == 404
    assert signed_in(bob).get(path).status_code == 200
    assert signed_in(rita).get(path).status_code == 200


def test_stranger_to_a_picture_finds_nothing(
    team: Team, image: Image, alice: User, carol: User, rita: User
) -> None:
    other = teams.create_team(carol, name="Elsewhere")
    assert other
    for user in (alice, carol, rita):
        client = signed_in(user)
        assert client.get(f"/review/{image.pk}/").status_code == 404
        assert client.get(f"/review/{image.pk}/320").status_code == 404
        assert decide(client, image, verdict="approve") == 404
    assert state(image) == ReviewState.PENDING


def test_page_shows_the_picture_and_all_of_its_prompt(team: Team, image: Image, bob: User) -> None:
    page = next_of(signed_in(bob)).content.decode()
    assert "canary-alice &lt;b&gt;fox&lt;/b&gt;" in page
    assert f'src="/review/{image.pk}/640"' in page
    assert "alice" in page


def test_looking_at_the_review_takes_nothing(team: Team, image: Image, bob: User) -> None:
    client = signed_in(bob)
    for path in ("/review/", f"/review/{image.pk}/", "/review/all/"):
        assert "1 waiting" in client.get(path).content.decode()
    assert Image.objects.get(pk=image.pk).held_until is None


def test_picture_that_somebody_else_holds_is_not_shown(
    team: Team, image: Image, bob: User, carol: User
) -> None:
    Membership.objects.create(team=team, user=carol, role=Role.CURATOR)
    answer = signed_in(carol).post("/review/next/", {"by": "alice"})
    assert (answer.status_code, answer["Location"]) == (303, f"/review/{image.pk}/?by=alice")
    assert signed_in(bob).get(f"/review/{image.pk}/").status_code == 409
    assert "Nothing waits" in next_of(signed_in(bob)).content.decode()


def test_curator_gets_the_bytes(team: Team, image: Image, bob: User) -> None:
    answer = signed_in(bob).get(f"/review/{image.pk}/320")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")


def test_staff_see_a_personal_picture_while_it_is_queued(
    image: Image, alice: User, rita: User
) -> None:
    client = signed_in(rita)
    asked = signed_in(alice).post(f"/images/{image.pk}/review/", {"on": "1"})
    assert asked.status_code == 303
    assert client.get(f"/review/{image.pk}/").status_code == 200
    assert client.get(f"/images/{image.pk}/").status_code == 404
    assert client.get(f"/images/{image.pk}/original").status_code == 404
    assert decide(client, image, verdict="approve") == 204
    assert client.get(f"/review/{image.pk}/320").status_code == 404
    assert client.get(f"/review/{image.pk}/").status_code == 404


def test_asking_is_for_who_may_change_it(team: Team, image: Image, carol: User) -> None:
    assert signed_in(carol).post(f"/images/{image.pk}/review/", {"on": "1"}).status_code == 404
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    assert signed_in(carol).post(f"/images/{image.pk}/review/", {"on": "1"}).status_code == 403


def test_question_is_taken_back(image: Image, alice: User, rita: User) -> None:
    client = signed_in(alice)
    for on in ("1", "0"):
        client.post(f"/images/{image.pk}/review/", {"on": on})
    assert signed_in(rita).get(f"/review/{image.pk}/").status_code == 404


def test_verdict_without_scripts_leads_on(team: Team, image: Image, bob: User) -> None:
    answer = signed_in(bob).post(
        f"/review/{image.pk}/verdict/",
        {"verdict": "reject", "reason": "text", "seen": "pending", "by": "alice"},
    )
    assert (answer.status_code, answer["Location"]) == (303, "/review/?by=alice")
    assert state(image) == ReviewState.REJECTED


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": "reject"}, "Choose a reason"),
        ({"verdict": "burn"}, "No verdict."),
        ({"verdict": "flag", "reason": "mood"}, "Choose one of the reasons."),
        ({"verdict": "approve", "note": "x" * 301}, "300 characters at most"),
        ({}, "Approve, reject or flag it."),
    ],
)
def test_wrong_verdict_is_told(
    team: Team, image: Image, bob: User, fields: dict[str, str], said: str
) -> None:
    client = signed_in(bob)
    answer = client.post(f"/review/{image.pk}/verdict/", {"seen": "pending", **fields})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Review.objects.exists()


def test_later_verdict_is_a_conflict(team: Team, image: Image, bob: User, carol: User) -> None:
    Membership.objects.create(team=team, user=carol, role=Role.CURATOR)
    assert decide(signed_in(carol), image, verdict="approve") == 204
    assert decide(signed_in(bob), image, verdict="reject", reason="quality") == 409
    assert state(image) == ReviewState.APPROVED


def test_lost_answer_may_be_asked_for_again(image: Image, alice: User, rita: User) -> None:
    ask_for_review(alice, image, on=True)
    client = signed_in(rita)
    assert [decide(client, image, verdict="approve") for _ in range(2)] == [204, 204]
    assert Review.objects.count() == 1


def test_undo_brings_the_picture_back(team: Team, image: Image, bob: User) -> None:
    client = signed_in(bob)
    decide(client, image, verdict="approve")
    answer = client.post("/review/undo/", {"by": "alice"}, headers=HTMX)
    assert f'data-id="{image.pk}"' in answer.content.decode()
    assert state(image) == ReviewState.PENDING
    assert client.post("/review/undo/", headers=HTMX).status_code == 400


def test_undo_without_scripts_leads_to_the_picture(team: Team, image: Image, bob: User) -> None:
    client = signed_in(bob)
    decide(client, image, verdict="approve")
    answer = client.post("/review/undo/", {"by": "alice"})
    assert (answer.status_code, answer["Location"]) == (303, f"/review/{image.pk}/?by=alice")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"by": "alice"}, True),
        ({"by": "carol"}, False),
        ({"team": "night-shift"}, True),
        ({"team": "-staff"}, False),
        ({"model": "nobody/nothing"}, False),
        ({"state": "approved"}, False),
        ({"state": "nonsense"}, True),
        ({"after": "99999999999999999999"}, True),
    ],
)
def test_filters(
    team: Team, image: Image, bob: User, query: dict[str, str], is_found: bool
) -> None:
    page = next_of(signed_in(bob), **query).content.decode()
    assert (f'data-id="{image.pk}"' in page) == is_found


def test_many_at_once(team: Team, image: Image, bob: User) -> None:
    client = signed_in(bob)
    assert str(image.pk) in client.get("/review/all/").content.decode()
    refused = client.post("/review/all/", {"verdict": "approve"})
    assert refused.status_code == 422
    assert "Tick the pictures first." in refused.content.decode()
    page = client.get("/review/all/").content.decode()
    (seen,) = re.findall(rf'type="checkbox" name="(\w+)" value="{image.pk}"', page)
    answer = client.post("/review/all/", {"verdict": "approve", seen: [str(image.pk)]})
    assert answer.status_code == 303
    assert state(image) == ReviewState.APPROVED
    stale = {"verdict": "reject", "reason": "quality", seen: [str(image.pk)]}
    said = client.post("/review/all/", stale, follow=True).content.decode()
    assert "Nothing changed. 1 were decided already, or somebody else has them." in said
    assert state(image) == ReviewState.APPROVED


def test_trail_stands_on_the_pictures_page(
    team: Team, image: Image, alice: User, bob: User, carol: User
) -> None:
    decide(signed_in(bob), image, verdict="reject", reason="rights", note="a logo")
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    page = signed_in(alice).get(f"/images/{image.pk}/").content.decode()
    assert re.search(r"<b>Rejected</b>, rights<small><bdi>bob</bdi>", page)
    assert "a logo" in page
    assert "a logo" not in signed_in(carol).get(f"/images/{image.pk}/").content.decode()


def test_what_waits_is_nowhere_for_a_viewer(
    team: Team, image: Image, bob: User, carol: User
) -> None:
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    client = signed_in(carol)
    places = (
        f"/images/{image.pk}/",
        f"/generations/{image.generation_id}/",
    )
    assert [client.get(path).status_code for path in places] == [200] * 2
    kept = {"name": team.name, "viewers_download": "on", "approved_only": "on"}
    assert signed_in(bob).post(f"/teams/{team.slug}/settings/", kept).status_code == 303
    assert [client.get(path).status_code for path in places] == [404] * 2
    for size in ("320", "original"):
        assert client.get(f"/images/{image.pk}/{size}").status_code == 404
    for path in ("/?team=night-shift", "/?team=night-shift&q=canary", "/news/?team=night-shift"):
        assert "canary-alice" not in client.get(path).content.decode()
    decide(signed_in(bob), image, verdict="approve")
    assert [client.get(path).status_code for path in places] == [200] * 2


def test_page_costs_the_same_for_many(
    team: Team,
    image: Image,
    bob: User,
    alice: User,
    hang: Callable[..., Image],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for _ in range(12):
        hang(alice, team=team)
    client = signed_in(bob)
    next_of(client)
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        next_of(client)
