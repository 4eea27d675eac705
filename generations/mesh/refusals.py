"""From an error's status and body, in any of its shapes, to one MeshError."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from generations.mesh import errors
from generations.mesh.errors import MeshError, ProviderFailed, RateLimited
from generations.mesh.text import clean_message, clean_token
from generations.mesh.types import AnswerHead

MODERATION_CODES = frozenset(
    {
        "blocked_by_safety",
        "content_blocked",
        "content_filter",
        "content_filtered",
        "content_moderation",
        "content_policy",
        "content_policy_violation",
        "moderation",
        "moderation_blocked",
        "moderation_failed",
        "policy_violation",
        "prompt_blocked",
        "responsible_ai_policy_violation",
        "safety",
        "safety_violation",
    }
)
NO_BALANCE_CODES = frozenset(
    {
        "billing_hard_limit_reached",
        "insufficient_balance",
        "insufficient_credits",
        "insufficient_funds",
        "insufficient_quota",
        "payment_required",
        "spend_limit_exceeded",
    }
)
MODEL_GONE_CODES = frozenset({"model_not_found", "unknown_model"})

# The word an error is known by in the whole project, and its class, for each status that means one.
BY_STATUS: dict[int, tuple[str, type[MeshError]]] = {
    301: ("redirected", errors.Redirected),
    302: ("redirected", errors.Redirected),
    307: ("redirected", errors.Redirected),
    308: ("redirected", errors.Redirected),
    400: ("invalid_request", errors.BadRequest),
    401: ("unauthorized", errors.Unauthorized),
    402: ("no_balance", errors.NoBalance),
    403: ("forbidden", errors.Forbidden),
    404: ("model_gone", errors.ModelGone),
    405: ("client_bug", errors.BadRequest),
    408: ("timeout_answer", errors.ProviderFailed),
    409: ("conflict", errors.Refused),
    410: ("client_bug", errors.BadRequest),
    413: ("client_bug", errors.BadRequest),
    414: ("client_bug", errors.BadRequest),
    415: ("client_bug", errors.BadRequest),
    422: ("validation", errors.ValidationFailed),
    429: ("rate_limited", errors.RateLimited),
    431: ("client_bug", errors.BadRequest),
    500: ("provider_error", errors.ProviderFailed),
    501: ("not_supported", errors.NotSupported),
    502: ("gateway_error", errors.ProviderFailed),
    503: ("unavailable", errors.ProviderFailed),
    504: ("gateway_timeout", errors.ProviderFailed),
}

ERROR_IN_STREAM: tuple[str, type[MeshError]] = ("stream_error", errors.ProviderFailed)

# Codes that mean in a stream what the status means in a head. Any other may come after work began.
STATUS_OF_CODE: dict[str, int] = {
    "invalid_request": 400,
    "invalid_request_error": 400,
    "bad_request": 400,
    "unauthorized": 401,
    "invalid_api_key": 401,
    "forbidden": 403,
    "not_found": 404,
    "validation_error": 422,
    "rate_limit_exceeded": 429,
    "rate_limited": 429,
    **dict.fromkeys(NO_BALANCE_CODES, 402),
    **dict.fromkeys(MODEL_GONE_CODES, 404),
    **{str(status): status for status in (400, 401, 402, 403, 404, 422, 429)},
}

LONG_WAIT_SECONDS = 15 * 60
MAX_WAIT_SECONDS = 24 * 3600
_MAX_PARTS = 5


def error_from_status(
    head: AnswerHead, body: object, *, text: str = "", now: datetime | None = None
) -> MeshError:
    """The error of an answer whose status says it is one; `body` is its JSON, if it had any."""
    envelope = envelope_of(body)
    status = head.status
    if 400 <= status < 500:
        status = _refined(status, provider_code(envelope))
    code, kind = BY_STATUS.get(status, ("unexpected_status", errors.BadAnswer))
    if 500 < status < 600 and status not in BY_STATUS:
        code, kind = "gateway_error", ProviderFailed
    if issubclass(kind, errors.Refused) and _is_moderation(envelope):
        code, kind = "blocked", errors.Blocked
    retry_after = _retry_after(head, envelope, now=now)
    return _make(code, kind, head, envelope, text=text, retry_after=retry_after)


def error_from_frame(head: AnswerHead, body: object, *, work_began: bool) -> MeshError:
    """The error of a frame, or of a 200 whose JSON is one. Once work began, none is free."""
    envelope = envelope_of(body)
    code, kind = ERROR_IN_STREAM
    status = STATUS_OF_CODE.get(provider_code(envelope))
    if not work_began and _is_moderation(envelope):
        code, kind = "blocked", errors.Blocked
    elif not work_began and status is not None:
        code, kind = BY_STATUS[status]
    return _make(code, kind, head, envelope, retry_after=_retry_after(head, envelope))


def envelope_of(body: object) -> Mapping[str, Any]:
    """One shape for all: `{"error": {…}}`, `{"error": "text"}`, `{"detail": …}`, lists of them."""
    for _ in range(_MAX_PARTS):
        if not isinstance(body, list) or not body:
            break
        body = body[0]
    if not isinstance(body, Mapping):
        return {"message": body} if isinstance(body, str) else {}
    inner: object = body.get("error")
    while isinstance(inner, list) and inner:
        inner = inner[0]
    if isinstance(inner, Mapping):
        return {"request_id": body.get("request_id"), **inner}
    if inner:
        return {"request_id": body.get("request_id"), "message": inner}
    return {**body, "message": body.get("detail") or body.get("message")}


def provider_code(envelope: Mapping[str, Any]) -> str:
    for name in ("code", "type"):
        value = envelope.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000:
            return str(value)
        if isinstance(value, str) and value:
            return clean_token(value.lower(), max_chars=60)
    return ""


def message_of(envelope: Mapping[str, Any]) -> str:
    for name in ("message", "msg", "detail", "provider_error", "details"):
        message = clean_message(_words(envelope.get(name)))
        if message:
            return message
    return ""


def _words(value: object, *, depth: int = 0) -> str:
    """Text out of whatever stands where a message should: validation lists become `field: why`."""
    if isinstance(value, str) or depth > _MAX_PARTS:
        return value if isinstance(value, str) else ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_words(v, depth=depth + 1) for v in value[:_MAX_PARTS])))
    if not isinstance(value, Mapping):
        return ""
    words = _words(value.get("msg") or value.get("message") or value.get("error"), depth=depth + 1)
    where = value.get("loc")
    if isinstance(where, list) and words:
        places = [str(part)[:60] for part in where[:_MAX_PARTS] if part != "body"]
        return f"{'.'.join(places)}: {words}" if places else words
    return words


def _is_moderation(envelope: Mapping[str, Any]) -> bool:
    names = (envelope.get("code"), envelope.get("type"))
    return any(isinstance(name, str) and name.lower() in MODERATION_CODES for name in names)


def _refined(status: int, code: str) -> int:
    """The status a refusal should have had: some say "no money" with 429, "no model" with 400."""
    if status not in BY_STATUS or not issubclass(BY_STATUS[status][1], errors.Refused):
        return status
    if code in NO_BALANCE_CODES:
        return 402
    return 404 if code in MODEL_GONE_CODES else status


def _make(
    code: str,
    kind: type[MeshError],
    head: AnswerHead,
    envelope: Mapping[str, Any],
    *,
    text: str = "",
    retry_after: int | None = None,
) -> MeshError:
    message = message_of(envelope) or clean_message(text)
    request_id = head.request_id or clean_token(envelope.get("request_id"))
    if issubclass(kind, RateLimited | ProviderFailed):
        if kind is RateLimited and (retry_after or 0) > LONG_WAIT_SECONDS:
            code = "quota_wait"
        return kind(
            code,
            message=message,
            status=head.status,
            request_id=request_id,
            retry_after=retry_after,
        )
    return kind(code, message=message, status=head.status, request_id=request_id)


def _retry_after(
    head: AnswerHead, envelope: Mapping[str, Any], *, now: datetime | None = None
) -> int | None:
    """The larger of header and body, clamped to 1 s … 24 h; None if neither can be read."""
    said = (
        _seconds(head.headers.get("retry-after"), now=now),
        _seconds(envelope.get("retry_after_seconds"), now=now),
    )
    asked = [seconds for seconds in said if seconds is not None]
    return math.ceil(min(max(*asked, 1), MAX_WAIT_SECONDS)) if asked else None


def _seconds(value: object, *, now: datetime | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return _seconds_until(value, now=now)
    return None if math.isnan(seconds) else seconds


def _seconds_until(value: object, *, now: datetime | None) -> float | None:
    try:
        then = parsedate_to_datetime(str(value))
    except (ValueError, IndexError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return (then - (now or datetime.now(UTC))).total_seconds()
