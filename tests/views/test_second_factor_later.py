"""A second factor that is on: recovery codes, asked for again, off, at rest, wanted of staff."""

import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from generations import letters, sealed
from generations.models import RecoveryCode, SecondFactor, User
from generations.models.second_factor import whose_secret
from generations.pipeline.forgetting import forget_old
from generations.services import second_factor as services
from generations.throttle import CODE
from tests.views.phones import (
    CODE_PAGE,
    PAGE,
    code_now,
    code_now_of,
    is_in,
    password_step,
)

pytestmark = [pytest.mark.django_db]


def test_a_recovery_code_lets_in_once(codes: list[str]) -> None:
    for expected in (True, False):
        client = Client()
        password_step(client)
        client.post(CODE_PAGE, {"code": codes[0]})
        assert is_in(client) is expected
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_recovery_codes_are_kept_as_digests(alice: User, codes: list[str]) -> None:
    assert len(set(codes)) == 10
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []


def test_nobody_elses_recovery_code_counts(alice: User, bob: User, codes: list[str]) -> None:
    services.begin(bob)
    row = SecondFactor.objects.get(user=bob)
    services.confirm(bob, code_now_of(services._secret_of(row)))
    assert not services.take_code(bob, codes[0])
    assert services.take_code(alice, codes[0])


def test_new_codes_end_the_old(owner: Client, alice: User, codes: list[str]) -> None:
    page = owner.post(f"{PAGE}codes/").text
    new = re.findall(r"<code>([\d-]{23})</code>", page)
    assert (len(new), set(new) & set(codes)) == (10, set())
    assert not services.take_code(alice, codes[0])
    assert services.take_code(alice, new[0])


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("/account/email/", {"email": "", "password": "alice-password"}, "code"),
        ("/account/delete/", {"name": "alice", "password": "alice-password"}, "code"),
        ("/account/prove/", {"proof-password": "alice-password"}, "proof-code"),
        (
            "/accounts/password/",
            {
                "old_password": "alice-password",
                "new_password1": "long-enough-words",
                "new_password2": "long-enough-words",
            },
            "code",
        ),
    ],
)
def test_the_password_is_never_asked_for_alone(
    owner: Client, codes: list[str], path: str, fields: dict[str, str], name: str
) -> None:
    for without in ({}, {name: "000000"}):
        refused = owner.post(path, fields | without)
        assert refused.status_code in {200, 422}
        assert f'name="{name}"' in refused.text
    assert owner.post(path, fields | {name: code_now()}).status_code in {302, 303}


def test_another_fault_uses_no_code_up(owner: Client, codes: list[str]) -> None:
    wrong = {"name": "bob", "password": "alice-password", "code": codes[0]}
    assert owner.post("/account/delete/", wrong).status_code == 422
    assert owner.post("/account/delete/", wrong | {"name": "alice"}).status_code == 303


def test_guessing_beside_a_right_password_is_slow(owner: Client, codes: list[str]) -> None:
    wish = {"proof-password": "alice-password", "proof-code": "000000"}
    answers = [owner.post("/account/prove/", wish).status_code for _ in range(CODE.free + 2)]
    assert answers == [422] * (CODE.free + 1) + [429]


def test_a_reset_password_gets_nobody_around_it(
    client: Client, alice: User, codes: list[str]
) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    client.post("/accounts/reset/", {"email": "alice@example.org"})
    letters.drain(5)
    link = re.search(r"/accounts/reset/\S+", mail.outbox[-1].body)
    assert link
    form = client.get(link[0])["Location"]
    new = {"new_password1": "long-enough-words", "new_password2": "long-enough-words"}
    client.post(form, new)
    assert not is_in(client)
    step = password_step(client, password="long-enough-words")
    assert step["Location"].startswith(CODE_PAGE)
    assert not is_in(client)


def test_it_is_turned_off_and_its_person_told(owner: Client, alice: User, codes: list[str]) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    assert owner.post(f"{PAGE}end/").status_code == 303
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    letters.drain(5)
    assert mail.outbox[-1].subject == "Your second factor at Mesh Gallery is off"
    other = Client()
    password_step(other)
    assert is_in(other)


def test_operator_turns_it_off_for_who_lost_the_phone(
    owner: Client, codes: list[str], caplog: pytest.LogCaptureFixture, alice: User
) -> None:
    with caplog.at_level(logging.WARNING):
        call_command("second_factor", "Alice", "--off")
    assert f"person {alice.pk} was turned off by an operator" in caplog.text
    assert not is_in(owner)
    assert SecondFactor.objects.count() == 0
    with pytest.raises(CommandError, match="no second factor"):
        call_command("second_factor", "alice", "--off")
    with pytest.raises(CommandError, match="nobody called"):
        call_command("second_factor", "nobody", "--off")


def test_the_database_alone_makes_no_code(alice: User, codes: list[str], settings: Any) -> None:
    row = SecondFactor.objects.get()
    secret = services._secret_of(row)
    assert secret not in row.secret
    settings.SECRET_KEY = "another-key-of-fifty-characters-that-signs-for-tests"
    assert not services.take_code(alice, code_now_of(secret))


def test_an_earlier_key_still_opens_it_and_is_replaced(
    alice: User, codes: list[str], settings: Any
) -> None:
    old, secret = settings.SECRET_KEY, services._secret_of(SecondFactor.objects.get())
    settings.SECRET_KEY = "another-key-of-fifty-characters-that-signs-for-tests"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert services.take_code(alice, code_now_of(secret))
    forget_old()
    settings.SECRET_KEY_FALLBACKS = []
    assert services._secret_of(SecondFactor.objects.get()) == secret
    before = SecondFactor.objects.get().secret
    forget_old()
    assert SecondFactor.objects.get().secret == before


def test_a_secret_opens_in_its_own_row_alone(alice: User, bob: User, codes: list[str]) -> None:
    held = SecondFactor.objects.get().secret
    for altered in (held[:-4] + "AAAA", "", "x", "no base64"):
        with pytest.raises(sealed.Unreadable):
            sealed.unseal(altered, whose=whose_secret(alice.pk))
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(held, whose=whose_secret(bob.pk))


def test_the_same_is_sealed_otherwise_each_time() -> None:
    first, second = (sealed.seal(b"x", whose="x") for _ in range(2))
    assert first != second
    assert sealed.unseal(first, whose="x") == sealed.unseal(second, whose="x") == b"x"


@pytest.fixture
def as_staff(as_alice: Client, alice: User) -> Client:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return as_alice


@pytest.mark.parametrize("page", ["/admin/", "/desk/", "/review/", "/usage/?of=all"])
def test_staff_are_led_to_it_where_it_is_required(
    as_staff: Client, settings: Any, clock: Any, page: str
) -> None:
    assert as_staff.get(page).status_code == 200
    settings.STAFF_SECOND_FACTOR = "required"
    led = as_staff.get(page)
    assert (led.status_code, led["Location"]) == (303, PAGE)
    assert "ask for a second factor here" in as_staff.get(PAGE).text
    by_script = as_staff.get(page, headers={"hx-request": "true"})
    assert (by_script.status_code, by_script["HX-Redirect"]) == (401, PAGE)
    assert as_staff.get("/").status_code == 200
    as_staff.post(f"{PAGE}begin/")
    as_staff.post(f"{PAGE}confirm/", {"code": code_now()})
    assert as_staff.get(page).status_code == 200


def test_who_is_no_staff_needs_none(as_alice: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    assert as_alice.get("/").status_code == 200
    assert as_alice.get("/desk/").status_code == 404
