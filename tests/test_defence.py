"""What every answer carries, what a log may hold, and how the gallery refuses to start."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from generations import redaction
from generations.models import Image, User
from tests.support.stack import BASE_DIR
from tests.views.conftest import image  # noqa: F401

pytestmark = [pytest.mark.django_db]

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PRIVATE = STRICT | {"Cache-Control": "no-store, private"}
# Address, method, status, what the answer carries beside a strict policy.
ANSWERS = (
    ("/", "GET", 200, PRIVATE),
    ("/account/", "GET", 200, PRIVATE),
    ("/accounts/login/", "GET", 302, PRIVATE),
    ("/nowhere/", "GET", 404, PRIVATE),
    ("/images/0/", "GET", 404, PRIVATE),
    ("/", "PUT", 405, PRIVATE),
    ("/poll/?token=x", "GET", 400, PRIVATE),
    ("/poll/", "HOST", 400, PRIVATE),
    ("/admin/", "GET", 302, PRIVATE),
    ("/healthz", "GET", 200, PRIVATE),
    ("/static/nothing.css", "GET", 404, PRIVATE),
    ("/favicon.ico", "GET", 302, STRICT),
)
NO_HOST = {"host": "evil.example"}


def carried(response: HttpResponseBase, names: Any) -> dict[str, str]:
    found = {name: response.headers.get(name, "missing") for name in names}
    if "Cache-Control" in found:
        words = set(found["Cache-Control"].split(", ")) & {"private", "no-store", "public"}
        found["Cache-Control"] = ", ".join(sorted(words))
    return found


@pytest.mark.parametrize(
    ("path", "method", "status", "headers"), ANSWERS, ids=[f"{a[1]} {a[0]}" for a in ANSWERS]
)
def test_every_answer_carries_its_headers(
    as_alice: Client, path: str, method: str, status: int, headers: dict[str, str]
) -> None:
    extra = {"headers": NO_HOST} if method == "HOST" else {}
    response = as_alice.generic("GET" if extra else method, path, **extra)
    assert response.status_code == status
    assert carried(response, headers) == headers
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "camera=()" in response["Permissions-Policy"]


def test_page_that_breaks_carries_them_too(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("generations.views.account.sign_ins_of", broken)
    as_alice.raise_request_exception = False
    response = as_alice.get("/account/")
    assert (response.status_code, "canary" in response.content.decode()) == (500, False)
    assert carried(response, PRIVATE) == PRIVATE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", ["320", "original"])
def test_pictures_carry_them_too(as_alice: Client, image: Image, size: str) -> None:  # noqa: F811
    response = as_alice.get(f"/images/{image.pk}/{size}")
    assert carried(response, STRICT) == STRICT
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_cookies_are_for_this_host_alone(client: Client, alice: User) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"username": "alice", "password": "alice-password"})
    told = {
        name: (bool(each["httponly"]), each["samesite"]) for name, each in client.cookies.items()
    }
    assert told == dict.fromkeys(("csrf", "session", "browser"), (True, "Lax"))


SECRETS = (
    ("Authorization: Bearer rsk_abcdefghijkl", "rsk_abcdefghijkl"),
    ("{'authorization': 'Bearer 0123456789abcdef'}", "0123456789abcdef"),
    ("Cookie: session=abcdefgh; csrf=ijklmnop", "ijklmnop"),
    ("Set-Cookie: __Host-session=abcdefgh; Path=/", "abcdefgh"),
    ("key rsk_live_12345678 was refused", "rsk_live_12345678"),
    ("GET https://s3.example/b/k?X-Amz-Signature=abc123&X-Amz-Credential=def", "abc123"),
    ("signed by X-Amz-Signature=abc123", "abc123"),
    ("https://cdn.example/p.png?sv=1&st=tail", "tail"),
    ("password='two words here' for alice", "two words here"),
    ('{"api_key": "abcdefgh"}', "abcdefgh"),
    ("new_password1=hunter2&x=1", "hunter2"),
    ("can't reach redis://:pass-word@redis:6379/0", "pass-word"),
    ("postgresql://mesh:pass-word@db/mesh is away", "pass-word"),
    (f"answer data:image/png;base64,{'iVBOR' * 20}", "iVBORiVBOR"),
    (f"raw {'QUJD' * 80}==", "QUJDQUJD"),
    ("signed with the-very-secret-key-of-this-place", "the-very-secret-key-of-this-place"),
)


def logged(message: str, *arguments: object, error: Exception | None = None) -> str:
    formatter = redaction.Redacting(
        "%(levelname)s %(message)s", secrets=("the-very-secret-key-of-this-place", "short")
    )
    info = (type(error), error, None) if error else None
    record = logging.LogRecord("x", logging.ERROR, "", 1, message, arguments, info)
    return formatter.format(record)


@pytest.mark.parametrize(("message", "secret"), SECRETS)
def test_log_holds_no_secret(message: str, secret: str) -> None:
    for told in (logged(message), logged("%s", message), logged("x", error=ValueError(message))):
        assert secret not in told
        assert redaction.GONE in told


@pytest.mark.parametrize(
    "message",
    [
        "5 pictures were stored in 1.2 s",
        "The broker is away; the sweeper will ring.",
        "I8 is broken 2 times: money: 4f0c1f2e-8a4e-4a86-9a0e-6d6573680001",
        "GET https://api.example/v1/images/generations answered 503",
        "short",
    ],
)
def test_log_keeps_what_is_no_secret(message: str) -> None:
    assert logged(message) == f"ERROR {message}"


def test_nobody_begins_a_line_of_the_log() -> None:
    forged = "fox\n2026-11-22 ERROR all is lost\r\x1b[2J\u2028"
    assert logged("%s", forged).count("\n") == 0
    lines = logged("x", error=ValueError(forged)).split("\n")
    assert len(lines) == 3
    assert all(line.startswith("  ") for line in lines[1:])


def test_a_line_ten_times_as_long_takes_ten_times_as_long_and_not_a_hundred_times() -> None:
    for piece in ("a", "key", "key=", "-", "http://", "a:", "rsk_"):
        short = min(work_of(piece * 20_000) for _ in range(3))
        assert work_of(piece * 200_000) < 40 * short + 0.2


def work_of(line: str) -> float:
    """The processor's seconds: what else the machine does isn't counted."""
    began = time.process_time()
    logged(line)
    return time.process_time() - began


def test_every_handler_redacts() -> None:
    formatters = settings.LOGGING["formatters"]
    assert {each["()"] for each in formatters.values()} == {"generations.redaction.Redacting"}
    used = {each["formatter"] for each in settings.LOGGING["handlers"].values()}
    assert used == set(formatters)


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


DEPLOYED = {"PUBLIC_URL": "https://gallery.example", "HOST": "0.0.0.0"}


def test_django_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    checked = manage(
        "check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path), **DEPLOYED
    )
    assert (checked.returncode, checked.stderr) == (0, "")


COOKIES = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)
from generations import browsers
from generations.views.messages import HostCookie
print(browsers.cookie_name(), HostCookie.cookie_name)
from django.test import Client, override_settings
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
override_settings(STORAGES={"staticfiles": plain}).enable()
for secure, host in ((False, "gallery.example"), (False, "evil.example"), (True, "evil.example")):
    r = Client().get("/healthz/x", secure=secure, headers={"host": host})
    print(r.status_code, r["X-Frame-Options"], r.get("Strict-Transport-Security"))
"""


def test_https_binds_cookies_to_the_host_and_answers_nobody_elses(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    asked = manage("shell", "-v", "0", "-c", COOKIES, VAR_DIR=str(tmp_path), **DEPLOYED)
    told = asked.stdout.splitlines()
    assert told == [
        "__Host-session __Host-csrf True True",
        "__Host-browser __Host-messages",
        "301 DENY None",
        "400 DENY None",
        "400 DENY max-age=31536000; includeSubDomains; preload",
    ]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"SECRET_KEY": "0123456789" * 4}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "*", "HOST": "0.0.0.0"}, "ALLOWED_HOSTS"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
    ],
)
def test_unsafe_setting_keeps_it_from_starting(
    tmp_path: Path, wrong: dict[str, str], name: str
) -> None:
    refused = manage("check", VAR_DIR=str(tmp_path), **wrong)
    assert refused.returncode != 0
    assert name in refused.stderr
