"""Verdicts, who gets which picture, and what a team that shows approved ones alone keeps back."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from generations import policy
from generations.errors import Conflict, NotAllowed
from generations.models import (
    Image,
    Membership,
    Reason,
    Review,
    ReviewState,
    Role,
    Team,
    User,
    Verdict,
)
from generations.queries.review import ReviewFilter, count_left
from generations.services import review as service
from generations.services import team as teams
from generations.services.image import restore_images, trash_images
from generations.services.review import (
    Opinion,
    ask_for_review,
    give_verdict,
    give_verdicts,
    take_back_last,
    take_down,
    take_next,
)
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

ALL = ReviewFilter()
APPROVE = Opinion(Verdict.APPROVE)
REJECT = Opinion(Verdict.REJECT, Reason.QUALITY, "blurred")
FLAG = Opinion(Verdict.FLAG, Reason.PEOPLE)


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """Alice owns it, bob contributes."""
    team = teams.create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return team


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_user("rita", is_staff=True)


@pytest.fixture
def curator(team: Team) -> User:
    curator = User.objects.create_user("cleo")
    Membership.objects.create(team=team, user=curator, role=Role.CURATOR)
    return curator


def fresh(user: User) -> User:
    """As the next request sees them."""
    return User.objects.get(pk=user.pk)


def now(image: Image) -> Image:
    return Image.objects.get(pk=image.pk)


def test_queue_of_a_curator_is_the_teams_and_of_staff_what_was_asked(
    team: Team, alice: User, bob: User, rita: User, hang: Hang
) -> None:
    of_team, own = hang(bob, team=team), hang(bob)
    assert set(policy.reviewable_images(alice)) == {of_team}
    assert not policy.reviewable_images(rita).exists()
    ask_for_review(bob, own, on=True)
    assert list(policy.reviewable_images(rita)) == [own]
    assert set(policy.reviewable_images(alice)) == {of_team}
    assert not policy.can_review(bob)


def test_nobody_asks_for_a_picture_that_is_not_theirs(
    team: Team, bob: User, curator: User, hang: Hang
) -> None:
    viewer = User.objects.create_user("vic")
    Membership.objects.create(team=team, user=viewer, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        ask_for_review(viewer, hang(bob, team=team), on=True)


def test_staff_dont_review_their_own(rita: User, hang: Hang) -> None:
    image = hang(rita)
    ask_for_review(rita, image, on=True)
    assert take_next(rita, ALL) is None


def test_each_reviewer_gets_another_picture(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    images = {hang(bob, team=team).pk for _ in range(2)}
    first, second = take_next(alice, ALL), take_next(curator, ALL)
    assert first
    assert second
    assert {first.pk, second.pk} == images
    again = take_next(alice, ALL)
    assert again
    assert again.pk == first.pk


def test_a_picture_held_too_long_goes_to_the_next(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, team=team)
    assert take_next(alice, ALL) == image
    assert take_next(curator, ALL) is None
    Image.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert take_next(curator, ALL) == image


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_never_get_the_same(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    for age in range(6):
        hang(bob, team=team, when=timezone.now() - timedelta(hours=age))
    got: list[object] = []
    start = threading.Barrier(2)

    def take(user: User) -> None:
        user, after = fresh(user), None
        start.wait()
        for _ in range(3):
            image = take_next(user, ALL, after=after)
            if image:
                got.append(image.pk)
                after = image.sort_key
        connection.close()

    threads = [threading.Thread(target=take, args=(user,)) for user in (alice, curator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(got) == len(set(got)) == 6


@pytest.mark.django_db(transaction=True)
def test_of_two_verdicts_at_once_one_counts(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, team=team)
    refused: list[User] = []
    start = threading.Barrier(2)

    def decide(user: User, opinion: Opinion) -> None:
        user = fresh(user)
        start.wait()
        try:
            give_verdict(user, image, opinion, seen="pending")
        except Conflict:
            refused.append(user)
        connection.close()

    pairs = [(alice, APPROVE), (curator, REJECT)]
    threads = [threading.Thread(target=decide, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(refused), Review.objects.count()) == (1, 1)


def test_verdict_is_written_down(team: Team, alice: User, bob: User, hang: Hang) -> None:
    image = hang(bob, team=team)
    give_verdict(alice, image, REJECT, seen="pending")
    row = Review.objects.get()
    assert (row.reviewer, row.verdict, row.reason, row.note) == (
        alice,
        "reject",
        "quality",
        "blurred",
    )
    assert now(image).review_state == ReviewState.REJECTED


def test_the_same_verdict_twice_is_one(team: Team, alice: User, bob: User, hang: Hang) -> None:
    image = hang(bob, team=team)
    for _ in range(2):
        give_verdict(alice, image, APPROVE, seen="pending")
    assert Review.objects.count() == 1


def test_flagged_picture_goes_to_somebody_else(
    team: Team, alice: User, curator: User, rita: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, team=team)
    give_verdict(alice, image, FLAG, seen="pending")
    assert take_next(alice, ALL) is None
    assert count_left(alice, ALL) == "0"
    with pytest.raises(Conflict):
        give_verdict(alice, now(image), APPROVE, seen="flagged")
    assert policy.staff_queue(rita).get() == image
    assert take_next(curator, ALL) == image
    give_verdict(curator, now(image), APPROVE, seen="flagged")
    assert now(image).review_state == ReviewState.APPROVED
    assert not policy.staff_queue(rita).exists()


def test_undo_brings_back_the_verdict_before(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, team=team)
    give_verdict(alice, image, FLAG, seen="pending")
    give_verdict(curator, now(image), REJECT, seen="flagged")
    assert take_back_last(curator) == [image.pk]
    assert now(image).review_state == ReviewState.FLAGGED
    assert take_back_last(alice) == [image.pk]
    assert (now(image).review_state, now(image).queued_at) == (ReviewState.PENDING, None)
    assert Review.objects.filter(undone_at=None).count() == 0
    assert Review.objects.count() == 2


def test_undo_takes_back_one_after_the_other(
    team: Team, alice: User, bob: User, hang: Hang
) -> None:
    first, second = hang(bob, team=team), hang(bob, team=team)
    give_verdict(alice, first, APPROVE, seen="pending")
    give_verdict(alice, second, APPROVE, seen="pending")
    assert [take_back_last(alice) for _ in range(3)] == [[second.pk], [first.pk], []]


def test_undo_leaves_a_team_that_one_has_left(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    image = hang(bob, team=team)
    give_verdict(curator, image, APPROVE, seen="pending")
    Membership.objects.filter(user=curator).delete()
    assert take_back_last(fresh(curator)) == []
    assert now(image).review_state == ReviewState.APPROVED


def test_undo_writes_nothing_into_the_trail_of_a_team_that_one_has_left(
    team: Team, curator: User, bob: User, hang: Hang
) -> None:
    elsewhere = teams.create_team(curator, name="Day shift")
    older, left = hang(curator, team=elsewhere), hang(bob, team=team)
    give_verdict(curator, older, APPROVE, seen="pending")
    give_verdict(curator, left, REJECT, seen="pending")
    Membership.objects.filter(user=curator, team=team).delete()
    assert take_back_last(fresh(curator)) == [older.pk]
    assert Review.objects.get(image=left).undone_at is None


@pytest.mark.django_db(transaction=True)
def test_undo_waits_for_a_verdict_of_the_same_moment(
    team: Team, alice: User, curator: User, bob: User, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval that was told to be done isn't taken back with what was there before it."""
    image = hang(bob, team=team)
    give_verdict(curator, image, REJECT, seen="pending")
    seen = now(image)
    is_undoing, note, put_back = threading.Event(), service._note, service._put_back

    def undo_elsewhere() -> None:
        take_back_last(curator)
        connection.close()

    undo = threading.Thread(target=undo_elsewhere)

    def noted(images: Sequence[Image], user: User, opinion: Opinion, moment: datetime) -> None:
        undo.start()
        is_undoing.wait(0.5)  # it never comes so far
        note(images, user, opinion, moment)

    def undoing(*told: Any) -> None:
        is_undoing.set()
        put_back(*told)

    monkeypatch.setattr(service, "_note", noted)
    monkeypatch.setattr(service, "_put_back", undoing)
    give_verdict(alice, seen, APPROVE, seen="rejected")
    undo.join(30)
    assert now(image).review_state == ReviewState.APPROVED


def test_many_are_decided_only_as_they_were_seen(
    team: Team, alice: User, curator: User, bob: User, hang: Hang
) -> None:
    """Another reviewer's rejection isn't published by a page that is older."""
    image, other = hang(bob, team=team), hang(bob, team=team)
    give_verdict(curator, image, REJECT, seen="pending")
    seen = {image.pk: "pending", other.pk: "pending"}
    change = give_verdicts(alice, list(seen), APPROVE, seen=seen)
    assert (change.done, change.unchanged) == (1, 1)
    assert (now(image).review_state, now(other).review_state) == ("rejected", "approved")
    assert give_verdicts(alice, [image.pk], APPROVE, seen={image.pk: "rejected"}).done == 1


def test_many_are_decided_and_taken_back_together(
    team: Team, alice: User, bob: User, carol: User, hang: Hang
) -> None:
    images = [hang(bob, team=team) for _ in range(3)]
    foreign = hang(carol)
    change = give_verdicts(alice, [*(each.pk for each in images), foreign.pk], REJECT)
    assert (change.done, change.unchanged, change.missing) == (3, 0, 1)
    assert now(foreign).review_state == ReviewState.PENDING
    assert set(take_back_last(alice)) == {each.pk for each in images}
    assert not Image.objects.exclude(review_state=ReviewState.PENDING).exists()


def test_take_down_leaves_it_to_its_owner_to_have_it_back(
    bob: User, rita: User, hang: Hang
) -> None:
    image = hang(bob)
    assert take_down(rita, [image.pk], REJECT).done == 0
    ask_for_review(bob, image, on=True)
    assert take_down(rita, [image.pk], REJECT).done == 1
    assert not policy.visible_images(bob).exists()
    assert policy.restorable_images(bob).get() == image


def test_taking_down_is_taken_back_with_its_verdict(
    alice: User, bob: User, rita: User, hang: Hang
) -> None:
    """A slip must not cost a picture: its owner needn't know that it lies in the trash."""
    down, thrown_away = hang(bob), hang(bob)
    for image in (down, thrown_away):
        ask_for_review(bob, image, on=True)
    take_down(rita, [down.pk, thrown_away.pk], REJECT)
    restore_images(bob, [thrown_away.pk])
    trash_images(bob, [thrown_away.pk])  # by its owner, later
    assert set(take_back_last(rita)) == {down.pk, thrown_away.pk}
    assert (now(down).trashed_at, now(down).review_state) == (None, "pending")
    assert now(thrown_away).trashed_at
    assert policy.staff_queue(rita).get() == down


def test_many_are_taken_back_by_as_many_queries_as_one(
    team: Team, alice: User, bob: User, hang: Hang, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (1, 30):
        give_verdicts(alice, [hang(bob, team=team).pk for _ in range(number)], REJECT)
        with django_assert_max_num_queries(40) as queries:
            assert len(take_back_last(fresh(alice))) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
