"""A page that breaks its policy is seen in the log, and the log can't be made to say anything."""

import json
import logging
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generations.views import csp

REPORT = {
    "document-uri": "https://gallery.example/s/canary-token/?next=canary",
    "referrer": "https://gallery.example/canary",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/canary.js?key=canary",
    "source-file": "https://gallery.example/static/js/keys.js",
    "line-number": 12,
}
LATER = {
    "documentURL": REPORT["document-uri"],
    "effectiveDirective": "style-src-attr",
    "blockedURL": "inline",
    "sourceFile": "https://gallery.example/invites/canary/",
    "lineNumber": 3,
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp, "allowance", csp.Allowance(csp.A_MINUTE))


def send(body: Any, kind: str = "application/csp-report", **headers: str) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post("/csp-report/", data, content_type=kind, headers=headers).status_code


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger=csp.__name__)
    return caplog


def lines(told: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in told.records if each.name == csp.__name__]


@pytest.mark.django_db
def test_both_forms_are_told_without_a_query(
    told: pytest.LogCaptureFixture, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert send({"csp-report": REPORT}) == 204
        assert send([{"type": "csp-violation", "body": LATER}], "application/reports+json") == 204
    assert lines(told) == [
        "A page broke its policy: script-src-elem kept out https://evil.example on page “shared”, "
        "/static/js/keys.js line 12",
        "A page broke its policy: style-src-attr kept out inline on page “shared”, "
        "page “invite” line 3",
    ]
    assert "canary" not in told.text


@pytest.mark.parametrize(
    "body",
    [
        *(None, [], {}, "x", 5, {"csp-report": None}, {"csp-report": []}, [None], [{"body": "x"}]),
        [{"type": "deprecation"}],
    ],
)
def test_what_says_nothing_is_not_told(told: pytest.LogCaptureFixture, body: Any) -> None:
    assert (send(body), lines(told)) == (204, [])


@pytest.mark.parametrize("name", REPORT)
@pytest.mark.parametrize(
    "value",
    [
        "x\n2026-01-01 ERROR forged",
        "http://[",
        "//\u2028",
        {"a": 1},
        "javascript:canary",
        10**30,
        "https://user:canary@evil.example:1/",
        "/admin/generations/user/1/change/",
    ],
)
def test_nobody_writes_into_the_log(told: pytest.LogCaptureFixture, name: str, value: Any) -> None:
    assert send({"csp-report": REPORT | {name: value}}) == 204
    (line,) = lines(told)
    assert len(line.splitlines()) == 1
    assert "forged" not in line
    assert "canary" not in line


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/csp-report", 400),
        (b"\xff\xfe", "application/csp-report", 400),
        (b"[" * 15_000, "application/csp-report", 400),
        (b" " * (csp.MOST_BYTES + 1), "application/csp-report", 413),
        (b"a=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_report_is_refused(body: bytes, kind: str, status: int) -> None:
    assert send(body, kind) == status


def test_a_flood_is_cut_off(told: pytest.LogCaptureFixture) -> None:
    answers = [send({"csp-report": REPORT}) for _ in range(csp.A_MINUTE + 2)]
    assert answers == [204] * csp.A_MINUTE + [429, 429]
    assert len(lines(told)) == csp.A_MINUTE


def test_many_in_one_are_told_in_part(told: pytest.LogCaptureFixture) -> None:
    send([{"body": LATER}] * 50, "application/reports+json")
    assert len(lines(told)) == csp.MOST_REPORTS


@pytest.mark.django_db
def test_every_page_says_where_to(client: Client) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert f"report-uri {csp.ADDRESS}" in policy
