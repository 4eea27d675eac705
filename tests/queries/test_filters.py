"""What each filter finds, on either database."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.http import QueryDict

from generations.forms.filters import FilterForm
from generations.models import Album, AlbumImage, Favorite, ImageTag, Tag, User
from generations.models import words as its_words
from generations.queries.filters import GalleryFilter, images_wanted
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def found(wanted: GalleryFilter, user: User) -> set[str]:
    return {image.generation.prompt for image in images_wanted(wanted, user)}


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("fox", {"a fox in the snow", "Two foxes, a red moon"}),
        ("FOX snow", {"a fox in the snow"}),
        ("snow fox", {"a fox in the snow"}),
        ('"red moon"', {"Two foxes, a red moon"}),
        ('"moon red"', set()),
        ('"red mo"', set()),
        ("-fox", {"harbour at dawn: long exposure"}),
        ("fox -snow", {"Two foxes, a red moon"}),
        ('fox -"red moon"', {"a fox in the snow"}),
        ("harbour-at-dawn", {"harbour at dawn: long exposure"}),
        ("gouache", {"a fox in the snow"}),  # what the model made of it
        ("lighthouse", {"harbour at dawn: long exposure"}),  # its alt text
        ("zebra", set()),
        ("u1", set()),
        ("x", set()),
        (
            "& | ! ' \\",
            {"a fox in the snow", "Two foxes, a red moon", "harbour at dawn: long exposure"},
        ),
        ("fox' OR 1=1 --", set()),
        ("body:fox", set()),
        ("NOT fox AND", set()),
    ],
)
def test_search_finds(alice: User, bob: User, hang: Hang, text: str, prompts: set[str]) -> None:
    hang(alice, revised_prompt="A fox, gouache")
    hang(alice, "Two foxes, a red moon")
    hang(alice, "harbour at dawn: long exposure", alt_text="A lighthouse")
    hang(bob, "bob's fox and zebra")
    assert found(GalleryFilter(q=text), alice) == prompts


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Große Häuser am Zürichsee", "große häus"),
        ("“quoted”—dashed… fox🦊 €20", "dash fox 20"),
        ("☀fox", "fox"),
        ("東京 の 夜", "東京"),
        ("well-known: f/1.8, 35mm", '"well known" 35'),
        ("naïve café", '"café"'),
    ],
)
def test_search_finds_words_of_any_script(alice: User, hang: Hang, prompt: str, text: str) -> None:
    hang(alice, prompt)
    assert found(GalleryFilter(q=text), alice) == {prompt}


def test_search_follows_a_changed_alt_text(alice: User, hang: Hang) -> None:
    image = hang(alice, alt_text="a lighthouse")
    image.alt_text = "a mill"
    image.save(update_fields=["alt_text"])
    assert found(GalleryFilter(q="mill"), alice) == {"a fox in the snow"}
    assert found(GalleryFilter(q="lighthouse"), alice) == set()
    image.delete()
    assert found(GalleryFilter(q="mill"), alice) == set()


def test_facets_find_by_the_pictures_row(alice: User, hang: Hang) -> None:
    hang(alice, "wide", quality="high")
    hang(alice, "tall", size=(1024, 1536), model_id="x/tall")
    hang(alice, "square", size=(1024, 1024), when=datetime(2026, 5, 6, tzinfo=UTC))
    assert found(GalleryFilter(shape=("landscape",)), alice) == {"wide"}
    assert found(GalleryFilter(shape=("portrait", "square")), alice) == {"tall", "square"}
    assert found(GalleryFilter(model=("x/tall",)), alice) == {"tall"}
    assert found(GalleryFilter(quality=("high",)), alice) == {"wide"}
    assert found(GalleryFilter(size=("1024x1024",)), alice) == {"square"}
    assert found(GalleryFilter(since=date(2026, 5, 6)), alice) == {"square"}
    assert found(GalleryFilter(until=date(2026, 5, 5)), alice) == {"wide", "tall"}
    assert found(GalleryFilter(until=date(2026, 5, 6)), alice) == {"wide", "tall", "square"}
    assert found(GalleryFilter(state=("failed",)), alice) == set()
    assert found(GalleryFilter(state=("failed", "done")), alice) == {"wide", "tall", "square"}


def test_facets_of_ones_own_order(alice: User, bob: User, hang: Hang) -> None:
    first, second = hang(alice, "first"), hang(alice, "second")
    Favorite.objects.create(user=alice, image=first, sort_key=first.sort_key)
    Favorite.objects.create(user=bob, image=second, sort_key=second.sort_key)
    red, blue = (Tag.objects.create(owner=alice, name=name) for name in ("red", "blue"))
    for tag, image in ((red, first), (red, second), (blue, second)):
        ImageTag.objects.create(tag=tag, image=image, sort_key=image.sort_key)
    album = Album.objects.create(owner=alice, name="Walls")
    AlbumImage.objects.create(album=album, image=first, position=1, sort_key=first.sort_key)
    assert found(GalleryFilter(fav=True), alice) == {"first"}
    assert found(GalleryFilter(tag=(red.pk,)), alice) == {"first", "second"}
    assert found(GalleryFilter(tag=(red.pk, blue.pk)), alice) == {"second"}
    assert found(GalleryFilter(tag=(red.pk, 9999)), alice) == set()
    assert found(GalleryFilter(album=album.pk), alice) == {"first"}
    assert found(GalleryFilter(album=album.pk, q="second"), alice) == set()


def test_filters_go_through_an_address_and_back(alice: User) -> None:
    address = (
        "q=red+fox&model=a%2Fb&model=c&shape=square&size=1024x1024&since=2026-01-01"
        "&until=2026-02-01&fav=1&tag=3&album=7c5dc5fd-c92a-43b2-9344-b376cc8ab24d"
    )
    wanted = FilterForm(QueryDict(address)).filter
    assert FilterForm(QueryDict(wanted.as_query())).filter == wanted
    assert wanted.model == ("a/b", "c")
    assert wanted.without("model", "c").model == ("a/b",)
    assert wanted.without("q").q == ""


@pytest.mark.parametrize(
    "address",
    [
        "since=yesterday&until=2026-02-30",
        "tag=x&tag=-1&tag=99999999999999999999&tag=²",
        "album=1&size=0x0&size=axb&shape=round&state=gone&fav=",
        "q=%00&model=%00&model=",
        f"q={'x' * 201}",
    ],
)
def test_what_makes_no_sense_in_an_address_is_left_out(address: str) -> None:
    assert FilterForm(QueryDict(address)).filter.is_empty


def test_triggers_come_back_with_the_next_migration(alice: User, hang: Hang) -> None:
    on = " ON generations_image" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER image_text_insert{on}")
    lost = hang(alice, "a lost one")
    its_words.install(connection)
    its_words.install(connection)
    hang(alice, "a found one")
    if connection.vendor == "postgresql":  # where no migration lifts them
        assert found(GalleryFilter(q="one"), alice) == {"a found one"}
        with connection.cursor() as cursor:
            cursor.execute(its_words.CATCH_UP)
    assert found(GalleryFilter(q="one"), alice) == {"a found one", lost.generation.prompt}
