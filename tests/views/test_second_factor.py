"""A second factor: set up, asked for at every door, used up, lost, turned off."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from generations import letters, policy, sealed, totp
from generations.models import RecoveryCode, SecondFactor, Session, User
from generations.models.second_factor import whose_secret
from generations.pipeline.forgetting import forget_old
from generations.services import second_factor as services
from generations.throttle import CODE
from generations.views.accounts import CODE_WITHIN

pytestmark = [pytest.mark.django_db]

CREDENTIALS = {"username": "alice", "password": "alice-password"}
PAGE = "/account/second-factor/"
CODE_PAGE = "/accounts/login/code/"


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    """Stands still, at the beginning of a step."""
    now = timezone.now().timestamp() // totp.STEP_SECONDS * totp.STEP_SECONDS
    with time_machine.travel(now, tick=False) as found:
        yield found


def code_now(steps: int = 0) -> str:
    """What alice's phone shows, so many steps from now."""
    secret = services._secret_of(SecondFactor.objects.get())
    return pyotp.TOTP(secret).at(timezone.now(), counter_offset=steps)


def next_code(clock: Any) -> str:
    """Once the phone shows another one than the last."""
    clock.shift(timedelta(seconds=totp.STEP_SECONDS))
    return code_now()


@pytest.fixture
def codes(alice: User, clock: Any) -> list[str]:
    """Alice's second factor is on; her recovery codes."""
    services.begin(alice)
    found = services.confirm(alice, code_now())
    clock.shift(timedelta(seconds=totp.STEP_SECONDS))
    return found


@pytest.fixture
def owner(alice: User, codes: list[str]) -> Client:
    """Alice, signed in with it."""
    client = Client()
    client.force_login(alice)
    return client


def password_step(client: Client, **extra: str) -> Any:
    return client.post("/accounts/login/", CREDENTIALS | extra)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# Setting it up


def test_it_is_set_up_with_a_code_of_the_phone(as_alice: Client, clock: Any) -> None:
    assert "Set it up" in as_alice.get("/account/").text
    assert as_alice.post(f"{PAGE}begin/").status_code == 303
    page = as_alice.get(PAGE).text
    secret = services._secret_of(SecondFactor.objects.get())
    typed = re.search(r'class="factor-secret">([A-Z2-7 ]+)<', page)
    assert typed
    assert typed[1].replace(" ", "") == secret
    assert f"otpauth://totp/Mesh%20Gallery:alice?secret={secret}" in page
    assert "<svg" in page
    assert "style=" not in page
    on = as_alice.post(f"{PAGE}confirm/", {"code": code_now()})
    assert len(re.findall(r"<code>(\d{5}(?:-\d{5}){3})</code>", on.text)) == 10
    assert "10 of 10 recovery codes" in as_alice.get(PAGE).text
    assert secret not in as_alice.get(PAGE).text


def test_a_wrong_first_code_turns_nothing_on(as_alice: Client, alice: User, clock: Any) -> None:
    as_alice.post(f"{PAGE}begin/")
    wrong = as_alice.post(f"{PAGE}confirm/", {"code": code_now(5)})
    assert (wrong.status_code, policy.second_factor_of(alice)) == (422, None)
    assert "factor-secret" in wrong.text


def test_begun_anew_the_earlier_secret_counts_no_more(as_alice: Client, clock: Any) -> None:
    as_alice.post(f"{PAGE}begin/")
    old = code_now()
    as_alice.post(f"{PAGE}begin/")
    assert as_alice.post(f"{PAGE}confirm/", {"code": old}).status_code == 422


def test_what_is_on_isnt_begun_again(owner: Client, codes: list[str]) -> None:
    before = SecondFactor.objects.get().secret
    assert owner.post(f"{PAGE}begin/").status_code == 409
    assert owner.post(f"{PAGE}confirm/", {"code": code_now()}).status_code == 409
    assert SecondFactor.objects.get().secret == before


def test_turned_on_it_ends_sign_ins_by_the_password_alone(
    as_alice: Client, alice: User, clock: Any
) -> None:
    elsewhere = Client()
    password_step(elsewhere)
    as_alice.post(f"{PAGE}begin/")
    as_alice.post(f"{PAGE}confirm/", {"code": code_now()})
    assert (is_in(as_alice), is_in(elsewhere)) == (True, False)


@pytest.mark.parametrize("path", ["", "begin/", "codes/", "end/"])
def test_each_step_wants_a_fresh_sign_in(
    owner: Client, codes: list[str], clock: Any, path: str
) -> None:
    clock.shift(timedelta(minutes=11))
    asked = owner.post(PAGE + path) if path else owner.get(PAGE)
    assert asked.status_code == (403 if path else 302)
    assert SecondFactor.objects.exclude(confirmed_at=None).exists()


# Signing in


def test_the_password_alone_lets_nobody_in(client: Client, codes: list[str]) -> None:
    step = password_step(client, next="/albums/")
    assert (step.status_code, step["Location"]) == (302, f"{CODE_PAGE}?next=%2Falbums%2F")
    assert not is_in(client)
    assert Session.objects.exclude(user=None).count() == 0
    assert "browser" not in client.cookies


def test_a_code_lets_in_where_one_was_heading(client: Client, codes: list[str]) -> None:
    page = client.get(password_step(client, next="/albums/")["Location"])
    assert 'autocomplete="one-time-code"' in page.text
    done = client.post(CODE_PAGE, {"code": code_now(), "next": "/albums/"})
    assert (done.status_code, done["Location"], is_in(client)) == (302, "/albums/", True)
    assert "browser" in client.cookies


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example"])
def test_nobody_is_led_elsewhere(client: Client, codes: list[str], wanted: str) -> None:
    password_step(client)
    assert client.post(CODE_PAGE, {"code": code_now(), "next": wanted})["Location"] == "/"


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_clocks_may_differ_by_one_step(
    client: Client, codes: list[str], clock: Any, steps: int, is_taken: int
) -> None:
    clock.shift(timedelta(seconds=2 * totp.STEP_SECONDS))
    password_step(client)
    client.post(CODE_PAGE, {"code": code_now(steps)})
    assert is_in(client) is bool(is_taken)


def test_a_code_counts_once_and_none_before_it(client: Client, codes: list[str]) -> None:
    used, earlier = code_now(), code_now(-1)
    password_step(client)
    client.post(CODE_PAGE, {"code": used})
    for code in (used, earlier):
        other = Client()
        password_step(other)
        refused = other.post(CODE_PAGE, {"code": code})
        assert (refused.status_code, is_in(other)) == (200, False)
        assert services.WRONG in refused.text


def test_the_code_that_set_it_up_counts_no_more(client: Client, alice: User, clock: Any) -> None:
    services.begin(alice)
    code = code_now()
    services.confirm(alice, code)
    assert not services.take_code(alice, code)


def test_a_code_may_be_written_with_a_blank(alice: User, codes: list[str]) -> None:
    code = code_now()
    assert services.take_code(alice, f" {code[:3]} {code[3:]} ")


def test_guessing_codes_is_slow(client: Client, codes: list[str], clock: Any) -> None:
    password_step(client)
    answers = [client.post(CODE_PAGE, {"code": "000000"}) for _ in range(CODE.free + 2)]
    assert [each.status_code for each in answers] == [200] * (CODE.free + 1) + [429]
    assert client.post(CODE_PAGE, {"code": code_now()}).status_code == 429
    other = Client()
    password_step(other)
    assert other.post(CODE_PAGE, {"code": code_now()}).status_code == 429
    clock.shift(timedelta(seconds=CODE.longest_seconds))
    password_step(other)
    assert other.post(CODE_PAGE, {"code": code_now()}).status_code == 302


def test_guesses_from_elsewhere_dont_keep_the_owners_browser_out(
    client: Client, codes: list[str], clock: Any
) -> None:
    password_step(client)
    client.post(CODE_PAGE, {"code": code_now()})
    client.post("/accounts/logout/")
    stranger = Client()
    password_step(stranger)
    for _ in range(CODE.free + 1):
        stranger.post(CODE_PAGE, {"code": "000000"})
    password_step(client)
    assert client.post(CODE_PAGE, {"code": next_code(clock)}).status_code == 302


def test_nobody_asks_for_a_code_without_the_password(client: Client, codes: list[str]) -> None:
    client.post("/accounts/login/", CREDENTIALS | {"password": "wrong"})
    for answer in (client.get(CODE_PAGE), client.post(CODE_PAGE, {"code": code_now()})):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not is_in(client)


def test_the_password_counts_for_a_few_minutes(
    client: Client, codes: list[str], clock: Any
) -> None:
    password_step(client)
    clock.shift(CODE_WITHIN + timedelta(seconds=1))
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/accounts/login/"


@pytest.mark.parametrize("change", ["password", "inactive"])
def test_what_changed_meanwhile_counts(
    client: Client, alice: User, codes: list[str], change: str
) -> None:
    password_step(client)
    if change == "password":
        alice.set_password("another-password")
    alice.is_active = change == "password"
    alice.save()
    assert client.post(CODE_PAGE, {"code": code_now()})["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_the_key_changes_with_the_code(client: Client, codes: list[str]) -> None:
    password_step(client)
    before = client.cookies["session"].value
    client.post(CODE_PAGE, {"code": code_now()})
    assert client.cookies["session"].value != before
    assert not is_in(_with_session(before))


def _with_session(key: str) -> Client:
    client = Client()
    client.cookies["session"] = key
    return client


# Recovery codes


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


# Where the password is asked for once more


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


# Off, and lost


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


# At rest


def test_the_database_alone_makes_no_code(alice: User, codes: list[str], settings: Any) -> None:
    row = SecondFactor.objects.get()
    secret = services._secret_of(row)
    assert secret not in row.secret
    settings.SECRET_KEY = "another-key-of-fifty-characters-that-signs-for-tests"
    assert not services.take_code(alice, code_now_of(secret))


def code_now_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()


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


# Staff


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
