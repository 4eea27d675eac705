"""What the automatic check flagged or holds back: who sees it, and what a reviewer can do."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations import policy
from generations.models import (
    Attempt,
    Generation,
    Image,
    Membership,
    ModerationCheck,
    Role,
    SavedSearch,
    Team,
    User,
)
from generations.queries.exports import exported, prompts_of, with_all
from generations.queries.filters import GalleryFilter
from generations.queries.found import newest_wanted
from generations.services.moving import move_images
from tests.conftest import Hang
from tests.views.sharing import KINDS, share, shared_as, shown

pytestmark = [
    pytest.mark.db,
    pytest.mark.django_db,
    pytest.mark.usefixtures("one_connection"),
]

HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NIGHT = "/?team=night-shift"


@pytest.fixture(autouse=True)
def checked(settings: Any) -> None:
    settings.MODERATION = "block"


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_user("rita", is_staff=True)


def check_of(
    image: Image, verdict: str, *categories: str, of_prompt: bool = False
) -> ModerationCheck:
    """The row that the pipeline leaves."""
    now = timezone.now()
    return ModerationCheck.objects.create(
        generation=image.generation,
        image=None if of_prompt else image,
        verdict=verdict,
        categories=list(categories),
        due_at=now,
        created_at=now,
        checked_at=None if verdict == "waiting" else now,
    )


def hold_back(image: Image) -> Image:
    """As the pipeline does with what it found something in."""
    check_of(image, "flagged", "violence/graphic", "self-harm")
    Image.objects.filter(pk=image.pk).update(
        review_state="flagged", is_withheld=True, queued_at=timezone.now()
    )
    return now(image)


def now(image: Image) -> Image:
    return Image.objects.get(pk=image.pk)


@pytest.fixture
def team(alice: User, bob: User, carol: User) -> Team:
    """Alice contributes, bob curates, carol looks."""
    team = Team.objects.create(name="Night shift", slug="night-shift")
    for user, role in ((alice, Role.CONTRIBUTOR), (bob, Role.CURATOR), (carol, Role.VIEWER)):
        Membership.objects.create(team=team, user=user, role=role)
    return team


@pytest.fixture
def held(team: Team, image: Image) -> Image:
    """Alice's picture in the team, held back."""
    for model in (Generation, Attempt, Image):
        model.objects.update(team=team)
    return hold_back(image)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, path: str) -> str:
    return signed_in(user).get(path).content.decode()


def decide(user: User, image: Image, verdict: str, *, seen: str = "flagged") -> int:
    fields = {"seen": seen, "verdict": verdict, "reason": "" if verdict == "approve" else "unsafe"}
    return signed_in(user).post(f"/review/{image.pk}/verdict/", fields, headers=HTMX).status_code


def statuses(user: User, image: Image) -> list[int]:
    client = signed_in(user)
    return [
        client.get(f"/images/{image.pk}/{each}").status_code for each in ("", "320", "original")
    ]


def test_who_sees_a_picture_that_is_held_back(
    held: Image, alice: User, bob: User, carol: User
) -> None:
    Team.objects.update(viewers_download=True)
    assert statuses(alice, held) == [200] * 3
    assert statuses(bob, held) == [200] * 3
    assert statuses(carol, held) == [404] * 3
    for path in (NIGHT, f"{NIGHT}&q=canary", "/news/?team=night-shift"):
        assert str(held.pk) not in page(carol, path)
    assert str(held.pk) in page(alice, NIGHT)
    run = signed_in(carol).get(f"/generations/{held.generation_id}/")
    assert (run.status_code, str(held.pk) in run.content.decode()) == (200, False)
    assert decide(bob, held, "approve") == 204
    assert statuses(carol, held) == [200] * 3
    assert str(held.pk) in page(carol, NIGHT)


def test_it_stays_held_back_when_it_is_rejected(held: Image, bob: User, carol: User) -> None:
    assert decide(bob, held, "reject") == 204
    assert statuses(carol, held)[0] == 404


def test_an_approval_that_is_taken_back_holds_it_back_again(
    held: Image, bob: User, carol: User
) -> None:
    client = signed_in(bob)
    assert decide(bob, held, "approve") == 204
    assert now(held).review_state == "approved"
    assert client.post("/review/undo/", {}, headers=HTMX).status_code == 200
    assert (now(held).review_state, now(held).is_withheld) == ("flagged", True)
    assert statuses(carol, held)[0] == 404


@pytest.mark.parametrize("kind", ["image", *KINDS])
def test_no_link_shows_it_until_it_is_approved(alice: User, hang: Hang, kind: str) -> None:
    other, image = hang(alice, "a fox"), hang(alice, "a fox")
    token = shared_as(kind, alice, [image] if kind == "image" else [image, other])
    assert str(image.pk) in [*shown(Client(), token), str(image.pk) * (kind == "image")]
    hold_back(image)
    left = [] if kind == "image" else [str(other.pk)]
    assert shown(Client(), token) == left
    for part in ("", "320", "original"):
        assert Client().get(f"/s/{token}/{image.pk}/{part}").status_code == 404
    Image.objects.filter(pk=image.pk).update(review_state="approved")
    assert Client().get(f"/s/{token}/{image.pk}/").status_code == 200


def test_a_shared_search_goes_on_past_what_is_held_back(alice: User, hang: Hang) -> None:
    """Also where the database looks for so many of the newest, and one of them isn't shown."""
    images = [hang(alice, "a fox", when=NOON + timedelta(hours=hour)) for hour in range(4)]
    hold_back(images[-1])
    inside = GalleryFilter(q="fox")
    outside = GalleryFilter(q="fox", is_outside=True)
    assert [row.pk for row in newest_wanted(inside, alice, most=2)] == [images[3].pk, images[2].pk]
    assert [row.pk for row in newest_wanted(outside, alice, most=2)] == [
        images[2].pk,
        images[1].pk,
    ]
    assert outside.as_query() == "q=fox"
    assert GalleryFilter(is_outside=True).is_empty
    search = SavedSearch.objects.create(owner=alice, name="F", query="q=fox")
    assert len(shown(Client(), share(alice, search))) == 3


def test_a_viewer_finds_enough_words_past_what_is_held_back(
    team: Team, alice: User, carol: User, hang: Hang
) -> None:
    times = [NOON + timedelta(hours=hour) for hour in range(4)]
    images = [hang(alice, "a fox", team=team, when=when) for when in times]
    hold_back(images[-1])
    wanted = GalleryFilter(q="fox", team=team.slug)
    assert len(newest_wanted(wanted, carol, most=3)) == 3
    assert len(newest_wanted(wanted, alice, most=4)) == 4


def test_staff_see_why_a_private_picture_is_before_them(
    image: Image, alice: User, rita: User
) -> None:
    assert signed_in(rita).get(f"/review/{image.pk}/").status_code == 404
    hold_back(image)
    seen = page(rita, f"/review/{image.pk}/")
    said = r"<b>Flagged</b>, violence \(graphic\), self-harm<small><bdi>automatic check of the"
    assert re.search(rf"{said} picture</bdi>", seen)
    assert "canary-alice" in seen
    assert decide(rita, image, "approve") == 204
    assert signed_in(rita).get(f"/review/{image.pk}/").status_code == 404
    assert now(image).review_state == "approved"


def test_its_maker_reads_why_and_cannot_take_it_out(image: Image, alice: User) -> None:
    hold_back(image)
    seen = page(alice, f"/images/{image.pk}/")
    assert "The automatic check holds it back" in seen
    assert "No share link shows it meanwhile." in seen
    assert "automatic check of the picture" in seen
    assert "Take it out" not in seen
    assert ">Share</a>" not in seen
    Image.objects.update(review_state="approved")
    seen = page(alice, f"/images/{image.pk}/")
    assert "holds it back" not in seen
    assert ">Share</a>" in seen


def test_its_maker_reads_that_it_waits(image: Image, alice: User) -> None:
    check_of(image, "waiting")
    Image.objects.update(is_withheld=True)
    assert "has still to look at it" in page(alice, f"/images/{image.pk}/")


def test_a_viewer_reads_nothing_of_it(held: Image, bob: User, carol: User) -> None:
    decide(bob, held, "approve")
    assert "automatic check" not in page(carol, f"/images/{held.pk}/")


def listed(user: User, query: str = "") -> set[str]:
    return set(
        re.findall(r'name="\w+" value="([0-9a-f-]{36})"', page(user, f"/review/all/{query}"))
    )


def test_the_queue_is_narrowed_to_what_the_check_said(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    by_itself, by_prompt, unchecked, good, by_hand = (hang(alice, team=team) for _ in range(5))
    hold_back(by_itself)
    check_of(by_prompt, "flagged", "hate", of_prompt=True)
    check_of(by_prompt, "clear")
    check_of(unchecked, "unchecked")
    check_of(good, "clear")
    flagged = Image.objects.filter(pk__in=[by_prompt.pk, by_hand.pk])
    flagged.update(review_state="flagged", queued_at=timezone.now())
    assert len(listed(bob)) == 5
    assert listed(bob, "?check=flagged") == {str(by_itself.pk), str(by_prompt.pk)}
    assert listed(bob, "?check=unchecked") == {str(unchecked.pk)}
    assert len(listed(bob, "?check=nonsense")) == 5
    assert "automatic check of the prompt" in page(bob, f"/review/{by_prompt.pk}/")
    seen = page(bob, "/review/?check=flagged")
    assert "2 waiting" in seen
    assert '<option value="flagged" selected>Flagged</option>' in seen


def test_the_list_is_offered_where_things_are_checked(team: Team, bob: User, settings: Any) -> None:
    assert "Automatic check" in page(bob, "/review/")
    settings.MODERATION = "off"
    assert "Automatic check" not in page(bob, "/review/")
    assert "Automatic check" in page(bob, "/review/?check=flagged")


def test_a_finding_goes_along_to_another_gallery(
    team: Team, alice: User, bob: User, carol: User, image: Image
) -> None:
    hold_back(image)
    assert move_images(alice, [image.pk], team).done == 1
    moved = now(image)
    assert (moved.review_state, moved.is_withheld) == ("flagged", True)
    assert moved.queued_at
    assert statuses(carol, image)[0] == 404
    plain = ModerationCheck.objects.update(verdict="clear", categories=[])
    Image.objects.update(is_withheld=False)
    assert plain
    assert move_images(bob, [image.pk], None).done == 1
    assert now(image).review_state == "pending"


def test_a_blocked_prompt_says_so_on_its_tile(alice: User, submit: Any) -> None:
    generation = submit(alice, "a <b>fox</b>")
    Attempt.objects.update(
        state="rejected_free", code="blocked_here", message="violence (<i>graphic</i>)"
    )
    seen = page(alice, f"/generations/{generation.pk}/")
    assert 'data-state="blocked"' in seen
    assert "Blocked by this gallery" in seen
    assert "Found: violence (&lt;i&gt;graphic&lt;/i&gt;). Its automatic" in seen
    assert "nothing charged" in seen
    assert 'data-state="blocked"' in page(alice, "/?state=blocked")
    assert 'data-state="blocked"' not in page(alice, "/?state=failed")


def test_the_failure_desk_tells_no_findings(alice: User, rita: User, submit: Any) -> None:
    submit(alice, "canary")
    Attempt.objects.update(
        state="rejected_free",
        code="blocked_here",
        message="canary",
        finished_at=timezone.now(),
    )
    assert "Blocked by this gallery" in page(rita, "/desk/")
    rows = "/desk/cause/?state=rejected_free&code=blocked_here&model=openai/gpt-image-1&days=7"
    answer = signed_in(rita).get(rows)
    assert answer.status_code == 200
    assert "canary" not in answer.content.decode()


def test_an_export_tells_what_the_check_said(image: Image, alice: User) -> None:
    check_of(image, "clear", of_prompt=True)
    hold_back(image)
    (sheet,) = exported(list(with_all(policy.visible_images(alice))), alice)
    (prompt,) = prompts_of(alice, after=None, most=9)
    assert [row["verdict"] for row in prompt["moderation"]] == ["clear"]
    (said,) = sheet["gallery"]["moderation"]
    assert (said["verdict"], said["categories"]) == ("flagged", ["violence/graphic", "self-harm"])
    assert json.dumps([sheet, prompt])
