"""One picture's heart, tags and albums; the pages of albums, tags and trash."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import policy, storage
from generations.models import Album, AlbumImage, Favorite, Image, Tag, User
from generations.queries.albums import covers
from generations.services.album import album_named, set_cover
from generations.services.image import trash_images
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.storage import keys
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def image(alice: User, hang: Hang) -> Image:
    return hang(alice, prompt="canary-alice fox")


@pytest.fixture
def album(alice: User, image: Image) -> Album:
    album = album_named(alice, "canary-album")
    put_on(Mark(album), alice, [image.pk])
    return album


@pytest.fixture
def tag(alice: User, image: Image) -> Tag:
    tag = tag_named(alice, "canary-tag")
    put_on(Mark(tag), alice, [image.pk])
    return tag


def own_addresses(image: Image, album: Album, tag: Tag) -> dict[str, str]:
    return {
        "favorite": f"/images/{image.pk}/favorite/",
        "trash": f"/images/{image.pk}/trash/",
        "sort": f"/images/{image.pk}/sort/",
        "album": f"/albums/{album.pk}/",
        "arrange": f"/albums/{album.pk}/arrange/",
        "edit": f"/albums/{album.pk}/edit/",
        "delete": f"/albums/{album.pk}/delete/",
        "move": f"/albums/{album.pk}/move/",
        "cover": f"/albums/{album.pk}/cover/",
        "rename tag": f"/tags/{tag.pk}/rename/",
        "delete tag": f"/tags/{tag.pk}/delete/",
    }


def test_strangers_find_nothing_anywhere(
    as_carol: Client, image: Image, album: Album, tag: Tag
) -> None:
    fields = {"on": "1", "image": str(image.pk), "step": "1", "name": "mine now"}
    for name, address in own_addresses(image, album, tag).items():
        missing = address.replace(str(image.pk), str(uuid4())).replace(str(album.pk), str(uuid4()))
        missing = missing.replace(f"/tags/{tag.pk}/", "/tags/999999/")
        for send in (as_carol.get, as_carol.post):
            found, absent = send(address, fields), send(missing, fields)
            assert found.status_code in {404, 405}, name
            assert (found.status_code, found.content) == (absent.status_code, absent.content)
    for address in ("/albums/", "/tags/", "/trash/"):
        assert "canary" not in as_carol.get(address).content.decode()
    assert (Favorite.objects.count(), Tag.objects.get().name) == (0, "canary-tag")
    assert Album.objects.get().name == "canary-album"


@pytest.mark.parametrize("address", ["/albums/", "/tags/", "/trash/"])
def test_pages_ask_for_sign_in(client: Client, db: None, address: str) -> None:
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


def test_heart_on_and_off(as_alice: Client, image: Image) -> None:
    address = f"/images/{image.pk}/favorite/"
    for on, count in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        response = as_alice.post(address, {"on": on, "next": f"/images/{image.pk}/"})
        assert (response.status_code, response["Location"]) == (303, f"/images/{image.pk}/")
        assert Favorite.objects.count() == count
    assert as_alice.post(address, {"on": "1"}, HTTP_HX_REQUEST="true").status_code == 204
    assert as_alice.post(address, {"on": "maybe"}).status_code == 404


def test_sort_page_tells_what_the_pictures_carry(
    as_alice: Client, alice: User, image: Image, album: Album, tag: Tag, hang: Hang
) -> None:
    other = hang(alice)
    html = as_alice.get(f"/images/{image.pk}/sort/").content.decode()
    assert 'value="untag"' in html
    assert 'value="unalbum"' in html
    html = as_alice.get(f"/images/{image.pk}/sort/?ids={other.pk}").content.decode()
    assert html.count("1 of 2") == 2
    assert "Tags and albums of 2 pictures" in html
    panel = as_alice.get(f"/images/{image.pk}/sort/?part=tags", HTTP_HX_REQUEST="true")
    assert "<html" not in panel.content.decode()
    assert "canary-album" not in panel.content.decode()


def test_album_from_making_to_deleting(as_alice: Client, image: Image) -> None:
    made = as_alice.post("/albums/", {"name": "  Coast \t line "})
    album = Album.objects.get()
    assert (made.status_code, made["Location"], album.name) == (
        303,
        f"/albums/{album.pk}/",
        "Coast line",
    )
    as_alice.post("/selection/", {"action": "album", "album": album.pk, "ids": str(image.pk)})
    assert f"/images/{image.pk}/" in as_alice.get(f"/albums/{album.pk}/").content.decode()
    fields = {"name": "Shore", "description": "Wind & <b>waves</b>"}
    as_alice.post(f"/albums/{album.pk}/edit/", fields)
    html = as_alice.get(f"/albums/{album.pk}/").content.decode()
    assert "Wind &amp; &lt;b&gt;waves&lt;/b&gt;" in html
    assert "Shore" in as_alice.get("/albums/").content.decode()
    assert as_alice.get(f"/albums/{album.pk}/delete/").status_code == 200
    assert as_alice.post(f"/albums/{album.pk}/delete/")["Location"] == "/albums/"
    assert (Album.objects.count(), Image.objects.filter(trashed_at=None).count()) == (0, 1)


def test_album_needs_a_name_that_is_free(as_alice: Client, alice: User, album: Album) -> None:
    assert as_alice.post("/albums/", {"name": " "}).status_code == 422
    other = album_named(alice, "Other")
    taken = as_alice.post(f"/albums/{other.pk}/edit/", {"name": "CANARY-album"})
    assert taken.status_code == 422
    assert "You have an album of this name." in taken.content.decode()
    other.refresh_from_db()
    assert other.name == "Other"


def in_order(album: Album) -> list[UUID]:
    rows = AlbumImage.objects.filter(album=album).order_by("position", "pk")
    return list(rows.values_list("image_id", flat=True))


def test_order_step_by_step_and_the_cover(
    as_alice: Client, alice: User, album: Album, image: Image, hang: Hang
) -> None:
    second, third = hang(alice).pk, hang(alice).pk
    put_on(Mark(album), alice, [second, third])
    address = f"/albums/{album.pk}/move/"
    first = image.pk
    for moved, step, expected in (
        (first, "1", [second, first, third]),
        (third, "-1", [second, third, first]),
        (second, "-1", [second, third, first]),
        (first, "1", [second, third, first]),
    ):
        response = as_alice.post(address, {"image": moved, "step": step})
        assert response["Location"] == f"/albums/{album.pk}/arrange/#place-{moved}"
        assert in_order(album) == expected
    as_alice.post(address, {"image": first, "before": second}, HTTP_HX_REQUEST="true")
    assert in_order(album) == [first, second, third]
    as_alice.post(f"/albums/{album.pk}/cover/", {"image": third})
    assert Album.objects.get().cover_id == third
    stray = hang(alice).pk
    assert as_alice.post(f"/albums/{album.pk}/cover/", {"image": stray}).status_code == 404


def test_trashed_picture_is_no_cover_and_not_counted(
    alice: User, album: Album, image: Image, hang: Hang
) -> None:
    second = hang(alice)
    put_on(Mark(album), alice, [second.pk])
    set_cover(album, second)
    [found] = covers(alice)
    assert found.picture
    assert (found.picture.image_id, found.count_text) == (second.pk, "2 pictures")
    trash_images(alice, [second.pk])
    [found] = covers(alice)
    assert found.picture
    assert (found.picture.image_id, found.count_text) == (image.pk, "1 picture")


def test_album_pages_go_on_where_the_last_one_ended(
    as_alice: Client, alice: User, hang: Hang
) -> None:
    album = album_named(alice, "Long")
    made = [hang(alice, prompt=f"picture-{number}-").pk for number in range(65)]
    put_on(Mark(album), alice, made)
    first = as_alice.get(f"/albums/{album.pk}/")
    seen = [card.image_id for card in first.context["cards"]]
    following = as_alice.get(f"/albums/{album.pk}/{first.context['next_url']}")
    seen += [card.image_id for card in following.context["cards"]]
    assert seen == made
    assert following.context["next_url"] is None


@pytest.mark.parametrize("count", [1, 30])
def test_lists_cost_the_same_however_long(
    as_alice: Client,
    alice: User,
    hang: Hang,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [hang(alice).pk for _ in range(count)]
    for number in range(count):
        put_on(Mark(album_named(alice, f"Album {number}")), alice, made[:1])
        put_on(Mark(tag_named(alice, f"tag {number}")), alice, made[:1])
    with django_assert_max_num_queries(8):
        as_alice.get("/albums/")
    with django_assert_max_num_queries(7):
        as_alice.get("/tags/")
    with django_assert_max_num_queries(9):
        as_alice.get(f"/albums/{Album.objects.all()[0].pk}/")
    trash_images(alice, made)
    with django_assert_max_num_queries(7):
        as_alice.get("/trash/")


def test_tags_are_renamed_merged_and_deleted(as_alice: Client, alice: User, tag: Tag) -> None:
    as_alice.post("/tags/", {"name": "sea"})
    html = as_alice.get("/tags/").content.decode()
    assert "1 picture" in html
    assert f'href="/?tag={tag.pk}"' in html
    as_alice.post(f"/tags/{tag.pk}/rename/", {"name": "Ocean"})
    assert set(Tag.objects.values_list("name", flat=True)) == {"Ocean", "sea"}
    as_alice.post(f"/tags/{tag.pk}/rename/", {"name": "SEA"})
    [left] = Tag.objects.all()
    assert (left.name, left.image_tags.count()) == ("sea", 1)
    assert as_alice.post(f"/tags/{left.pk}/rename/", {"name": ""}).status_code == 422
    assert as_alice.get(f"/tags/{left.pk}/delete/").status_code == 200
    as_alice.post(f"/tags/{left.pk}/delete/")
    assert (Tag.objects.count(), Image.objects.count()) == (0, 1)


@pytest.fixture
def thrown(alice: User, image: Image) -> Image:
    """In the trash, with one preview in the store."""
    content = b"a small picture"
    digest = hashlib.sha256(content).hexdigest()
    key = keys.derived_key(image.key, 320)
    storage.get_store().put_new(key, content, sha256=digest, content_type="image/webp")
    Image.objects.update(edges=[[320, 320, 213]], sizes_done=True)
    trash_images(alice, [image.pk])
    image.refresh_from_db()
    return image


def test_previews_of_the_trash_are_its_owners_alone(
    as_alice: Client, as_carol: Client, thrown: Image
) -> None:
    for address in (f"/images/{thrown.pk}/320", f"/images/{thrown.pk}/original"):
        assert as_alice.get(address).status_code == 404
    for address in (f"/trash/{thrown.pk}/original", f"/trash/{thrown.pk}/77"):
        assert as_alice.get(address).status_code == 404
    for address in (f"/trash/{thrown.pk}/320", f"/trash/{thrown.pk}/"):
        assert as_carol.get(address).status_code == 404
    assert "In the trash, 29 days left" in as_alice.get(f"/trash/{thrown.pk}/").content.decode()
    assert b"".join(as_alice.get(f"/trash/{thrown.pk}/320")) == b"a small picture"


def test_trash_tells_how_long_and_forgets_in_time(
    as_alice: Client, thrown: Image, alice: User, hang: Hang
) -> None:
    old = hang(alice, prompt="canary-old")
    gone = hang(alice, prompt="canary-gone")
    now = timezone.now()
    Image.objects.filter(pk=old.pk).update(trashed_at=now - timedelta(days=29, hours=1))
    Image.objects.filter(pk=gone.pk).update(trashed_at=now - policy.TRASH_KEPT)
    html = as_alice.get("/trash/").content.decode()
    assert "29 days left" in html
    assert "Less than a day left" in html
    assert "canary-old" in html
    assert "canary-gone" not in html
    assert as_alice.get(f"/trash/{gone.pk}/").status_code == 404


def test_trash_pages_go_on_within_one_moment(as_alice: Client, alice: User, hang: Hang) -> None:
    start = datetime(2026, 5, 4, tzinfo=UTC)
    made = [hang(alice, when=start + timedelta(minutes=number)).pk for number in range(130)]
    trash_images(alice, made[:100])
    trash_images(alice, made[100:])
    seen: list[Any] = []
    address: str | None = "/trash/"
    while address:
        context = as_alice.get(address).context
        seen += [card.image_id for group in context["groups"] for card in group.cards]
        address = f"/trash/{context['next_url']}" if context["next_url"] else None
    assert seen == [*reversed(made[100:]), *reversed(made[:100])]


@pytest.mark.parametrize("after", ["", "x", "1", "1.", "9" * 40, "-5.-5", "1.1; DROP", "\x00.1"])
def test_cursors_that_make_no_sense_show_the_first_page(
    as_alice: Client, thrown: Image, album: Album, after: str
) -> None:
    for address in ("/trash/", f"/albums/{album.pk}/"):
        assert as_alice.get(address, {"after": after}).status_code == 200


@pytest.mark.parametrize(
    "after", ["999999999999999999.9999999999999999999", "-9.9", "-9999999999999999.9"]
)
def test_cursors_beyond_everything(
    as_alice: Client, thrown: Image, album: Album, after: str
) -> None:
    for address in ("/trash/", f"/albums/{album.pk}/"):
        assert as_alice.get(address, {"after": after}).status_code == 200
