"""What an answer, or the lack of one, means: for the money, for the next try, for the operator.

One table, by code. Free and sent again by itself is only what provably cost nothing.
"""

from dataclasses import dataclass, replace
from typing import Literal

from generations.mesh.errors import (
    AnswerLost,
    EmptyAnswer,
    MeshError,
    NotSent,
    ProviderFailed,
    RateLimited,
    Refused,
)
from generations.mesh.refusals import MODERATION_CODES
from generations.mesh.types import Answer, AnswerHead

__all__ = ["MODERATION_CODES", "RULES", "Rule", "Verdict", "Wait", "judge", "judge_error"]

Kind = Literal["usable", "refused", "unsent", "unknown", "unusable"]
GateName = Literal["account", "model"]

MINUTE = 60
HOUR = 3600


@dataclass(frozen=True)
class Wait:
    """When the next attempt may go by itself. `max_tries` counts all tries, the first included;
    when they or the time are used up, `then` says what becomes of the last one.

    `seconds` is what the provider asked for; without it the pause doubles from `base_seconds` up
    to `cap_seconds`. Where the verdict also closes a gate, the attempt waits behind it.
    """

    base_seconds: float = 2
    cap_seconds: float = 60
    seconds: int | None = None
    give_up_seconds: int | None = None
    max_tries: int | None = None
    then: Literal["hold", "fail", "unknown"] = "hold"

    def delay(self, tries: int, *, chance: float) -> float:
        """Seconds before the try after `tries` of them; `chance` in 0 … 1 spreads the callers."""
        if self.seconds is not None:
            return self.seconds + chance * min(5.0, self.seconds * 0.1)
        pause = min(self.cap_seconds, self.base_seconds * 2.0 ** min(max(tries, 1) - 1, 32))
        return pause * (0.5 + chance / 2)


@dataclass(frozen=True)
class Rule:
    kind: Kind
    wait: Wait | None = None
    gate: GateName | None = None
    alarm: bool = False


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    code: str
    message: str = ""
    status: int | None = None
    request_id: str = ""
    wait: Wait | None = None
    gate: GateName | None = None
    alarm: bool = False
    flags: frozenset[str] = frozenset()


_NETWORK = Wait(base_seconds=2, cap_seconds=60, give_up_seconds=15 * MINUTE)
_BUSY = Wait(base_seconds=5, cap_seconds=60, give_up_seconds=30 * MINUTE)
_QUOTA = Wait(base_seconds=60, cap_seconds=HOUR, give_up_seconds=48 * HOUR)
_SLOT = Wait(base_seconds=1, cap_seconds=10)
_ONCE = Wait(base_seconds=2, cap_seconds=2, max_tries=2, then="unknown")
_BEHIND_GATE = Wait(base_seconds=5, cap_seconds=60)
_FREE_ERROR = Wait(
    base_seconds=5, cap_seconds=60, give_up_seconds=30 * MINUTE, max_tries=3, then="fail"
)

_UNSENT = Rule("unsent", _NETWORK)
_PAUSED_UNSENT = Rule("unsent", _BEHIND_GATE, "account", alarm=True)
_PAUSED = Rule("refused", _BEHIND_GATE, "account", alarm=True)
_REFUSED = Rule("refused")
_UNKNOWN = Rule("unknown")
_CHARGED = Rule("unusable")

RULES: dict[str, Rule] = {
    "ok": Rule("usable"),
    # No byte left.
    "dns": _UNSENT,
    "refused_connection": _UNSENT,
    "connect_timeout": _UNSENT,
    "tls_timeout": _UNSENT,
    "tls_failed": _UNSENT,
    "tls_certificate": _PAUSED_UNSENT,
    "proxy_refused": _PAUSED_UNSENT,
    "no_slot": Rule("unsent", _SLOT),
    "not_started": Rule("unsent", _SLOT),
    # Broke off while being sent: no server runs half a body. Once more, and then no longer sure.
    "send_interrupted": Rule("refused", _ONCE),
    # Sent whole; no whole answer.
    "connection_lost": _UNKNOWN,
    "first_byte": _UNKNOWN,
    "silence": _UNKNOWN,
    "deadline": _UNKNOWN,
    "aborted": _UNKNOWN,
    "cut": _UNKNOWN,
    # Refused before any work.
    "invalid_request": _REFUSED,
    "validation": _REFUSED,
    "blocked": _REFUSED,
    "conflict": _REFUSED,
    "not_supported": _REFUSED,
    "client_bug": Rule("refused", alarm=True),
    "forbidden": Rule("refused", gate="model"),
    "model_gone": Rule("refused", gate="model"),
    "unauthorized": _PAUSED,
    "no_balance": _PAUSED,
    "redirected": _PAUSED,
    "rate_limited": Rule("refused", _BUSY, "account"),
    "quota_wait": Rule("refused", _QUOTA, "account"),
    # Failed, perhaps after generating.
    "provider_error": _UNKNOWN,
    "gateway_error": _UNKNOWN,
    "unavailable": _UNKNOWN,
    "gateway_timeout": _UNKNOWN,
    "timeout_answer": _UNKNOWN,
    "stream_error": _UNKNOWN,
    # Answered, and we can't read it.
    "unexpected_status": Rule("unknown", alarm=True),
    "wrong_content": _UNKNOWN,
    "malformed": _UNKNOWN,
    "bad_head": _UNKNOWN,
    "encoded": _UNKNOWN,
    "answer_too_large": _UNKNOWN,
    # Answered whole: paid, and nothing to show.
    "empty": _CHARGED,
    "no_picture": _CHARGED,
    "undecodable": _CHARGED,
    "bad_address": Rule("unusable", alarm=True),
}

# An operator may have seen on the bill that these cost nothing. Never a 504: the work was running.
_FREE_IF_CONFIRMED = frozenset({"provider_error", "gateway_error", "unavailable"})


def judge(
    head: AnswerHead,
    answer: Answer,
    *,
    wanted: int,
    trouble: MeshError | None = None,
    errors_are_free: bool = False,
) -> Verdict:
    """`trouble` is what ended the body early (`Recording.trouble`): it names a cut more exactly."""
    if answer.has_picture and 200 <= head.status < 300:
        return Verdict(
            "usable",
            "ok",
            status=head.status,
            request_id=answer.request_id,
            flags=answer.flags | _count_flags(len(answer.items), wanted=wanted),
        )
    error = answer.error or EmptyAnswer("empty", status=head.status, request_id=answer.request_id)
    if trouble is not None and isinstance(error, AnswerLost):
        error = trouble
    verdict = judge_error(error, errors_are_free=errors_are_free)
    return replace(
        verdict,
        status=verdict.status or head.status,
        request_id=verdict.request_id or answer.request_id or head.request_id,
        flags=answer.flags,
    )


def judge_error(error: MeshError, *, errors_are_free: bool = False) -> Verdict:
    rule = RULES.get(error.code) or _rule_of_class(error)
    asked = error.retry_after if isinstance(error, RateLimited | ProviderFailed) else None
    if errors_are_free and error.code in _FREE_IF_CONFIRMED:
        is_admission = error.code == "unavailable" and asked is not None
        rule = RULES["rate_limited"] if is_admission else Rule("refused", _FREE_ERROR)
    wait = rule.wait
    if wait is not None and asked is not None:
        wait = replace(wait, seconds=asked)
    return Verdict(
        rule.kind,
        error.code,
        message=error.message,
        status=error.status,
        request_id=error.request_id,
        wait=wait,
        gate=rule.gate,
        alarm=rule.alarm,
    )


def _rule_of_class(error: MeshError) -> Rule:
    """A code this table doesn't know: nothing is repeated, and nothing is called free unproved."""
    if isinstance(error, NotSent):
        return Rule("unsent", alarm=True)
    return Rule("refused" if isinstance(error, Refused) else "unknown", alarm=True)


def _count_flags(found: int, *, wanted: int) -> frozenset[str]:
    if found == wanted:
        return frozenset()
    return frozenset({"fewer_items" if found < wanted else "more_items"})
