"""The owner's side of share links: made, looked after, revoked; and nobody else's business."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.utils import timezone

from generations.models import Image, SavedSearch, ShareLink, User
from generations.services import share as service
from generations.services.image import trash_images
from tests.conftest import Hang
from tests.views.sharing import OPEN, album_of, expire, link_with, share

pytestmark = [pytest.mark.db]

NEW = "/shares/new/"


def ask(client: Client, **fields: Any) -> Any:
    return client.post(NEW, {"days": "30", "key": str(uuid4())} | fields)


def address_in(response: Any) -> str:
    found = re.search(r'id="share-address">http://[^/]+(/s/[^<]+)<', response.content.decode())
    assert found
    return found[1]


@pytest.fixture
def things(alice: User, hang: Hang) -> dict[str, Any]:
    picture = hang(alice, "a red fox")
    return {
        "image": picture,
        "album": album_of(alice, picture),
        "search": SavedSearch.objects.create(owner=alice, name="Foxes", query="q=fox"),
    }


@pytest.mark.parametrize("kind", ["image", "album", "search"])
def test_one_thing_is_shared(as_alice: Client, things: dict[str, Any], kind: str) -> None:
    where = {"kind": kind, "target": str(things[kind].pk)}
    assert "Make the link" in as_alice.get(NEW, where).content.decode()
    address = address_in(ask(as_alice, **where))
    assert ShareLink.objects.get().target == things[kind]
    assert Client().get(address).status_code == 200


def test_chosen_pictures_are_shared(as_alice: Client, alice: User, hang: Hang) -> None:
    ids = ",".join(str(hang(alice).pk) for _ in range(3))
    form = as_alice.post(NEW, {"ids": ids, "album": str(uuid4()), "action": "share"})
    assert (form.status_code, ShareLink.objects.count()) == (200, 0)
    assert "Share 3 pictures" in form.content.decode()
    address = address_in(ask(as_alice, ids=ids))
    assert ShareLink.objects.get().share_images.count() == 3
    assert "3 pictures" in Client().get(address).content.decode()


def test_all_results_are_shared_as_they_are_now(as_alice: Client, alice: User, hang: Hang) -> None:
    hang(alice, "a red fox"), hang(alice, "a hare")
    form = as_alice.post(NEW, {"all": "1", "filter": "q=fox"})
    assert "Share 1 picture" in form.content.decode()


def test_terms_are_kept_as_they_were_chosen(as_alice: Client, things: dict[str, Any]) -> None:
    chosen = {"title": " For\n Gus ", "days": "7", "password": "open sesame"}
    boxes = {"shows_prompts": "on", "allows_download": "on"}
    ask(as_alice, kind="image", target=things["image"].pk, **chosen, **boxes)
    link = ShareLink.objects.get()
    assert (link.title, link.shows_prompts, link.allows_download) == ("For Gus", True, True)
    assert (link.shows_cost, link.shows_creator, link.allows_picks) == (False, False, False)
    left = link.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert "open sesame" not in link.password
    assert check_password("open sesame", link.password)


def test_form_offers_thirty_days_and_the_albums_name(
    as_alice: Client, things: dict[str, Any]
) -> None:
    where = {"kind": "album", "target": str(things["album"].pk)}
    html = as_alice.get(NEW, where).content.decode()
    assert '<option value="30" selected>30 days</option>' in html
    assert 'value="Coast"' in html
    assert re.findall(r'type="checkbox" name="(\w+)"[^>]* checked', html) == ["allows_picks"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"days": "365"}, "Select a valid choice."),
        ({"days": "0"}, "Select a valid choice."),
        ({"days": ""}, "This field is required."),
        ({"password": "short"}, "Ensure this value has at least 6 characters"),
        ({"title": "x" * 101}, "Ensure this value has at most 100 characters"),
    ],
)
def test_terms_that_make_no_sense_are_said_and_nothing_is_made(
    as_alice: Client, things: dict[str, Any], fields: dict[str, str], sentence: str
) -> None:
    response = ask(as_alice, kind="image", target=things["image"].pk, **fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not ShareLink.objects.exists()


def test_form_sent_twice_makes_one_link(as_alice: Client, things: dict[str, Any]) -> None:
    key = str(uuid4())
    for _ in range(2):
        response = ask(as_alice, kind="image", target=things["image"].pk, key=key)
    assert (response.status_code, response["Location"]) == (303, "/shares/")
    assert "made already" in as_alice.get("/shares/").content.decode()
    assert ShareLink.objects.count() == 1


def test_address_is_shown_once(as_alice: Client, things: dict[str, Any]) -> None:
    address = address_in(ask(as_alice, kind="image", target=things["image"].pk))
    link = ShareLink.objects.get()
    for page in ("/shares/", f"/shares/{link.pk}/"):
        assert address not in as_alice.get(page).content.decode()


@pytest.mark.parametrize("kind", ["image", "album", "search"])
def test_somebody_elses_thing_looks_missing(
    as_carol: Client, things: dict[str, Any], kind: str
) -> None:
    where = {"kind": kind, "target": str(things[kind].pk)}
    assert as_carol.get(NEW, where).status_code == 404
    assert ask(as_carol, **where).status_code == 404
    assert not ShareLink.objects.exists()


def test_somebody_elses_pictures_are_left_out_of_a_selection(
    as_alice: Client, alice: User, carol: User, hang: Hang
) -> None:
    mine, hers = hang(alice), hang(carol)
    ask(as_alice, ids=f"{mine.pk},{hers.pk},{uuid4()}")
    assert [row.image for row in ShareLink.objects.get().share_images.all()] == [mine]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"ids": "x"}, 400),
        ({"kind": "image", "target": "x"}, 404),
        ({"kind": "search", "target": "٣"}, 404),
        ({"kind": "search", "target": "9" * 36}, 404),
        ({"kind": "team", "target": "1"}, 400),
        ({"all": "1", "filter": "sort=password"}, 400),
    ],
)
def test_target_that_makes_no_sense_is_refused(
    as_alice: Client, fields: dict[str, str], status: int
) -> None:
    assert ask(as_alice, **fields).status_code == status
    assert not ShareLink.objects.exists()


def test_pictures_that_have_gone_are_said_to_have(
    as_alice: Client, alice: User, hang: Hang
) -> None:
    picture = hang(alice)
    trash_images(alice, [picture.pk])
    response = ask(as_alice, ids=str(picture.pk))
    assert (response.status_code, ShareLink.objects.count()) == (400, 0)
    assert (
        "None of these pictures is there any more, or yours to share." in response.content.decode()
    )


def test_most_links_and_most_pictures_are_said(
    as_alice: Client, alice: User, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ",".join(str(hang(alice).pk) for _ in range(2))
    monkeypatch.setattr(service, "MOST_CHOSEN", 1)
    assert "pictures at most can be shared" in ask(as_alice, ids=ids).content.decode()
    monkeypatch.setattr(service, "MOST_CHOSEN", 2)
    monkeypatch.setattr(service, "MOST_LINKS", 1)
    assert ask(as_alice, ids=ids).status_code == 200
    assert "links already" in ask(as_alice, ids=ids).content.decode()


# Looking after them


def test_revoked_at_once_and_for_good(as_alice: Client, things: dict[str, Any]) -> None:
    token = share(things["image"].owner, things["image"])
    page = f"/shares/{link_with(token).pk}/"
    assert Client().get(f"/s/{token}/").status_code == 200
    assert as_alice.post(f"{page}revoke/").status_code == 303
    assert Client().get(f"/s/{token}/").status_code == 404
    assert as_alice.post(f"{page}extend/", {"days": "30"}).status_code == 409
    assert Client().get(f"/s/{token}/").status_code == 404
    assert "revoked" in as_alice.get(page).content.decode()


def test_expired_link_can_be_opened_again(as_alice: Client, things: dict[str, Any]) -> None:
    token = share(things["image"].owner, things["image"])
    expire(token)
    assert Client().get(f"/s/{token}/").status_code == 404
    as_alice.post(f"/shares/{link_with(token).pk}/extend/", {"days": "7"})
    assert Client().get(f"/s/{token}/").status_code == 200


@pytest.mark.parametrize("days", ["365", "", "-1", "abc"])
def test_link_is_not_extended_for_ever(as_alice: Client, things: dict[str, Any], days: str) -> None:
    token = share(things["image"].owner, things["image"])
    until = link_with(token).expires_at
    response = as_alice.post(f"/shares/{link_with(token).pk}/extend/", {"days": days})
    assert (response.status_code, link_with(token).expires_at) == (400, until)


@pytest.mark.parametrize(
    ("method", "path"), [("get", ""), ("post", "revoke/"), ("post", "extend/")]
)
def test_somebody_elses_link_looks_missing(
    as_carol: Client, things: dict[str, Any], method: str, path: str
) -> None:
    token = share(things["image"].owner, things["image"])
    hers = getattr(as_carol, method)(f"/shares/{link_with(token).pk}/{path}", {"days": "90"})
    missing = getattr(as_carol, method)(f"/shares/{uuid4()}/{path}", {"days": "90"})
    assert (hers.status_code, hers.content) == (404, missing.content)
    assert Client().get(f"/s/{token}/").status_code == 200


def test_list_is_ones_own(as_alice: Client, as_carol: Client, things: dict[str, Any]) -> None:
    for thing in things.values():
        share(thing.owner, thing, allows_picks=True)
    html = as_alice.get("/shares/").content.decode()
    assert re.findall(r'dir="auto">([^<]+)</a>', html) == [
        "Search “Foxes”",
        "Album “Coast”",
        "One picture",
    ]
    assert "No link yet" in as_carol.get("/shares/").content.decode()


def test_every_link_that_is_open_can_be_revoked_from_the_list(
    as_alice: Client, alice: User, hang: Hang
) -> None:
    image = hang(alice)
    oldest = link_with(share(alice, image))
    fields: dict[str, Any] = {"creator": alice, "kind": "image", "image": image}
    later = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=1)}
    ShareLink.objects.bulk_create(
        ShareLink(token_hash=str(number), **fields, **later) for number in range(499)
    )
    ShareLink.objects.bulk_create(
        ShareLink(token_hash=f"-{number}", revoked_at=timezone.now(), **fields, **later)
        for number in range(120)
    )
    html = as_alice.get("/shares/").content.decode()
    assert html.count('data-link="live"') == 500
    assert f"/shares/{oldest.pk}/revoke/" in html
    assert html.count('data-link="revoked"') == 100


def test_list_costs_the_same_for_one_link_and_for_thirty(
    as_alice: Client, things: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (1, 29):
        for _ in range(number):
            share(things["album"].owner, things["album"], **OPEN)
        as_alice.get("/shares/")
        with django_assert_max_num_queries(30) as queries:
            as_alice.get("/shares/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_owner_sees_who_picked_what_and_when_it_was_looked_at(
    as_alice: Client, image: Image, hang: Hang
) -> None:
    other = hang(image.owner, "a hare")
    token = share(image.owner, album_of(image.owner, image, other), **OPEN)
    gus, nobody = Client(), Client()
    gus.get(f"/s/{token}/")
    gus.post(f"/s/{token}/{image.pk}/pick/", {"on": "1"})
    gus.post(f"/s/{token}/name/", {"name": "Gus"})
    for picture in (image, other):
        nobody.post(f"/s/{token}/{picture.pk}/pick/", {"on": "1"})
    html = as_alice.get(f"/shares/{link_with(token).pk}/").content.decode()
    picked = re.findall(r"<h2><bdi>([^<]+)</bdi> picked (\d+)</h2>", html)
    assert picked == [("Gus", "1"), ("Guest 2", "2")]
    assert f'href="/images/{image.pk}/"' in html
    assert "the page 1×, picks 3×" in html
    assert "1 view · 3 picks" in as_alice.get("/shares/").content.decode()
    trash_images(image.owner, [other.pk])
    html = as_alice.get(f"/shares/{link_with(token).pk}/").content.decode()
    assert "</bdi> picked 2" not in html


def test_picks_go_into_an_album(as_alice: Client, image: Image) -> None:
    token = share(image.owner, image, **OPEN)
    Client().post(f"/s/{token}/{image.pk}/pick/", {"on": "1"})
    page = f"/shares/{link_with(token).pk}/"
    html = as_alice.get(page).content.decode()
    found = dict(re.findall(r'name="(ids|next|new_album)" value="([^"]+)"', html))
    response = as_alice.post("/selection/", found | {"action": "album"})
    assert (response.status_code, response["Location"]) == (303, page)
    assert [each.image for each in image.album_images.all()] == [image]


@pytest.mark.parametrize("path", ["", "new/"])
def test_sign_in_is_asked_for(client: Client, db: None, path: str) -> None:
    assert client.get(f"/shares/{path}")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("/images/{image}/", "kind=image&amp;target={image}"),
        ("/albums/{album}/", "kind=album&amp;target={album}"),
        ("/searches/", "kind=search&amp;target={search}"),
    ],
)
def test_every_thing_offers_to_be_shared(
    as_alice: Client, things: dict[str, Any], page: str, query: str
) -> None:
    names = {name: thing.pk for name, thing in things.items()}
    html = as_alice.get(page.format(**names)).content.decode()
    assert f'href="/shares/new/?{query.format(**names)}"' in html
