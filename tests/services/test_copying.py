"""Pictures that hang in a team's gallery too: the team's own, of the same bytes, at no price."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from generations import policy, storage
from generations.errors import NotAllowed
from generations.models import (
    Attempt,
    CheckVerdict,
    Generation,
    Image,
    ImageTag,
    Membership,
    ModerationCheck,
    ReviewState,
    Role,
    Team,
    User,
)
from generations.pipeline import erasure, housekeeping, run, sizes
from generations.queries.audit.objects import strays
from generations.queries.days import days_of
from generations.queries.family import relatives_of
from generations.queries.filters import GalleryFilter
from generations.queries.gallery import cards_of, page_of
from generations.queries.picture import picture
from generations.queries.provenance import provenance_of
from generations.queries.usage import Sums, usage_lines
from generations.services.changes import Change
from generations.services.erasure import erase_account
from generations.services.image import delete_images, restore_images, trash_images
from generations.services.moving import copy_images, move_images
from generations.services.selection import Wish, act
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.services.team import create_team, leave_team
from generations.services.undo import read_undo, take_back, undo_token
from tests.conftest import Hang
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """Alice owns it, bob contributes."""
    team = create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return team


@pytest.fixture
def drawn(sandbox: Sandbox, bob: User, submit: Submit) -> Image:
    """A picture of bob's with its bytes."""
    run.run_next(submit(bob).pk)
    sizes.drain(20)
    return Image.objects.get()


def fresh(user: User) -> User:
    """As the next request sees them."""
    return User.objects.get(pk=user.pk)


def copied(user: User, image: Image, into: Team | None) -> Image:
    assert copy_images(fresh(user), [image.pk], into).done == 1
    return Image.objects.exclude(copied_at=None).latest("copied_at")


def hanging(user: User, team: str = "") -> list[Image]:
    return list(policy.gallery_images(fresh(user), team))


def keys() -> list[str]:
    return sorted(storage.get_store().keys())


def give_up(*images: Image) -> None:
    """As if thrown away long ago, and the worker had its turn."""
    Image.objects.filter(pk__in=[each.pk for each in images]).update(trashed_at=policy.GIVEN_UP)
    housekeeping.empty_trash()


def test_a_copy_hangs_in_the_team_and_the_picture_stays(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, review_state=ReviewState.APPROVED, alt_text="A fox")
    put_on(Mark(tag_named(bob, "Mine")), bob, [image.pk])
    copy = copied(bob, image, team)
    assert hanging(bob) == [image]
    assert hanging(alice, "night-shift") == hanging(bob, "night-shift") == [copy]
    assert (copy.owner, copy.team, copy.copied_by) == (bob, team, bob)
    assert (copy.key, copy.sort_key, copy.alt_text) == (image.key, image.sort_key, "A fox")
    assert copy.review_state == ReviewState.PENDING
    assert list(ImageTag.objects.values_list("image", flat=True)) == [image.pk]


def test_the_same_twice_is_one_copy(team: Team, bob: User, hang: Hang) -> None:
    image, other = hang(bob), hang(bob)
    assert copy_images(bob, [image.pk], team) == Change(1, 0, 0)
    assert copy_images(bob, [image.pk, other.pk], team) == Change(1, 1, 0)
    assert len(hanging(bob, "night-shift")) == 2


def test_what_hangs_there_as_a_copy_isn_t_moved_there_as_well(
    team: Team, bob: User, hang: Hang
) -> None:
    image = hang(bob)
    copied(bob, image, team)
    assert move_images(bob, [image.pk], team) == Change(0, 1, 0)
    assert hanging(bob) == [image]


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_only_who_contributes_shares_with_a_team(
    team: Team, carol: User, hang: Hang, role: Role | None
) -> None:
    if role:
        Membership.objects.create(team=team, user=carol, role=role)
    image = hang(carol)
    assert copy_images(carol, [image.pk], team) == Change(0, 0, 1)
    with pytest.raises(NotAllowed):
        act(fresh(carol), Wish("hang", into="night-shift"), [image.pk])


def test_only_curators_copy_out_of_a_team(team: Team, alice: User, bob: User, hang: Hang) -> None:
    image = hang(bob, team=team)
    assert copy_images(bob, [image.pk], None) == Change(0, 0, 1)
    copy = copied(alice, image, None)
    assert (copy.owner, copy.team) == (alice, None)
    assert hanging(alice) == [copy]
    assert hanging(bob, "night-shift") == [image]


def test_nobody_copies_what_they_don_t_see(team: Team, alice: User, bob: User, hang: Hang) -> None:
    thrown, foreign = hang(bob), hang(alice)
    trash_images(bob, [thrown.pk])
    assert copy_images(bob, [thrown.pk, foreign.pk], team) == Change(0, 0, 2)


def test_the_bytes_stay_as_long_as_one_of_them_hangs(team: Team, bob: User, drawn: Image) -> None:
    before, copy = keys(), copied(bob, drawn, team)
    assert keys() == before
    give_up(drawn)
    assert keys() == before
    assert list(strays(is_quick=False)) == []
    assert picture(Image.objects.get(pk=copy.pk)).src_640
    give_up(copy)
    assert (keys(), Image.objects.count()) == ([], 0)


def test_a_copy_thrown_away_takes_no_bytes_along(team: Team, bob: User, drawn: Image) -> None:
    before, copy = keys(), copied(bob, drawn, team)
    give_up(copy)
    assert (keys(), Image.objects.get()) == (before, drawn)
    assert list(strays(is_quick=False)) == []


def test_both_thrown_away_at_once_leave_nothing(team: Team, bob: User, drawn: Image) -> None:
    give_up(drawn, copied(bob, drawn, team))
    assert (keys(), Image.objects.count()) == ([], 0)


def test_a_copy_in_the_trash_keeps_the_bytes(team: Team, alice: User, drawn: Image) -> None:
    before, copy = keys(), copied(drawn.owner, drawn, team)
    trash_images(fresh(alice), [copy.pk])
    give_up(drawn)
    assert keys() == before
    assert restore_images(fresh(alice), [copy.pk]).done == 1


def test_a_large_size_made_later_is_the_copy_s_too(team: Team, bob: User, drawn: Image) -> None:
    Image.objects.update(edges=[edge for edge in drawn.edges if edge[0] < 1600], sizes_done=False)
    copy = copied(bob, drawn, team)
    housekeeping.finish_image(drawn.pk)
    copy.refresh_from_db()
    assert ([edge for edge, *_ in copy.edges], copy.sizes_done) == ([320, 640, 1600], True)


def test_curators_take_a_copy_out_and_it_can_be_shared_anew(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    image = hang(bob)
    first = copied(bob, image, team)
    assert trash_images(fresh(alice), [first.pk]).done == 1
    second = copied(bob, image, team)
    assert hanging(alice, "night-shift") == [second]
    assert restore_images(fresh(alice), [first.pk]).missing == 1
    assert delete_images(fresh(alice), [first.pk]).missing == 1


def test_undo_takes_back_what_was_shared(team: Team, bob: User, hang: Hang) -> None:
    image, other = hang(bob), hang(bob)
    copied(bob, other, team)
    undo = copy_images(bob, [image.pk, other.pk], team).undo
    assert undo
    undo = read_undo(bob, undo_token(bob, undo))
    assert take_back(fresh(bob), undo) == 1
    assert [each.attempt for each in hanging(bob, "night-shift")] == [other.attempt]
    assert take_back(fresh(bob), undo) == 0
    assert copied(bob, image, team) in hanging(bob, "night-shift")


def test_undo_leaves_what_has_become_the_only_one(
    team: Team, alice: User, bob: User, drawn: Image
) -> None:
    undo = copy_images(bob, [drawn.pk], team).undo
    assert undo
    give_up(drawn)
    assert take_back(fresh(bob), undo) == 0
    assert len(hanging(alice, "night-shift")) == 1


def test_who_left_the_team_takes_nothing_back(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    undo = copy_images(bob, [hang(bob).pk], team).undo
    assert undo
    leave_team(fresh(bob), Membership.objects.get(user=bob))
    assert take_back(fresh(bob), undo) == 0
    assert len(hanging(alice, "night-shift")) == 1


def test_the_copy_stays_when_its_maker_s_account_goes(
    team: Team, alice: User, drawn: Image
) -> None:
    before, copy = keys(), copied(drawn.owner, drawn, team)
    erase_account(fresh(drawn.owner))
    for _ in range(3):
        erasure.go_on()
        housekeeping.empty_trash()
    assert list(Image.objects.all()) == [copy]
    assert keys() == before
    assert Generation.objects.get().prompt


def test_a_copy_has_no_price_and_isn_t_counted_again(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    when = datetime(2026, 5, 4, 12, tzinfo=UTC)
    image = hang(bob, when=when)
    Attempt.objects.update(cost_micros=40_000, reserved_micros=40_000)
    copied(bob, image, team)
    copy = Image.objects.select_related("generation", "attempt__generation").get(team=team)
    assert (picture(copy).price_text, provenance_of(copy)["price"]) == ("", None)
    assert not policy.sees_cost(fresh(alice), copy)
    team_s, own_s = (
        days_of(page_of(user, wanted).cards, user, wanted)[0].summary
        for user, wanted in (
            (fresh(alice), GalleryFilter(team="night-shift")),
            (fresh(bob), GalleryFilter()),
        )
    )
    assert (team_s, own_s) == ("1 picture", "1 picture · $0.04")
    day = date(2026, 5, 4)
    lines = usage_lines(policy.own_usage(fresh(bob)), since=day, until=day)
    assert [line.sums for line in lines] == [Sums(made=1, kept=1, spent_micros=40_000)]


def test_the_run_s_page_shows_each_picture_once(team: Team, bob: User, hang: Hang) -> None:
    image = hang(bob)
    copy = copied(bob, image, team)
    assert [card.image_id for card in cards_of(image.generation, fresh(bob))] == [image.pk]
    Image.objects.filter(pk=image.pk).update(trashed_at=policy.GIVEN_UP)
    assert cards_of(image.generation, fresh(bob)) == []
    assert relatives_of(copy, fresh(bob)) == []


def test_relatives_are_those_of_the_same_gallery(team: Team, bob: User, hang: Hang) -> None:
    first, second = hang(bob), hang(bob)
    second.generation = first.generation
    second.save(update_fields=["generation"])
    copy = copied(bob, first, team)
    assert {each.id for each in relatives_of(copy, fresh(bob))} == {copy.pk, second.pk}
    assert {each.id for each in relatives_of(first, fresh(bob))} == {first.pk, second.pk}


@pytest.mark.parametrize("verdict", [CheckVerdict.WAITING, CheckVerdict.FLAGGED])
def test_what_the_check_holds_back_is_held_back_in_the_team_too(
    team: Team, alice: User, bob: User, carol: User, hang: Hang, verdict: CheckVerdict
) -> None:
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    image, now = hang(bob, is_withheld=True), timezone.now()
    ModerationCheck.objects.create(
        generation=image.generation, image=image, verdict=verdict, due_at=now, created_at=now
    )
    copy = copied(bob, image, team)
    assert (hanging(carol, "night-shift"), hanging(alice, "night-shift")) == ([], [copy])
    assert copy.moderation.verdict == verdict
    is_found = verdict == CheckVerdict.FLAGGED
    assert copy.review_state == (ReviewState.FLAGGED if is_found else ReviewState.PENDING)
    assert ModerationCheck.objects.count() == 2
