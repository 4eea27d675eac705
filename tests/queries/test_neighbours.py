"""What stands before and after a picture, in the gallery and in an album's own order."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Album, AlbumImage, Favorite, Image, User
from generations.queries import found
from generations.queries.filters import GalleryFilter
from generations.queries.neighbours import neighbours
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def row(alice: User, hang: Hang) -> list[Image]:
    """Five pictures, newest first."""
    made = [
        hang(alice, f"fox {number}", when=NOON + timedelta(minutes=number)) for number in range(5)
    ]
    return made[::-1]


def places(image: Image, row: list[Image], user: User, wanted: GalleryFilter) -> list[int | None]:
    index = {each.pk: at for at, each in enumerate(row)}
    return [index[each] if each else None for each in neighbours(image, user, wanted)]


def test_newest_comes_first(alice: User, row: list[Image]) -> None:
    everything = GalleryFilter()
    assert places(row[0], row, alice, everything) == [None, 1]
    assert places(row[2], row, alice, everything) == [1, 3]
    assert places(row[4], row, alice, everything) == [3, None]


def test_only_what_passes_the_filter_is_a_neighbour(alice: User, row: list[Image]) -> None:
    for image in (row[0], row[3]):
        Favorite.objects.create(user=alice, image=image, sort_key=image.sort_key)
    assert places(row[3], row, alice, GalleryFilter(fav=True)) == [0, None]
    # One that lost its heart while it is looked at still stands between the others.
    assert places(row[1], row, alice, GalleryFilter(fav=True)) == [0, 3]
    assert places(row[2], row, alice, GalleryFilter(q='"fox 1"')) == [None, 3]


def test_trashed_and_hidden_ones_are_passed_over(alice: User, row: list[Image]) -> None:
    Image.objects.filter(pk=row[1].pk).update(trashed_at=NOON)
    Image.objects.filter(pk=row[3].pk).update(is_hidden=True)
    assert places(row[2], row, alice, GalleryFilter()) == [0, 4]


def test_an_album_has_its_own_order(alice: User, row: list[Image]) -> None:
    album = Album.objects.create(owner=alice, name="Order")
    for position, at in ((10, 4), (20, 0), (20, 2), (35, 1)):
        AlbumImage.objects.create(
            album=album, image=row[at], position=position, sort_key=row[at].sort_key
        )
    wanted = GalleryFilter(album=album.pk)
    assert places(row[4], row, alice, wanted) == [None, 0]
    assert places(row[0], row, alice, wanted) == [4, 2]
    assert places(row[2], row, alice, wanted) == [0, 1]
    assert places(row[1], row, alice, wanted) == [2, None]


def test_somebody_elses_album_orders_nothing(
    alice: User, carol: User, row: list[Image], hang: Hang
) -> None:
    album = Album.objects.create(owner=carol, name="Hers")
    AlbumImage.objects.create(album=album, image=row[0], position=1, sort_key=row[0].sort_key)
    AlbumImage.objects.create(album=album, image=row[4], position=2, sort_key=row[4].sort_key)
    assert places(row[0], row, alice, GalleryFilter(album=album.pk)) == [None, None]


def test_others_pictures_are_no_neighbours(
    alice: User, carol: User, row: list[Image], hang: Hang
) -> None:
    hang(carol, "between", when=NOON + timedelta(minutes=2, seconds=30))
    assert places(row[2], row, alice, GalleryFilter()) == [1, 3]


def test_it_costs_the_same_with_many(
    alice: User, row: list[Image], hang: Hang, django_assert_num_queries
) -> None:
    with django_assert_num_queries(2):
        neighbours(row[2], alice, GalleryFilter())


@pytest.mark.parametrize("look", [1, 2, 2000])
def test_words_find_the_same_neighbours_however_far_the_first_look_goes(
    alice: User, row: list[Image], monkeypatch: pytest.MonkeyPatch, look: int
) -> None:
    """A look at the pictures near by spares the index of words, which knows no order."""
    monkeypatch.setattr(found, "FIRST_LOOK", look)
    wanted = GalleryFilter(q="fox -1 -2")
    assert places(row[0], row, alice, wanted) == [None, 1]
    assert places(row[1], row, alice, wanted) == [0, 4]
    assert places(row[2], row, alice, wanted) == [1, 4]
    assert places(row[4], row, alice, wanted) == [1, None]
    assert places(row[2], row, alice, GalleryFilter(q="hare")) == [None, None]


def test_words_ask_the_index_for_few_rows(alice: User, row: list[Image]) -> None:
    """SQLite's index is asked about a few texts, PostgreSQL's for a few pictures or stretches."""
    with CaptureQueriesContext(connection) as asked:
        neighbours(row[2], alice, GalleryFilter(q="fox"))
    searches = [each["sql"] for each in asked if re.search("MATCH|_found", each["sql"])]
    assert len(searches) == 2
    few = r"LIMIT 2000|_newest_found\(.* 1, \d+\)|_found\(.*, (\d+), \1\)"
    assert all(re.search(few, sql) for sql in searches), searches
