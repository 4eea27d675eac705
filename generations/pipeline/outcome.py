"""What becomes of an attempt after its call: the one place that decides about sending again."""

import logging
import random
from typing import Any

from generations import lifecycle
from generations.mesh import Usage, Verdict, Wait
from generations.models import Attempt, AttemptState, CatalogModel
from generations.transactions import writing

_log = logging.getLogger(__name__)

GATE_SECONDS = 60.0  # a refused key or an empty balance: how long before one more try
HOLD_FROM_SECONDS = 900.0  # a longer wait is shown as held, with its end
HELD_SECONDS = 900.0  # between tries once the patience for quick ones is used up
LAST_GIVE_UP_SECONDS = 86_400.0


def apply(attempt: Attempt, verdict: Verdict, *, usage: Usage | None = None) -> None:
    """Move the attempt as its verdict says. Only what provably cost nothing is tried again."""
    _log.info(
        "attempt %s: %s %s status=%s request=%s",
        attempt.pk,
        verdict.kind,
        verdict.code,
        verdict.status,
        verdict.request_id,
    )
    if verdict.kind == "unsent":
        _not_sent(attempt, verdict)
    elif verdict.kind == "refused":
        _refused(attempt, verdict)
    elif verdict.kind == "unusable":
        lifecycle.move(attempt, AttemptState.CHARGED_UNUSABLE, **_words(verdict))
    else:
        lifecycle.move(attempt, AttemptState.UNKNOWN, lease_until=None, **_words(verdict))


def _words(verdict: Verdict) -> dict[str, Any]:
    words: dict[str, Any] = {"code": verdict.code, "message": verdict.message}
    if verdict.status:
        words["status"] = verdict.status
    if verdict.request_id:
        words["request_id"] = verdict.request_id
    return words


def _not_sent(attempt: Attempt, verdict: Verdict) -> None:
    if attempt.state == AttemptState.SENDING:  # marked as sent, and yet no byte left
        _refused(attempt, verdict)
        return
    if verdict.wait is None:
        lifecycle.move(
            attempt,
            AttemptState.HELD,
            not_before=lifecycle.in_seconds(HELD_SECONDS),
            give_up_at=_last(attempt),
            lease_until=None,
            **_words(verdict),
        )
        return
    seconds = wait_seconds(verdict.wait, tries=attempt.tries)
    lifecycle.put_back(
        attempt,
        wait_seconds=seconds,
        give_up_seconds=LAST_GIVE_UP_SECONDS,
        code=verdict.code,
    )


def _last(attempt: Attempt) -> Any:
    return attempt.give_up_at or lifecycle.in_seconds(LAST_GIVE_UP_SECONDS)


def _refused(attempt: Attempt, verdict: Verdict) -> None:
    """Free: close the gate if others would be refused alike, and line up again if that may help."""
    if verdict.code == "model_gone":
        CatalogModel.objects.filter(model_id=attempt.generation.model_id).update(is_available=False)
    seconds = _retry_seconds(attempt, verdict)
    with writing():
        if not lifecycle.move(attempt, AttemptState.REJECTED_FREE, **_words(verdict)):
            return
        if seconds is not None:
            attempt.code, attempt.message = verdict.code, verdict.message
            is_long = verdict.gate is not None or seconds >= HOLD_FROM_SECONDS
            lifecycle.follow_up(
                attempt,
                wait_seconds=seconds,
                give_up_seconds=LAST_GIVE_UP_SECONDS,
                state=AttemptState.HELD if is_long else AttemptState.READY,
            )
    if verdict.gate and seconds is not None:
        lifecycle.close_gate(
            _gate_name(attempt, verdict),
            seconds=seconds,
            reason=verdict.code,
            message=verdict.message,
        )


def _gate_name(attempt: Attempt, verdict: Verdict) -> str:
    if verdict.gate == "account":
        return lifecycle.ACCOUNT_GATE
    return lifecycle.model_gate(attempt.generation.model_id)


def _retry_seconds(attempt: Attempt, verdict: Verdict) -> float | None:
    """When the same wish may be sent again; None when it may not."""
    if verdict.wait is None:
        return GATE_SECONDS if verdict.gate else None
    if verdict.wait.max_tries is not None and attempt.tries > verdict.wait.max_tries:
        return None
    return wait_seconds(verdict.wait, tries=attempt.tries)


def wait_seconds(wait: Wait, *, tries: int) -> float:
    """The provider's own time, or one that doubles; up to a fifth more, so that not all come at once."""
    if wait.seconds is not None:
        return wait.seconds + random.uniform(0, min(1.0, wait.seconds / 5))  # noqa: S311
    doubled = min(wait.cap_seconds, wait.base_seconds * 2 ** min(tries - 1, 20))
    return doubled * random.uniform(1.0, 1.2)  # noqa: S311
