"""Answers without pictures that a directive orders, and whether the provider bills them."""

import asyncio
import json
from email.utils import formatdate
from time import time

from generations.sandbox.delivery import Delivery
from generations.sandbox.directives import Wishes
from generations.sandbox.nasty import nasty_error
from generations.sandbox.oddities import HTML
from generations.sandbox.problems import CODES, ApiError, DetailError

# After these the provider may have worked already, and ours has.
BILLED_STATUSES = frozenset({408, 500, 502, 504})
FREE_CODES = frozenset(
    {code for status, code in CODES.items() if status < 500}
    | {"content_policy_violation", "model_not_found", "invalid_api_key"}
)
BLOCKED_WORDS = "Your request was rejected by the safety system."


def is_refused(wishes: Wishes) -> bool:
    """A whole answer other than pictures; an error frame is part of a stream and isn't one."""
    return any(name in wishes for name in ("status", "blocked", "redirect", "html"))


def is_billed(wishes: Wishes) -> bool:
    if "billed" in wishes:
        return wishes.text("billed") == "1"
    if "status" in wishes:
        return int(wishes.text("status")) in BILLED_STATUSES
    if "error_frame" in wishes:
        return wishes.text("error_frame") not in FREE_CODES
    return not is_refused(wishes)


async def refuse(delivery: Delivery) -> None:
    wishes = delivery.wishes
    await asyncio.sleep(wishes.number("slow"))
    if "html" in wishes:
        status = int(wishes.text("status") or 200)
        headers = [("content-type", "text/html; charset=utf-8")]
        await delivery.send_whole([HTML], status=status, headers=headers)
        return
    error = ordered_error(wishes)
    headers = [("content-type", "application/json"), *wait_headers(wishes)]
    if "redirect" in wishes:
        headers.append(("location", wishes.text("redirect")))
    body = json.dumps(error_body(error, delivery)).encode()
    await delivery.send_whole([body], status=error.status, headers=headers)


def ordered_error(wishes: Wishes) -> ApiError:
    if "redirect" in wishes:
        return ApiError(307, "Moved.", code="redirected")
    if "blocked" in wishes:
        status = int(wishes.text("blocked"))
        details = [{"type": "safety", "categories": ["violence"]}]
        provider = {"type": "image_generation_user_error", "code": "moderation_blocked"}
        return ApiError(
            status,
            BLOCKED_WORDS,
            code="content_policy_violation",
            details=details,
            provider_error=provider,
        )
    status = int(wishes.text("status"))
    if "detail" in wishes:
        return DetailError(status, ApiError(status).message)
    code, wait = wishes.text("code"), wait_in_body(wishes)
    return ApiError(status, code=code, retry_after_seconds=wait)


def error_body(error: ApiError, delivery: Delivery) -> dict[str, object]:
    body = error.body(delivery.exchange.request_id)
    if "error" in delivery.wishes and "error" in body:
        body["error"] = nasty_error(delivery.wishes.text("error"), error.error())
    return body


def wait_headers(wishes: Wishes) -> list[tuple[str, str]]:
    if "retry_after_date" in wishes:
        then = time() + int(wishes.text("retry_after_date"))
        return [("retry-after", formatdate(then, usegmt=True))]
    if "retry_after" in wishes:
        return [("retry-after", wishes.text("retry_after"))]
    return []


def wait_in_body(wishes: Wishes) -> object:
    said = wishes.text("retry_after_body")
    if not said:
        return None
    return said if said == "text" else int(said)
