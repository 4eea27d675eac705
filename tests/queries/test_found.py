"""The newest of what a filter finds, page by page, on either database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from generations.models import Album, AlbumImage, Favorite, Image, ImageTag, Tag, User
from generations.models.words import stretch_of
from generations.queries import found
from generations.queries.filters import GalleryFilter, images_wanted
from generations.queries.found import newest_wanted, next_above
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MODELS = ("m/a", "m/b", "m/c")
WORDS = ("snow", "moon", "fog")
THIRTY_DAYS = 41_472_000_000_000  # in sort keys


@pytest.fixture
def hung(alice: User, bob: User, hang: Hang) -> list[Any]:
    """Twelve of alice's, newest first; what the odd ones hold the newest hold rarely."""
    images = []
    for number in range(12):
        prompt = f"a fox, {WORDS[number % 3]}" + (" and an owl" if number > 9 else "")
        when = NOON - timedelta(hours=12 * number)
        images.append(hang(alice, prompt, when=when, model_id=MODELS[number % 3]))
        hang(bob, prompt, when=when)
    return images


def pages(wanted: GalleryFilter, user: User, size: int = 2) -> list[Any]:
    """All that is found, gathered page by page."""
    seen: list[Any] = []
    while True:
        below = seen[-1].sort_key if seen else None
        page = list(newest_wanted(wanted, user, below=below, most=size))
        seen += page
        if len(page) < size:
            return seen


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (GalleryFilter(), range(12)),
        (GalleryFilter(model=("m/b",)), [1, 4, 7, 10]),
        (GalleryFilter(model=("m/c", "m/a", "m/none")), [0, 2, 3, 5, 6, 8, 9, 11]),
        (GalleryFilter(q="fox"), range(12)),
        (GalleryFilter(q="moon"), [1, 4, 7, 10]),
        (GalleryFilter(q="owl"), [10, 11]),
        (GalleryFilter(q="fox -moon", model=("m/a", "m/b")), [0, 3, 6, 9]),
        (GalleryFilter(q="...", model=("m/a",)), [0, 3, 6, 9]),
        (GalleryFilter(model=("m/a", *(f"m/{number}" for number in range(19)))), [0, 3, 6, 9]),
        (GalleryFilter(until=date(2026, 5, 1)), range(6, 12)),
        (GalleryFilter(since=date(2026, 5, 3), q="fox"), range(4)),
        (GalleryFilter(since=date(2026, 5, 3), until=date(2026, 5, 3)), [2, 3]),
    ],
)
def test_pages_hold_all_that_is_found_in_order(
    alice: User, hung: list[Any], monkeypatch: Any, wanted: GalleryFilter, numbers: Any
) -> None:
    for look in (1, 5, 12, 2000):  # however far the first look goes
        monkeypatch.setattr(found, "FIRST_LOOK", look)
        monkeypatch.setattr(found, "LOOKED_AT", look)
        assert pages(wanted, alice) == [hung[number] for number in numbers]


def test_pages_of_what_one_sorted(alice: User, bob: User, hung: list[Any]) -> None:
    tag = Tag.objects.create(owner=alice, name="red")
    album = Album.objects.create(owner=alice, name="Walls")
    for number in (2, 5, 6, 7, 11):
        image = hung[number]
        Favorite.objects.create(user=alice, image=image, sort_key=image.sort_key)
        ImageTag.objects.create(tag=tag, image=image, sort_key=image.sort_key)
        AlbumImage.objects.create(
            album=album, image=image, position=-number, sort_key=image.sort_key
        )
    marked = [hung[number] for number in (2, 5, 6, 7, 11)]
    for wanted in (
        GalleryFilter(fav=True),
        GalleryFilter(tag=(tag.pk,)),
        GalleryFilter(album=album.pk),
        GalleryFilter(fav=True, tag=(tag.pk,), album=album.pk, q="fox"),
    ):
        assert pages(wanted, alice) == marked
    assert pages(GalleryFilter(fav=True, q="moon"), alice) == [hung[7]]
    # Somebody else's tag and album are like none.
    for wanted in (
        GalleryFilter(tag=(tag.pk,)),
        GalleryFilter(album=album.pk),
        GalleryFilter(album=uuid4()),
    ):
        assert pages(wanted, bob) == []


@pytest.mark.parametrize("turns", [(1,), (1, 2, 8), (100,)])
@pytest.mark.parametrize("text", ["fox", "moon", "owl", '"a fox"', "-moon", "fo -owl", "none"])
def test_words_of_many_years_are_found_in_order(
    alice: User, bob: User, hang: Hang, monkeypatch: Any, turns: Any, text: str
) -> None:
    """Stretch after stretch: months without a picture, months of several, years no stretch has."""
    monkeypatch.setattr(found, "TURNS", turns)
    monkeypatch.setattr(found, "LOOKED_AT", 2)
    whens = [NOON - timedelta(hours=each) for each in (0, 1, 2, 3, 4, 700, 710, 9000, 9001)]
    whens += [NOON.replace(year=year) for year in (2024, 2013, 2012, 1999, 1971)]
    images = []
    for number, when in enumerate(whens):
        prompt = f"a fox, {WORDS[number % 3]}" + (" and an owl" if number in {4, 8, 13} else "")
        images.append(hang(alice, prompt, when=when))
        Favorite.objects.create(user=alice, image=images[-1], sort_key=images[-1].sort_key)
        hang(bob, prompt, when=when)
    numbers = {
        "fox": range(14),
        '"a fox"': range(14),
        "moon": range(1, 14, 3),
        "owl": [4, 8, 13],
        "-moon": [number for number in range(14) if number % 3 != 1],
        "fo -owl": [number for number in range(14) if number not in {4, 8, 13}],
        "none": [],
    }[text]
    expected = [images[number] for number in numbers]
    for wanted in (GalleryFilter(q=text), GalleryFilter(q=text, fav=True)):
        assert pages(wanted, alice) == expected
        assert pages(wanted, alice, size=5) == expected
        for image, above in zip(expected[1:], expected, strict=False):
            assert next_above(wanted, alice, above=image.sort_key) == above.pk
    assert list(images_wanted(GalleryFilter(q=text), alice).order_by("-sort_key")) == expected
    images[1].trashed_at = images[8].trashed_at = NOON
    Image.objects.bulk_update([images[1], images[8]], ["trashed_at"])
    shown = [image for image in expected if image.trashed_at is None]
    assert pages(GalleryFilter(q=text), alice, size=3) == shown


@pytest.mark.parametrize(
    ("key", "number"),
    [(-5, 535), (0, 535), (2**62, 1065), (THIRTY_DAYS * 700, 700), (THIRTY_DAYS * 700 - 1, 699)],
)
def test_stretches_are_of_thirty_days(key: int, number: int) -> None:
    assert stretch_of(key) == number
    if connection.vendor == "postgresql":  # has them in its index, and must count alike
        with connection.cursor() as cursor:
            cursor.execute("SELECT generations_stretch(%s)", [key])
            assert cursor.fetchone() == (number,)
