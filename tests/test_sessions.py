"""A sign-in is a row: it brings its person along, it ends when it is told to, and by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import sessions
from generations.devices import device_of
from generations.models import Session, User

pytestmark = [pytest.mark.db]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
CREDENTIALS = {"username": "alice", "password": "alice-password"}


def sign_in(client: Client, **headers: str) -> Session:
    client.post("/accounts/login/", CREDENTIALS, headers=headers)
    return Session.objects.get(key=sessions.digest_of(key_of(client)))


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_row_says_whose_it_is_and_on_what(client: Client, alice: User) -> None:
    row = sign_in(client, user_agent=FIREFOX)
    assert (row.user, row.device) == (alice, "Firefox on Linux")


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/141.0 Safari/5 Edg/141",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/141.0 Mobile Safari/5", "Chrome on Android"),
        ("curl/8.5", "curl"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_device_in_three_words(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


def test_what_the_database_holds_lets_nobody_in(client: Client, alice: User) -> None:
    row = sign_in(client)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.key
    assert thief.get("/").status_code == 302
    assert key_of(client) not in (row.key, row.data)


def test_who_asks_is_one_query(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request: Any = HttpRequest()
    request.session = sessions.SessionStore(key_of(as_alice))
    with django_assert_num_queries(1):
        assert sessions.user_of(request) == alice


def test_key_changes_at_sign_in(client: Client, alice: User) -> None:
    before = client.session
    before["something"] = "of a visitor"
    before.save()
    sign_in(client)
    assert key_of(client) != before.session_key
    assert not Session.objects.filter(key=sessions.digest_of(before.session_key)).exists()


def test_ends_two_weeks_after_the_sign_in_however_it_is_used(client: Client, alice: User) -> None:
    start = timezone.now()
    with time_machine.travel(start) as clock:
        sign_in(client)
        for day in (5, 10, 13):
            clock.move_to(start + timedelta(days=day))
            used = client.session
            used["seen"] = day
            used.save()
            assert client.get("/keys/").status_code == 200
        clock.move_to(start + timedelta(days=14, seconds=5))
        assert client.get("/keys/").status_code == 302


def test_a_new_password_gives_no_more_time(client: Client, alice: User) -> None:
    start = timezone.now()
    with time_machine.travel(start) as clock:
        before = sign_in(client)
        clock.move_to(start + timedelta(days=10))
        fields = {"new_password1": "another long word", "new_password2": "another long word"}
        client.post("/accounts/password/", {"old_password": "alice-password"} | fields)
        after = Session.objects.get(user=alice)
        assert after.key != before.key
        assert abs(after.ends_at - before.ends_at) < timedelta(seconds=2)


def test_last_seen_is_written_once_in_five_minutes(client: Client, alice: User) -> None:
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        row = sign_in(client)
        seen = []
        for minutes in (1, 4, 6, 9, 12):
            clock.move_to(start + timedelta(minutes=minutes))
            client.get("/keys/")
            row.refresh_from_db()
            seen.append(int((row.seen_at - start).total_seconds() // 60))
    assert seen == [0, 0, 6, 6, 12]


@pytest.mark.django_db(transaction=True)
def test_page_comes_though_nothing_can_be_written(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sign_in(client)
    Session.objects.filter(pk=row.pk).update(seen_at=timezone.now() - timedelta(hours=1))

    @contextmanager
    def read_only() -> Iterator[None]:
        raise OperationalError("attempt to write a readonly database")
        yield

    monkeypatch.setattr(sessions, "writing", read_only)
    assert client.get("/keys/").status_code == 200


def test_ended_session_is_nobodys_at_once(client: Client, alice: User) -> None:
    row = sign_in(client)
    Session.objects.filter(pk=row.pk).delete()
    assert client.get("/").status_code == 302


def test_ended_session_does_not_come_back_by_being_saved(client: Client, alice: User) -> None:
    sign_in(client)
    late = client.session
    late["something"] = "written late"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        late.save()
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password": "md5$another$hash"}], ids=["off", "password"]
)
def test_changed_person_is_signed_out(client: Client, alice: User, change: dict[str, Any]) -> None:
    sign_in(client)
    User.objects.filter(pk=alice.pk).update(**change)
    assert client.get("/").status_code == 302


def test_sign_in_outlives_a_changed_secret(client: Client, alice: User, settings: Any) -> None:
    sign_in(client)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 50
    assert client.get("/keys/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/keys/").status_code == 200


def test_expired_rows_are_cleared(client: Client, alice: User) -> None:
    old, kept = sign_in(Client()), sign_in(client)
    Session.objects.filter(pk=old.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    sessions.SessionStore.clear_expired()
    assert list(Session.objects.all()) == [kept]
