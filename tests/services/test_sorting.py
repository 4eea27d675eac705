"""Hearts, tags, albums and the trash: many at a time, and taken back exactly."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import policy
from generations.errors import Conflict
from generations.models import Album, AlbumImage, Favorite, Image, Membership, Role, Tag, User
from generations.services.album import _spread, album_named, move_image
from generations.services.changes import BATCH, Change
from generations.services.image import delete_images, restore_images, trash_images
from generations.services.sorting import Mark, marked, put_on, take_off
from generations.services.tag import delete_tag, merge_tags, rename_tag, tag_named
from generations.services.team import create_team
from generations.services.undo import read_undo, take_back, undo_token
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def three(alice: User, hang: Hang) -> list[UUID]:
    """Alice's pictures, oldest first."""
    days = (datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3))
    return [hang(alice, when=day).pk for day in days]


def marks(alice: User) -> list[Mark]:
    return [Mark(alice), Mark(tag_named(alice, "sea")), Mark(album_named(alice, "Coast"))]


def carriers(mark: Mark) -> set[UUID]:
    return set(mark.rows.values_list("image_id", flat=True))


def undo_of(user: User, change: Change) -> int:
    """As it comes back from a page."""
    assert change.undo
    return take_back(user, read_undo(user, undo_token(user, change.undo)))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_mark_counts_what_it_did_and_nothing_else(
    alice: User, bob: User, hang: Hang, three: list[UUID], which: int
) -> None:
    mark = marks(alice)[which]
    put_on(mark, alice, three[:1])
    foreign = hang(bob).pk
    ids = [*three, three[2], foreign, uuid4()]
    assert put_on(mark, alice, ids) == Change(done=2, unchanged=1, missing=2)
    assert put_on(mark, alice, ids) == Change(done=0, unchanged=3, missing=2)
    assert carriers(mark) == set(three)
    assert take_off(mark, alice, [three[0], foreign]) == Change(done=1, missing=1)
    assert take_off(mark, alice, three) == Change(done=2, unchanged=1)
    assert carriers(mark) == set()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_undo_takes_back_exactly_what_was_changed(
    alice: User, three: list[UUID], which: int
) -> None:
    mark = marks(alice)[which]
    put_on(mark, alice, three[:1])
    added = put_on(mark, alice, three)
    assert undo_of(alice, added) == 2
    assert carriers(mark) == {three[0]}
    assert undo_of(alice, added) == 0
    put_on(mark, alice, three)
    removed = take_off(mark, alice, three[1:])
    assert undo_of(alice, removed) == 2
    assert carriers(mark) == set(three)
    assert undo_of(alice, removed) == 0


def test_undo_leaves_alone_what_was_added_since(alice: User, hang: Hang, three: list[UUID]) -> None:
    mark = Mark(tag_named(alice, "sea"))
    first = put_on(mark, alice, three[:2])
    put_on(mark, alice, three[2:])
    assert undo_of(alice, first) == 2
    assert carriers(mark) == {three[2]}


def test_album_keeps_places_when_a_removal_is_taken_back(alice: User, three: list[UUID]) -> None:
    mark = Mark(album_named(alice, "Coast"))
    put_on(mark, alice, [three[2], three[0], three[1]])
    before = list(mark.rows.order_by("position").values_list("image_id", "position"))
    assert [pk for pk, _ in before] == [three[2], three[0], three[1]]
    undo_of(alice, take_off(mark, alice, [three[0]]))
    assert list(mark.rows.order_by("position").values_list("image_id", "position")) == before


def test_undo_is_for_the_person_and_the_holder_it_was_made_for(
    alice: User, carol: User, three: list[UUID]
) -> None:
    tag = tag_named(alice, "sea")
    undo = put_on(Mark(tag), alice, three).undo
    assert undo
    token = undo_token(alice, undo)
    for who, text in ((carol, token), (alice, f"{token}x"), (alice, ""), (alice, "a:b:c")):
        with pytest.raises(Conflict):
            read_undo(who, text)
    delete_tag(tag)
    with pytest.raises(Conflict):
        take_back(alice, read_undo(alice, token))


def test_trash_leaves_every_list_and_comes_back_whole(alice: User, three: list[UUID]) -> None:
    for mark in marks(alice):
        put_on(mark, alice, three)
    change = trash_images(alice, three[:2])
    assert change == Change(done=2)
    assert trash_images(alice, three) == Change(done=1, unchanged=2)
    assert not policy.visible_images(alice).exists()
    assert undo_of(alice, change) == 2
    assert set(policy.gallery_images(alice).values_list("pk", flat=True)) == set(three[:2])
    for mark in marks(alice):
        assert carriers(mark) == set(three)


def test_trash_of_others_is_left_alone(alice: User, carol: User, three: list[UUID]) -> None:
    assert trash_images(carol, three) == Change(missing=3)
    trash_images(alice, three)
    assert restore_images(carol, three) == Change(missing=3)
    assert delete_images(carol, three) == Change(missing=3)
    assert restore_images(alice, [*three, uuid4()]) == Change(done=3, missing=1)
    assert restore_images(alice, three) == Change(unchanged=3)


def test_only_the_trash_is_deleted_for_good(alice: User, three: list[UUID]) -> None:
    assert delete_images(alice, three) == Change(missing=3)
    trash_images(alice, three[:1])
    assert delete_images(alice, three) == Change(done=1, missing=2)
    assert restore_images(alice, three[:1]) == Change(missing=1)
    assert not policy.trashed_images(alice).exists()


def test_trash_is_out_of_reach_after_thirty_days(alice: User, three: list[UUID]) -> None:
    trash_images(alice, three)
    late = timezone.now() - policy.TRASH_KEPT - timedelta(seconds=1)
    Image.objects.filter(pk=three[0]).update(trashed_at=late)
    assert restore_images(alice, three) == Change(done=2, missing=1)


def test_thousands_take_a_few_queries(
    alice: User, three: list[UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tag = tag_named(alice, "sea")
    ids = [*three, *(uuid4() for _ in range(2 * BATCH))]
    with django_assert_max_num_queries(3 * 8):
        assert put_on(Mark(tag), alice, ids) == Change(done=3, missing=2 * BATCH)
    with django_assert_max_num_queries(3 * 8):
        assert take_off(Mark(tag), alice, ids) == Change(done=3, missing=2 * BATCH)
    with django_assert_max_num_queries(3 * 5):
        assert trash_images(alice, ids) == Change(done=3, missing=2 * BATCH)


def test_same_word_in_another_case_is_the_same_tag(alice: User, bob: User) -> None:
    assert tag_named(alice, "Sea") == tag_named(alice, "sEA")
    assert tag_named(bob, "sea") != tag_named(alice, "sea")
    assert Tag.objects.count() == 2


def test_renaming_to_a_name_that_is_there_merges(alice: User, three: list[UUID]) -> None:
    sea, ocean = tag_named(alice, "sea"), tag_named(alice, "ocean")
    put_on(Mark(sea), alice, three[:2])
    put_on(Mark(ocean), alice, three[1:])
    rename_tag(sea, "SEA")
    rename_tag(sea, "Ocean")
    assert list(Tag.objects.values_list("name", flat=True)) == ["ocean"]
    assert carriers(Mark(ocean)) == set(three)
    assert Mark(ocean).rows.count() == 3


def test_merging_keeps_one_of_each(alice: User, three: list[UUID]) -> None:
    sea, ocean = tag_named(alice, "sea"), tag_named(alice, "ocean")
    put_on(Mark(sea), alice, three)
    put_on(Mark(ocean), alice, three)
    merge_tags(ocean, into=sea)
    assert Mark(sea).rows.count() == 3


def order(album: Album) -> list[UUID]:
    rows = AlbumImage.objects.filter(album=album).order_by("position", "pk")
    return list(rows.values_list("image_id", flat=True))


def test_moving_in_an_album(alice: User, three: list[UUID]) -> None:
    album = album_named(alice, "Coast")
    put_on(Mark(album), alice, three)
    a, b, c = three
    for moved, before, expected in (
        (c, a, [c, a, b]),
        (c, b, [a, c, b]),
        (a, None, [c, b, a]),
        (b, b, [c, b, a]),
        (b, uuid4(), [c, a, b]),
    ):
        move_image(album, moved, before=before)
        assert order(album) == expected


def test_moving_finds_room_however_often(alice: User, three: list[UUID]) -> None:
    album = album_named(alice, "Coast")
    put_on(Mark(album), alice, three)
    a, b, c = three
    for _ in range(30):  # each halves the room between its neighbours
        move_image(album, c, before=b)
        move_image(album, b, before=c)
    assert order(album) == [a, b, c]
    assert Favorite.objects.count() == 0


def test_room_is_made_by_one_statement(
    alice: User, three: list[UUID], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Written row by row, a large album kept everybody else from writing for half a minute."""
    album, other = album_named(alice, "Coast"), album_named(alice, "Hills")
    for each in (album, other):
        put_on(Mark(each), alice, three)
        AlbumImage.objects.filter(album=each).update(position=7)
    with django_assert_num_queries(1):
        _spread(album)
    rows = AlbumImage.objects.order_by("pk").values_list("position", flat=True)
    assert list(rows.filter(album=album)) == [1024, 2048, 3072]
    assert list(rows.filter(album=other)) == [7, 7, 7]


def test_who_sorted_their_picture_under_a_colleague_s_tag_can_take_it_back(
    alice: User, bob: User, hang: Hang
) -> None:
    team = create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    tag, picture = tag_named(alice, "fox", team.slug), hang(bob, team=team)
    put = put_on(Mark(tag), bob, [picture.pk])
    assert undo_of(bob, put) == 1
    assert not marked(Mark(tag), [picture])
    put_on(Mark(tag), bob, [picture.pk])
    taken = take_off(Mark(tag), bob, [picture.pk])
    assert undo_of(bob, taken) == 1
    assert marked(Mark(tag), [picture])


def test_nothing_is_taken_back_that_the_role_no_longer_allows(
    alice: User, bob: User, hang: Hang
) -> None:
    team = create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CURATOR)
    tag, picture = tag_named(bob, "fox", team.slug), hang(alice, team=team)
    put = put_on(Mark(tag), bob, [picture.pk])
    Membership.objects.filter(user=bob).update(role=Role.CONTRIBUTOR)
    assert undo_of(User.objects.get(pk=bob.pk), put) == 0
    assert marked(Mark(tag), [picture])
