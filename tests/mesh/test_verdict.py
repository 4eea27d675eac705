"""The table of verdicts, row by row."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from generations.mesh import (
    MODERATION_CODES,
    RULES,
    Answer,
    AnswerHead,
    AnswerLost,
    BadAnswer,
    Item,
    MeshError,
    NotSent,
    RateLimited,
    Refused,
    SendInterrupted,
    Verdict,
    Wait,
    judge,
    judge_error,
    read_answer,
)
from generations.mesh.refusals import error_from_status
from tests.mesh.streams import DONE, PROCESSING, as_json, frame


def head_of(status: int, **headers: str) -> AnswerHead:
    return AnswerHead(status, {name.replace("_", "-"): v for name, v in headers.items()}, "req-1")


def judged(status: int, body: bytes = b"{}", *, is_free: bool = False, **headers: str) -> Verdict:
    head = head_of(status, **headers)
    return judge(head, read_answer(head, [body]), wanted=1, errors_are_free=is_free)


@pytest.mark.parametrize(
    ("status", "kind", "code", "gate", "alarm", "waits"),
    [
        (301, "refused", "redirected", "account", True, True),
        (302, "refused", "redirected", "account", True, True),
        (303, "unknown", "unexpected_status", None, True, False),
        (304, "unknown", "unexpected_status", None, True, False),
        (307, "refused", "redirected", "account", True, True),
        (308, "refused", "redirected", "account", True, True),
        (400, "refused", "invalid_request", None, False, False),
        (401, "refused", "unauthorized", "account", True, True),
        (402, "refused", "no_balance", "account", True, True),
        (403, "refused", "forbidden", "model", False, False),
        (404, "refused", "model_gone", "model", False, False),
        (405, "refused", "client_bug", None, True, False),
        (408, "unknown", "timeout_answer", None, False, False),
        (409, "refused", "conflict", None, False, False),
        (410, "refused", "client_bug", None, True, False),
        (413, "refused", "client_bug", None, True, False),
        (414, "refused", "client_bug", None, True, False),
        (415, "refused", "client_bug", None, True, False),
        (418, "unknown", "unexpected_status", None, True, False),
        (422, "refused", "validation", None, False, False),
        (429, "refused", "rate_limited", "account", False, True),
        (431, "refused", "client_bug", None, True, False),
        (500, "unknown", "provider_error", None, False, False),
        (501, "refused", "not_supported", None, False, False),
        (502, "unknown", "gateway_error", None, False, False),
        (503, "unknown", "unavailable", None, False, False),
        (504, "unknown", "gateway_timeout", None, False, False),
        (520, "unknown", "gateway_error", None, False, False),
        (999, "unknown", "unexpected_status", None, True, False),
    ],
)
def test_status(
    status: int, kind: str, code: str, gate: str | None, alarm: bool, waits: bool
) -> None:
    found = judged(status)
    assert (found.kind, found.code, found.gate, found.alarm, found.wait is not None) == (
        kind,
        code,
        gate,
        alarm,
        waits,
    )
    assert (found.status, found.request_id) == (status, "req-1")


@pytest.mark.parametrize(
    ("error", "kind", "wait", "gate", "alarm"),
    [
        (NotSent("dns"), "unsent", Wait(2, 60, give_up_seconds=900), None, False),
        (NotSent("refused_connection"), "unsent", Wait(2, 60, give_up_seconds=900), None, False),
        (NotSent("connect_timeout"), "unsent", Wait(2, 60, give_up_seconds=900), None, False),
        (NotSent("tls_timeout"), "unsent", Wait(2, 60, give_up_seconds=900), None, False),
        (NotSent("tls_certificate"), "unsent", Wait(5, 60), "account", True),
        (NotSent("proxy_refused"), "unsent", Wait(5, 60), "account", True),
        (NotSent("no_slot"), "unsent", Wait(1, 10), None, False),
        (
            SendInterrupted("send_interrupted"),
            "refused",
            Wait(2, 2, max_tries=2, then="unknown"),
            None,
            False,
        ),
        (AnswerLost("connection_lost"), "unknown", None, None, False),
        (AnswerLost("first_byte"), "unknown", None, None, False),
        (AnswerLost("silence"), "unknown", None, None, False),
        (AnswerLost("deadline"), "unknown", None, None, False),
        (AnswerLost("aborted"), "unknown", None, None, False),
        (AnswerLost("cut"), "unknown", None, None, False),
        (BadAnswer("malformed"), "unknown", None, None, False),
        (BadAnswer("a code of tomorrow"), "unknown", None, None, True),
        (NotSent("a code of tomorrow"), "unsent", None, None, True),
        (Refused("a code of tomorrow"), "refused", None, None, True),
    ],
)
def test_error(
    error: MeshError, kind: str, wait: Wait | None, gate: str | None, alarm: bool
) -> None:
    found = judge_error(error)
    assert (found.kind, found.code, found.wait, found.gate, found.alarm) == (
        kind,
        error.code,
        wait,
        gate,
        alarm,
    )


def test_only_what_is_provably_free_is_sent_again_by_itself() -> None:
    again = {code for code, rule in RULES.items() if rule.wait is not None}
    assert {RULES[code].kind for code in again} == {"unsent", "refused"}
    assert again == {
        "dns",
        "refused_connection",
        "connect_timeout",
        "tls_timeout",
        "tls_failed",
        "tls_certificate",
        "proxy_refused",
        "no_slot",
        "not_started",
        "send_interrupted",
        "unauthorized",
        "no_balance",
        "redirected",
        "rate_limited",
        "quota_wait",
    }


@pytest.mark.parametrize(
    ("header", "body", "seconds", "code"),
    [
        ("7", None, 7, "rate_limited"),
        ("1.2", None, 2, "rate_limited"),
        (None, 9, 9, "rate_limited"),
        (None, "9", 9, "rate_limited"),
        ("7", 9, 9, "rate_limited"),
        ("9", 7, 9, "rate_limited"),
        (None, None, None, "rate_limited"),
        ("900", None, 900, "rate_limited"),
        ("901", None, 901, "quota_wait"),
        ("0", None, 1, "rate_limited"),
        ("-5", None, 1, "rate_limited"),
        ("1000000000", None, 86_400, "quota_wait"),
        ("inf", None, 86_400, "quota_wait"),
        ("9" * 500, None, 86_400, "quota_wait"),
        (None, 10**400, None, "rate_limited"),
        ("nan", None, None, "rate_limited"),
        ("soon", None, None, "rate_limited"),
        ("soon", [5], None, "rate_limited"),
        (None, True, None, "rate_limited"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None, 1, "rate_limited"),
    ],
)
def test_wait_that_the_provider_asks_for(
    header: str | None, body: object, seconds: int | None, code: str
) -> None:
    headers = {} if header is None else {"retry_after": header}
    error = {} if body is None else {"retry_after_seconds": body}
    found = judged(429, as_json(error=error), **headers)
    assert (found.code, found.kind, found.gate) == (code, "refused", "account")
    assert found.wait is not None
    assert found.wait.seconds == seconds


def test_wait_until_a_date() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    then = format_datetime(now + timedelta(minutes=20), usegmt=True)
    error = error_from_status(head_of(429, retry_after=then), None, now=now)
    assert isinstance(error, RateLimited)
    assert (error.code, error.retry_after) == ("quota_wait", 1200)


def test_delay_grows_to_its_cap_with_jitter() -> None:
    wait = Wait(base_seconds=2, cap_seconds=60)
    assert [wait.delay(tries, chance=1) for tries in (1, 2, 3, 6, 7, 10**9)] == [
        2,
        4,
        8,
        60,
        60,
        60,
    ]
    assert wait.delay(3, chance=0) == 4
    asked = Wait(seconds=30)
    assert (asked.delay(5, chance=0), asked.delay(5, chance=1)) == (30, 33)


@pytest.mark.parametrize(("status", "code"), [(500, "provider_error"), (502, "gateway_error")])
def test_errors_that_an_operator_confirmed_as_free(status: int, code: str) -> None:
    found = judged(status, is_free=True)
    assert (found.kind, found.code) == ("refused", code)
    assert found.wait is not None
    assert (found.wait.max_tries, found.wait.then) == (3, "fail")


def test_confirmed_503_with_a_time_is_a_busy_provider() -> None:
    found = judged(503, is_free=True, retry_after="7")
    assert (found.kind, found.gate) == ("refused", "account")
    assert found.wait is not None
    assert found.wait.seconds == 7
    assert judged(503, retry_after="7").wait is None


@pytest.mark.parametrize("status", [408, 504])
def test_timeouts_are_never_free(status: int) -> None:
    found = judged(status, is_free=True)
    assert (found.kind, found.wait) == ("unknown", None)


@pytest.mark.parametrize("code", sorted(MODERATION_CODES))
def test_moderation_is_blocked_in_every_envelope(code: str) -> None:
    error = {"code": code.upper(), "message": "Not this."}
    stream = PROCESSING + frame(as_json(error=error)) + DONE
    for found in (
        judged(400, as_json(error=error)),
        judged(422, as_json(error={"type": code, "message": "Not this."})),
        judged(200, as_json(error=error)),
        judged(200, stream),
    ):
        assert (found.kind, found.code, found.message) == ("refused", "blocked", "Not this.")
    assert judged(500, as_json(error=error)).kind == "unknown"


@pytest.mark.parametrize(
    ("provider_code", "code"),
    [
        ("invalid_request", "invalid_request"),
        ("unauthorized", "unauthorized"),
        ("spend_limit_exceeded", "no_balance"),
        ("forbidden", "forbidden"),
        ("not_found", "model_gone"),
        ("model_not_found", "model_gone"),
        ("validation_error", "validation"),
        ("rate_limit_exceeded", "rate_limited"),
        (429, "rate_limited"),
        ("upstream_error", "stream_error"),
        ("timeout", "stream_error"),
        (500, "stream_error"),
        (None, "stream_error"),
    ],
)
def test_error_frame_is_judged_as_its_http_twin(provider_code: object, code: str) -> None:
    found = judged(200, PROCESSING + frame(as_json(error={"code": provider_code})) + DONE)
    assert (found.code, found.kind) == (code, RULES[code].kind)


@pytest.mark.parametrize(
    ("status", "provider_code", "code"),
    [
        (429, "insufficient_quota", "no_balance"),
        (403, "spend_limit_exceeded", "no_balance"),
        (400, "model_not_found", "model_gone"),
        (500, "model_not_found", "provider_error"),
        (408, "insufficient_quota", "timeout_answer"),
    ],
)
def test_code_says_more_than_a_refusals_status(status: int, provider_code: str, code: str) -> None:
    assert judged(status, as_json(error={"code": provider_code})).code == code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (as_json(error={"message": "Wrong <b>size</b>."}), "Wrong size."),
        (as_json(error="plain text"), "plain text"),
        (as_json(error=["first", "second"]), "first"),
        (as_json(error={"message": {"error": {"message": "deep"}}}), "deep"),
        (as_json(error={"message": ["a", {"msg": "b"}]}), "a; b"),
        (as_json(error={"provider_error": "from below"}), "from below"),
        (as_json(detail="Not here"), "Not here"),
        (as_json(message="bare"), "bare"),
        (
            as_json(detail=[{"loc": ["body", "n"], "msg": "too many", "type": "x"}]),
            "n: too many",
        ),
        (
            as_json(detail=[{"loc": ["body", "image", 0], "msg": "no"}, {"msg": "also"}]),
            "image.0: no; also",
        ),
        (b"<html><head><style>p{}</style></head><p>Bad&nbsp;Gateway</p></html>", "Bad Gateway"),
        (b"upstream connect error", "upstream connect error"),
        (b'{"error": {"mess', ""),
        (b"", ""),
        (b"{}", ""),
        (b"[]", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (as_json(error={"message": "a\u202eb\u0000\u0007c\n\nd\u2066"}), "ab c d"),
        (as_json(error={"message": "key rsk_abcdef012345 is bad"}), "key [key] is bad"),
        (as_json(error={"message": "a < b and c > d"}), "a < b and c > d"),
        (as_json(error={"message": "&lt;script&gt;x&lt;/script&gt;y"}), "y"),
    ],
)
def test_message_is_the_providers_own_and_clean(body: bytes, message: str) -> None:
    assert judged(400, body).message == message


def test_message_of_a_megabyte_is_cut() -> None:
    for text in ("x" * 10**6, "<script" * 10**5, "<" * 10**6, "&amp;" * 10**5):
        assert len(judged(400, as_json(error={"message": text})).message) <= 500


def test_request_id_comes_from_the_body_if_the_head_has_none() -> None:
    head = AnswerHead(400, {})
    answer = read_answer(head, [as_json(error={"code": "x"}, request_id="req-\n7")])
    assert judge(head, answer, wanted=1).request_id == "req-7"


def test_trouble_names_a_cut_more_exactly_but_not_a_refusal() -> None:
    head = AnswerHead(200, {"content-type": "text/event-stream"})
    cut = read_answer(head, [PROCESSING], complete=False)
    assert judge(head, cut, wanted=1).code == "cut"
    assert judge(head, cut, wanted=1, trouble=AnswerLost("silence")).code == "silence"
    refused = judge(
        head_of(429), read_answer(head_of(429), []), wanted=1, trouble=AnswerLost("cut")
    )
    assert refused.code == "rate_limited"


@pytest.mark.parametrize(
    ("found", "flags"), [(1, {"fewer_items"}), (3, set()), (4, {"more_items"})]
)
def test_number_of_pictures_is_flagged(found: int, flags: set[str]) -> None:
    answer = Answer(items=tuple(Item(k, content=b"x") for k in range(found)))
    verdict = judge(head_of(200), answer, wanted=3)
    assert (verdict.kind, verdict.code, verdict.flags) == ("usable", "ok", flags)
