"""Behind a share link: passwords, picks, where forms come from, and what is written down."""

import logging
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from time_machine import travel

from generations.models import (
    Image,
    ShareGuest,
    SharePick,
    ShareView,
    User,
    Viewed,
)
from generations.redaction import Redacting
from tests.conftest import Hang
from tests.views.sharing import (
    OPEN,
    album_of,
    body,
    expire,
    share,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]


# Passwords


def test_password_opens_every_address(guest: Client, image: Image) -> None:
    token = share(image.owner, image, password="open sesame", **OPEN)
    home = f"/s/{token}/"
    assert "A password is needed" in text(guest.get(home))
    assert "A password is needed" in text(guest.get(f"{home}{image.pk}/"))
    for place in ("320", "640", "original"):
        assert guest.get(f"{home}{image.pk}/{place}").status_code == 404
    assert guest.get(f"{home}zip").status_code == 404
    assert guest.post(f"{home}{image.pk}/pick/", {"on": "1"}).status_code == 404
    response = guest.post(f"{home}unlock/", {"password": "open sesame"})
    assert (response.status_code, response["Location"]) == (303, "../")
    cookie = response.cookies["admission"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (home, True, "Lax")
    for place in ("", "320", "original"):
        assert guest.get(f"{home}{image.pk}/{place}").status_code == 200
    assert Client().get(f"{home}{image.pk}/320").status_code == 404


@pytest.mark.parametrize("tried", ["", "wrong", "open sesame ", "x" * 10_000, "a\x00b"])
def test_wrong_password_is_always_answered_alike(guest: Client, image: Image, tried: str) -> None:
    token = share(image.owner, image, password="open sesame")
    response = guest.post(f"/s/{token}/unlock/", {"password": tried})
    assert response.status_code == 422
    assert "That isn’t the password, or it was tried too often" in text(response)
    assert "admission" not in response.cookies


def test_after_some_wrong_ones_the_right_one_must_wait(guest: Client, image: Image) -> None:
    token = share(image.owner, image, password="open sesame")
    door = f"/s/{token}/unlock/"
    with travel(datetime(2026, 11, 1, 12, tzinfo=UTC), tick=False) as clock:
        for _ in range(4):
            wrong = guest.post(door, {"password": "wrong"})
        early = guest.post(door, {"password": "open sesame"})
        assert early.status_code == 422
        token_field = r'name="csrfmiddlewaretoken" value="[^"]+"'
        assert re.sub(token_field, "", text(early)) == re.sub(token_field, "", text(wrong))
        clock.shift(2)
        assert guest.post(door, {"password": "open sesame"}).status_code == 303


def test_tries_that_come_too_soon_are_not_looked_at(
    guest: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = share(image.owner, image, password="open sesame")
    looked = []
    monkeypatch.setattr(
        "generations.services.shared.check_password", lambda tried, _: looked.append(tried)
    )
    with travel(datetime(2026, 11, 1, 12, tzinfo=UTC), tick=False):
        for number in range(100):
            guest.post(f"/s/{token}/unlock/", {"password": f"try {number}"})
    assert looked == ["try 0", "try 1", "try 2", "try 3"]


def test_another_links_admission_opens_nothing(guest: Client, image: Image) -> None:
    mine = share(image.owner, image, password="open sesame")
    other = share(image.owner, image, password="open sesame")
    guest.post(f"/s/{mine}/unlock/", {"password": "open sesame"})
    stolen = guest.cookies["admission"].value
    answer = Client().get(f"/s/{other}/{image.pk}/320", headers={"Cookie": f"admission={stolen}"})
    assert answer.status_code == 404


# Picks


def test_pick_is_the_guests_own_and_can_be_taken_back(guest: Client, image: Image) -> None:
    token = share(image.owner, album_of(image.owner, image), **OPEN)
    place = f"/s/{token}/{image.pk}/pick/"
    response = guest.post(place, {"on": "1"})
    assert (response.status_code, response["Location"]) == (303, f"../../#p-{image.pk}")
    cookie = response.cookies["guest"]
    assert (cookie["path"], cookie["httponly"]) == (f"/s/{token}/", True)
    assert cookie.value not in str(ShareGuest.objects.values())
    assert 'aria-pressed="true"' in text(guest.get(f"/s/{token}/"))
    assert "1 picked" in text(guest.get(f"/s/{token}/"))
    assert 'aria-pressed="false"' in text(Client().get(f"/s/{token}/"))
    guest.post(place, {"on": "1"})
    assert SharePick.objects.count() == 1
    answer = guest.post(place, {"on": "0"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"0 picked")
    assert ShareGuest.objects.count() == 1


def test_first_picks_of_one_guest_may_come_at_once(image: Image, hang: Hang) -> None:
    other = hang(image.owner)
    token = share(image.owner, album_of(image.owner, image, other), **OPEN)
    cookie = Client().get(f"/s/{token}/").cookies["guest"]
    assert (cookie["path"], ShareGuest.objects.count()) == (f"/s/{token}/", 0)
    for picture in (image, other):  # neither knows of the other's answer
        answer = Client().post(
            f"/s/{token}/{picture.pk}/pick/",
            {"on": "1"},
            headers={"Cookie": f"guest={cookie.value}"},
        )
        assert answer.cookies["guest"].value == cookie.value
    assert (ShareGuest.objects.count(), SharePick.objects.count()) == (1, 2)


@pytest.mark.parametrize("key", ["", "a", "x" * 21])
def test_key_that_could_be_guessed_is_replaced(image: Image, key: str) -> None:
    token = share(image.owner, image, **OPEN)
    answer = Client().post(
        f"/s/{token}/{image.pk}/pick/", {"on": "1"}, headers={"Cookie": f"guest={key}"}
    )
    assert len(answer.cookies["guest"].value) == 22
    assert answer.cookies["guest"].value != key


def test_no_cookie_where_nothing_can_be_picked(guest: Client, image: Image) -> None:
    assert "guest" not in guest.get(f"/s/{share(image.owner, image)}/").cookies


def test_two_guests_picks_are_two(guest: Client, image: Image) -> None:
    token = share(image.owner, image, **OPEN)
    for client in (guest, Client()):
        client.post(f"/s/{token}/{image.pk}/pick/", {"on": "1", "is_picture": "1"})
    assert (ShareGuest.objects.count(), SharePick.objects.count()) == (2, 2)


def test_key_of_one_link_is_nobody_on_another(guest: Client, image: Image) -> None:
    first, second = (share(image.owner, image, **OPEN) for _ in range(2))
    guest.post(f"/s/{first}/{image.pk}/pick/", {"on": "1"})
    key = guest.cookies["guest"].value
    page = Client().get(f"/s/{second}/", headers={"Cookie": f"guest={key}"})
    assert 'aria-pressed="false"' in text(page)


def test_guest_says_a_name(guest: Client, image: Image) -> None:
    token = share(image.owner, album_of(image.owner, image), **OPEN)
    guest.post(f"/s/{token}/name/", {"name": " Gus <b>\n "})
    assert ShareGuest.objects.get().name == "Gus <b>"
    assert 'value="Gus &lt;b&gt;"' in text(guest.get(f"/s/{token}/"))


def test_a_crowd_of_guests_is_refused_with_a_sentence(
    guest: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.services.shared.MOST_GUESTS", 0)
    token = share(image.owner, image, **OPEN)
    response = guest.post(f"/s/{token}/{image.pk}/pick/", {"on": "1"})
    assert response.status_code == 400
    assert "Too many people have picked here already." in text(response)


@pytest.mark.parametrize("fields", [{}, {"on": "yes"}, {"on": ""}])
def test_pick_that_makes_no_sense_changes_nothing(
    guest: Client, image: Image, fields: dict[str, str]
) -> None:
    token = share(image.owner, image, **OPEN)
    assert guest.post(f"/s/{token}/{image.pk}/pick/", fields).status_code == 404
    assert not ShareGuest.objects.exists()


@pytest.mark.parametrize("after", ["//evil.example", "x", "1.2&x=/../"])
def test_way_back_is_never_somewhere_else(guest: Client, image: Image, after: str) -> None:
    token = share(image.owner, image, **OPEN)
    response = guest.post(f"/s/{token}/{image.pk}/pick/", {"on": "1", "after": after})
    assert response["Location"] == f"../../#p-{image.pk}"


# Where forms come from


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "null"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_form_of_a_page_that_tells_nobody_where_it_is(
    image: Image, headers: dict[str, str], status: int
) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = share(image.owner, image, **OPEN)
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text(browser.get(f"/s/{token}/")))
    assert found
    fields = {"on": "1", "csrfmiddlewaretoken": found[1]}
    place = f"/s/{token}/{image.pk}/pick/"
    assert browser.post(place, fields, headers=headers).status_code == status
    assert browser.post(place, {"on": "1"}, headers=headers).status_code == 403


def test_nameless_form_elsewhere_is_forged(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    page = text(browser.get("/albums/"))
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    fields = {"name": "Coast", "csrfmiddlewaretoken": found[1]}
    assert browser.post("/albums/", fields, headers={"Origin": "null"}).status_code == 403


# What is written down


def test_looks_are_counted_by_day_and_kind(guest: Client, image: Image) -> None:
    token = share(image.owner, album_of(image.owner, image), **OPEN)
    for place in ("", "", f"{image.pk}/", f"{image.pk}/320", f"{image.pk}/original"):
        guest.get(f"/s/{token}/{place}")
    body(guest.get(f"/s/{token}/zip"))
    guest.post(f"/s/{token}/{image.pk}/pick/", {"on": "1"})
    assert dict(ShareView.objects.values_list("what", "count")) == {
        Viewed.PAGE: 2,
        Viewed.PICTURE: 1,
        Viewed.DOWNLOAD: 2,
        Viewed.PICKS: 1,
    }


def test_owners_own_looks_are_not_counted(as_alice: Client, image: Image) -> None:
    assert as_alice.get(f"/s/{share(image.owner, image)}/").status_code == 200
    assert not ShareView.objects.exists()


def test_token_stays_out_of_the_log(
    guest: Client, image: Image, caplog: pytest.LogCaptureFixture
) -> None:
    token = share(image.owner, image)
    expire(token)
    with caplog.at_level(logging.INFO):
        guest.get(f"/s/{token}/")
        guest.get(f"/s/{token}/{image.pk}/320")
        guest.get(f"/s/{token}/{image.pk}/pick/")
        Client(enforce_csrf_checks=True).post(f"/s/{token}/unlock/")
    lines = [Redacting("%(message)s").format(record) for record in caplog.records]
    assert len(lines) == 4
    assert all("/s/[redacted]/" in line and token not in line for line in lines)
