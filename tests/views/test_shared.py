"""Behind a share link: what it leads to, and that nothing is left of it once it is over."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image as Pillow

from generations import storage
from generations.models import (
    Image,
    SavedSearch,
    ShareLink,
    SharePick,
    User,
)
from generations.services.album import delete_album
from generations.services.image import delete_images, trash_images
from generations.services.share import revoke_link
from generations.services.sorting import Mark, put_on, take_off
from tests.conftest import Hang
from tests.views.sharing import (
    KINDS,
    OPEN,
    addresses,
    album_of,
    answer_of,
    body,
    expire,
    link_with,
    share,
    shared_as,
    shown,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]

UNKNOWN = "0" * 32


def headers_of(response: Any) -> list[tuple[str, str]]:
    return sorted(response.headers.items())


def trash(image: Image, token: str) -> None:
    trash_images(image.owner, [image.pk])


def delete(image: Image, token: str) -> None:
    trash(image, token)
    delete_images(image.owner, [image.pk])


def deactivate(image: Image, token: str) -> None:
    User.objects.update(is_active=False)


ENDS: dict[str, Callable[[Image, str], Any]] = {
    "expired": lambda image, token: expire(token),
    "revoked": lambda image, token: revoke_link(link_with(token), image.owner),
    "creator inactive": deactivate,
}
ENDS_OF_ITS_PICTURE: dict[str, Callable[[Image, str], Any]] = {
    "in the trash": trash,
    "deleted": delete,
    "somebody else's": lambda image, token: Image.objects.update(
        owner=User.objects.create_user("dan")
    ),
}
CASES = [
    *(("image", end) for end in (ENDS | ENDS_OF_ITS_PICTURE).items()),
    *((kind, end) for kind in KINDS for end in ENDS.items()),
]


@pytest.mark.parametrize(("kind", "end"), CASES, ids=[f"{kind} {end[0]}" for kind, end in CASES])
def test_every_address_is_open_before_and_the_same_404_after(
    guest: Client, image: Image, kind: str, end: tuple[str, Callable[[Image, str], Any]]
) -> None:
    token = shared_as(kind, image.owner, [image], **OPEN)
    places = addresses(token, image)
    before = [answer_of(guest, *place) for place in places]
    assert [each.status_code for each in before] == [200] * 6 + [303] * 3
    assert [each["Location"] for each in before[6:]] == [f"../../#p-{image.pk}", "../", "../"]
    end[1](image, token)
    missing = Client().get(f"/s/{UNKNOWN}/")
    assert missing.status_code == 404
    for place in places:
        answer = answer_of(guest, *place)
        found = (answer.status_code, body(answer), headers_of(answer))
        assert found == (404, missing.content, headers_of(missing)), place


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ENDS_OF_ITS_PICTURE)
def test_one_picture_leaves_every_address_at_once(
    guest: Client, image: Image, kind: str, end: str
) -> None:
    token = shared_as(kind, image.owner, [image], **OPEN)
    ENDS_OF_ITS_PICTURE[end](image, token)
    assert shown(guest, token) == []
    with zipfile.ZipFile(io.BytesIO(body(guest.get(f"/s/{token}/zip")))) as archive:
        assert archive.namelist() == []
    places = [place for place in addresses(token, image) if str(image.pk) in place[1]]
    assert len(places) == 5
    assert {answer_of(guest, *place).status_code for place in places} == {404}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [*ENDS, *ENDS_OF_ITS_PICTURE])
def test_archive_under_way_ends_with_the_link(
    guest: Client, image: Image, kind: str, end: str
) -> None:
    token = shared_as(kind, image.owner, [image], **OPEN)
    pieces = guest.get(f"/s/{token}/zip")
    (ENDS | ENDS_OF_ITS_PICTURE)[end](image, token)
    with zipfile.ZipFile(io.BytesIO(body(pieces))) as archive:
        assert archive.namelist() == ["errors.txt"]


@pytest.mark.parametrize(
    "token", ["x", "0" * 500, "%00", "..%2f", "é", "a.b", UNKNOWN.upper(), "%ff"]
)
def test_strange_tokens_are_404(guest: Client, db: None, token: str) -> None:
    assert guest.get(f"/s/{token}/").status_code == 404


def test_token_in_another_spelling_is_404(guest: Client, image: Image) -> None:
    token = share(image.owner, image)
    for other in (token.swapcase(), f"{token}=", f"{token}.", token[:-1]):
        assert guest.get(f"/s/{other}/").status_code == 404


def test_token_is_kept_nowhere(image: Image) -> None:
    token = share(image.owner, image)
    link = ShareLink.objects.get()
    assert len(token) == 32
    assert token not in str(vars(link))
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_page_says_nothing_to_others(guest: Client, image: Image) -> None:
    response = guest.get(f"/s/{share(image.owner, image, **OPEN)}/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    page = text(response)
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert not re.search(r'(?:src|href|srcset|action)="(?:https?:)?//', page)


@pytest.mark.parametrize("size", ["320", "640", "original"])
def test_bytes_are_kept_by_nobody(guest: Client, image: Image, size: str) -> None:
    response = guest.get(f"/s/{share(image.owner, image, **OPEN)}/{image.pk}/{size}")
    assert response["Cache-Control"] == "private, no-store"
    assert Pillow.open(io.BytesIO(body(response))).size[0] in {64, 320, 640}


def test_address_of_the_store_tells_nothing_of_the_link(
    guest: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one place where a guest's browser is sent elsewhere."""
    signed = "https://s3.example/pictures/{}?X-Amz-Signature=1"
    monkeypatch.setattr(
        storage.get_store(), "signed_url", lambda key, **_: signed.format(key), raising=False
    )
    token = share(image.owner, image, **OPEN, shows_prompts=True)
    for size in ("320", "original"):
        response = guest.get(f"/s/{token}/{image.pk}/{size}")
        assert (response.status_code, token in str(response.headers)) == (302, False)
        assert response["Location"].startswith("https://s3.example/")
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"


def test_pictures_that_are_not_behind_the_link_look_missing(
    guest: Client, image: Image, hang: Hang
) -> None:
    token = share(image.owner, image, **OPEN)
    for other in (hang(image.owner).pk, hang(User.objects.create_user("dan")).pk, uuid4()):
        for place in ("", "320", "original"):
            assert guest.get(f"/s/{token}/{other}/{place}").status_code == 404
        assert guest.post(f"/s/{token}/{other}/pick/", {"on": "1"}).status_code == 404
    assert not SharePick.objects.exists()


def test_what_is_not_allowed_looks_missing(guest: Client, image: Image) -> None:
    token = share(image.owner, image)
    home = f"/s/{token}/"
    statuses = {
        address: answer_of(guest, method, f"{home}{address}").status_code
        for method, address in [
            ("get", f"{image.pk}/original"),
            ("get", "zip"),
            ("post", f"{image.pk}/pick/"),
            ("post", "name/"),
        ]
    }
    assert set(statuses.values()) == {404}
    page = text(guest.get(home))
    assert "original" not in page
    assert "/pick/" not in page


def test_album_is_shown_in_its_order_as_it_is_now(guest: Client, alice: User, hang: Hang) -> None:
    a, b, c = hung(hang, alice, 3)
    album = album_of(alice, b, a)
    token = share(alice, album)
    assert shown(guest, token) == [str(b.pk), str(a.pk)]
    put_on(Mark(album), alice, [c.pk])
    take_off(Mark(album), alice, [b.pk])
    assert shown(guest, token) == [str(a.pk), str(c.pk)]
    assert guest.get(f"/s/{token}/{b.pk}/").status_code == 404


def test_deleted_album_takes_its_links_along(guest: Client, alice: User, hang: Hang) -> None:
    album = album_of(alice, hang(alice))
    token = share(alice, album)
    delete_album(album)
    assert guest.get(f"/s/{token}/").status_code == 404


def test_search_shows_what_it_finds_now(guest: Client, alice: User, hang: Hang) -> None:
    search = SavedSearch.objects.create(owner=alice, name="Foxes", query="q=fox")
    fox, hare = hang(alice, "a red fox"), hang(alice, "a hare")
    token = share(alice, search)
    assert shown(guest, token) == [str(fox.pk)]
    assert guest.get(f"/s/{token}/{hare.pk}/").status_code == 404
    later = hang(alice, "a fox cub")
    assert set(shown(guest, token)) == {str(fox.pk), str(later.pk)}


@pytest.mark.parametrize("query", ["", "group=run", "nonsense=1"])
def test_search_that_filters_nothing_shows_nothing(
    guest: Client, alice: User, hang: Hang, query: str
) -> None:
    search = SavedSearch.objects.create(owner=alice, name="All", query=query)
    picture = hang(alice)
    token = share(alice, search)
    assert shown(guest, token) == []
    assert guest.get(f"/s/{token}/{picture.pk}/").status_code == 404


def test_search_of_somebody_elses_album_shows_nothing(
    guest: Client, alice: User, bob: User, hang: Hang
) -> None:
    theirs = album_of(bob, hang(bob))
    search = SavedSearch.objects.create(owner=alice, name="Theirs", query=f"album={theirs.pk}")
    assert shown(guest, share(alice, search)) == []


def test_selection_leaves_out_what_was_thrown_away(guest: Client, alice: User, hang: Hang) -> None:
    a, b = hang(alice), hang(alice)
    token = share(alice, ids=(a.pk, b.pk))
    assert len(shown(guest, token)) == 2
    trash_images(alice, [a.pk])
    assert shown(guest, token) == [str(b.pk)]
    assert guest.get(f"/s/{token}/{a.pk}/").status_code == 404


def hung(hang: Hang, owner: User, count: int) -> list[Image]:
    """So many pictures, each a minute older than the one before."""
    newest = datetime(2026, 5, 4, 12, tzinfo=UTC)
    return [hang(owner, when=newest - timedelta(minutes=number)) for number in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_pages_show_every_picture_once_and_number_them(
    guest: Client, alice: User, hang: Hang, kind: str
) -> None:
    made = hung(hang, alice, 130)
    token = shared_as(kind, alice, made)
    seen, sizes = list[str](), list[int]()
    query: str | None = ""
    while query is not None:
        page = text(guest.get(f"/s/{token}/{query}"))
        assert f">Picture {len(seen) + 1}<" in page
        found = shown(guest, token, query)
        seen += found
        sizes.append(len(found))
        link = re.search(r'rel="next" href="/s/[^/]+/([^"]+)"', page)
        query = link[1] if link else None
    assert sizes == [60, 60, 10]
    assert seen == [str(image.pk) for image in made]


@pytest.mark.parametrize("kind", KINDS)
def test_links_lead_from_picture_to_picture(
    guest: Client, alice: User, hang: Hang, kind: str
) -> None:
    made = hung(hang, alice, 3)
    token = shared_as(kind, alice, made)
    page = text(guest.get(f"/s/{token}/{made[1].pk}/"))
    links = dict(re.findall(r'rel="(prev|next|up)" href="([^"]+)"', page))
    assert links == {
        "prev": f"/s/{token}/{made[0].pk}/",
        "next": f"/s/{token}/{made[2].pk}/",
        "up": f"/s/{token}/#p-{made[1].pk}",
    }
    assert "Picture 2" in page


@pytest.mark.parametrize("kind", KINDS)
def test_page_costs_the_same_for_one_picture_and_for_thirty(
    guest: Client,
    alice: User,
    hang: Hang,
    kind: str,
    django_assert_max_num_queries: Any,
) -> None:
    counts = []
    for number in (1, 30):
        made = hung(hang, alice, number)
        token = shared_as(kind, alice, made)
        guest.get(f"/s/{token}/")
        with django_assert_max_num_queries(30) as queries:
            guest.get(f"/s/{token}/")
        counts.append(len(queries))
        SavedSearch.objects.all().delete()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=9.9.9", "?after=-1.0", "?after=", "?page=-1"]
)
def test_page_of_a_mistyped_address_is_some_page(
    guest: Client, alice: User, hang: Hang, query: str
) -> None:
    token = share(alice, album_of(alice, hang(alice)))
    assert guest.get(f"/s/{token}/{query}").status_code == 200
