"""What the selection's bar sends: many pictures at once, by id or by filter."""

import re
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generations.models import Album, Favorite, Image, ImageTag, User
from generations.services.image import trash_images
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def three(alice: User, hang: Hang) -> list[UUID]:
    return [hang(alice, prompt=f"canary {word}").pk for word in ("fox", "hare", "owl")]


def send(client: Client, action: str, ids: list[UUID] | str, **fields: str) -> str:
    """What a script is told, in one line."""
    named = ids if isinstance(ids, str) else ",".join(map(str, ids))
    response = client.post("/selection/", {"action": action, "ids": named} | fields, **HTMX)
    assert response.status_code == 200, response.content
    html = response.content.decode()
    assert '<div id="notice" role="alert" hx-swap-oob="true">' in html
    found = re.search(r"<p>(.*?)</p>", html)
    assert found
    return found[1].replace("&#x27;", "'")


def undo_token(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found, html
    return found[1]


def test_each_action_says_what_it_did(as_alice: Client, three: list[UUID]) -> None:
    told = [
        send(as_alice, "favorite", three),
        send(as_alice, "tag", three[:2], tag="  Sea \n"),
        send(as_alice, "tag", three, tag="sea"),
        send(as_alice, "untag", three[:1], tag="SEA"),
        send(as_alice, "album", three, new_album="Coast {0}"),
        send(as_alice, "unfavorite", three[1:]),
        send(as_alice, "trash", three[:2]),
        send(as_alice, "trash", three),
        send(as_alice, "restore", three),
        send(as_alice, "unalbum", three, album=str(Album.objects.get().pk)),
    ]
    assert told == [
        "3 pictures added to your favourites.",
        "2 pictures tagged “Sea”.",
        "1 picture tagged “Sea”. 2 were so already.",
        "“Sea” taken off 1 picture.",
        "3 pictures added to “Coast {0}”.",
        "2 pictures taken out of your favourites.",
        "2 pictures moved to the trash.",
        "1 picture moved to the trash. 2 were so already.",
        "3 pictures back in the gallery.",
        "3 pictures taken out of “Coast {0}”.",
    ]


def test_others_missing_and_nonsense_are_only_counted(
    as_alice: Client, three: list[UUID], bob: User, hang: Hang
) -> None:
    foreign = hang(bob, prompt="canary-bob")
    ids = [str(three[0]), str(three[0]).upper(), str(foreign.pk), str(uuid4()), "nonsense", "1' OR"]
    said = send(as_alice, "favorite", ",".join(ids))
    assert said == "1 picture added to your favourites. 5 not found."
    assert list(Favorite.objects.values_list("image_id", flat=True)) == [three[0]]
    foreign.refresh_from_db()
    send(as_alice, "trash", [foreign.pk])
    foreign.refresh_from_db()
    assert foreign.trashed_at is None


def test_ten_thousand_ids_are_taken_and_one_more_is_not(
    as_alice: Client, three: list[UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [*three, *(uuid4() for _ in range(9_997))]
    with django_assert_max_num_queries(110):
        said = send(as_alice, "favorite", ids)
    assert said == "3 pictures added to your favourites. 9,997 not found."
    fields = {"action": "trash", "ids": ",".join(map(str, [*ids, uuid4()]))}
    response = as_alice.post("/selection/", fields, **HTMX)
    assert response.status_code == 400
    assert "10,000 pictures at once are the most" in response.content.decode()
    assert not Image.objects.exclude(trashed_at=None).exists()


def test_all_results_are_those_of_the_filter(
    as_alice: Client, three: list[UUID], bob: User, hang: Hang
) -> None:
    hang(bob, prompt="a fox of bob's")
    fields = {"action": "tag", "tag": "found", "all": "1", "filter": "q=fox"}
    response = as_alice.post("/selection/", fields, **HTMX)
    assert (response.status_code, response["HX-Refresh"]) == (200, "true")
    assert list(ImageTag.objects.values_list("image_id", flat=True)) == [three[0]]
    page = as_alice.get("/").content.decode()
    assert "1 picture tagged “found”." in page
    as_alice.post("/selection/undo/", {"token": undo_token(page)})
    assert not ImageTag.objects.exists()


def test_undo_from_an_answer(as_alice: Client, as_carol: Client, three: list[UUID]) -> None:
    fields = {"action": "trash", "ids": ",".join(map(str, three))}
    token = undo_token(as_alice.post("/selection/", fields, **HTMX).content.decode())
    assert as_carol.post("/selection/undo/", {"token": token}).status_code == 409
    assert Image.objects.filter(trashed_at=None).count() == 0
    response = as_alice.post("/selection/undo/", {"token": token, "next": "/trash/"})
    assert (response.status_code, response["Location"]) == (303, "/trash/")
    assert Image.objects.filter(trashed_at=None).count() == 3
    assert as_alice.post("/selection/undo/", {"token": f"{token}x"}).status_code == 409


def test_without_scripts_it_leads_back_to_the_page(as_alice: Client, three: list[UUID]) -> None:
    fields = {"action": "trash", "ids": [str(pk) for pk in three], "next": "/?q=fox"}
    response = as_alice.post("/selection/", fields)
    assert (response.status_code, response["Location"]) == (303, "/?q=fox")
    html = as_alice.get("/").content.decode()
    assert "3 pictures moved to the trash." in html
    assert undo_token(html)


@pytest.mark.parametrize("place", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_it_never_leads_elsewhere(as_alice: Client, three: list[UUID], place: str) -> None:
    fields = {"action": "favorite", "ids": str(three[0]), "next": place}
    assert as_alice.post("/selection/", fields)["Location"] == "/"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "tag"}, "Write a tag."),
        ({"action": "tag", "tag": "x" * 51}, "at most 50 characters"),
        ({"action": "album"}, "Choose an album"),
        ({"action": "unalbum"}, "Choose an album."),
        ({"action": "explode"}, "Select a valid choice"),
        ({}, "required"),
    ],
)
def test_refused_with_a_sentence(
    as_alice: Client, three: list[UUID], fields: dict[str, str], sentence: str
) -> None:
    response = as_alice.post("/selection/", {"ids": str(three[0])} | fields, **HTMX)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_somebody_elses_album_and_tag_are_gone_ones(
    as_carol: Client, carol: User, alice: User, three: list[UUID], hang: Hang
) -> None:
    own = hang(carol).pk
    album = Album.objects.create(owner=alice, name="canary")
    for fields in (
        {"action": "album", "album": str(album.pk)},
        {"action": "untag", "tag": "canary"},
    ):
        response = as_carol.post("/selection/", {"ids": str(own)} | fields, **HTMX)
        assert response.status_code == 409
        assert "canary" not in response.content.decode()


def test_deleting_for_good_asks_first(as_alice: Client, alice: User, three: list[UUID]) -> None:
    trash_images(alice, three)
    asked = as_alice.post("/selection/", {"action": "delete", "ids": str(three[0])})
    assert "Delete 1 picture for good?" in asked.content.decode()
    asked = as_alice.post("/selection/", {"action": "delete", "all": "1"})
    assert "Delete everything in the trash for good?" in asked.content.decode()
    assert as_alice.get("/selection/count/?kind=trash").json() == {"text": "3"}
    as_alice.post("/selection/", {"action": "delete", "all": "1", "sure": "1"})
    assert as_alice.get("/selection/count/?kind=trash").json() == {"text": "0"}
    assert "The trash is empty" in as_alice.get("/trash/").content.decode()


@pytest.mark.parametrize(
    "query", ["q=%00", "colour=red", "since=yesterday", "q=fox&shape=round", "fav=0"]
)
def test_a_filter_that_cannot_be_read_is_not_everything(
    as_alice: Client, three: list[UUID], query: str
) -> None:
    fields = {"action": "trash", "all": "1", "filter": query}
    response = as_alice.post("/selection/", fields, **HTMX)
    assert response.status_code == 400
    assert as_alice.post("/selection/", fields).status_code == 303
    assert not Image.objects.exclude(trashed_at=None).exists()


def test_count_is_of_the_filter(as_alice: Client, as_carol: Client, three: list[UUID]) -> None:
    assert as_alice.get("/selection/count/?kind=gallery&filter=q%3Dfox").json() == {"text": "1"}
    assert as_alice.get("/selection/count/?kind=gallery").json() == {"text": "3"}
    assert as_carol.get("/selection/count/?kind=gallery").json() == {"text": "0"}
    assert as_alice.get("/selection/count/?kind=elsewhere").status_code == 404


@pytest.mark.parametrize("address", ["/selection/", "/selection/undo/"])
def test_forged_form_does_nothing(alice: User, three: list[UUID], address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    fields = {"action": "trash", "ids": str(three[0]), "token": "x"}
    assert client.post(address, fields).status_code == 403
    assert Client().post(address, fields).status_code == 404
    assert not Image.objects.exclude(trashed_at=None).exists()
