"""What becomes of an attempt after its call: the one place that decides about sending again."""

import logging
import random
from typing import Any

from django.utils import timezone

from generations import ledger, lifecycle
from generations.mesh import NotSent, Usage, Verdict, Wait, judge_error
from generations.models import Attempt, AttemptState, CatalogModel, LedgerKind
from generations.transactions import writing

_log = logging.getLogger(__name__)

GATE_SECONDS = 60.0  # a refused key or an empty balance: how long before one more try
SUSPICION_SECONDS = 600.0
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
    attempt.usage = usage.as_dict() if usage else None
    if verdict.kind == "unsent":
        _not_sent(attempt, verdict)
    elif verdict.kind == "refused":
        _refused(attempt, verdict)
    elif verdict.kind == "unusable":
        lifecycle.move(attempt, AttemptState.CHARGED_UNUSABLE, **_ended(attempt, verdict))
    else:
        lifecycle.move(attempt, AttemptState.UNKNOWN, lease_until=None, **_words(verdict))


def _words(verdict: Verdict) -> dict[str, Any]:
    words: dict[str, Any] = {"code": verdict.code, "message": verdict.message}
    if verdict.status:
        words["status"] = verdict.status
    if verdict.request_id:
        words["request_id"] = verdict.request_id
    return words


def _ended(attempt: Attempt, verdict: Verdict) -> dict[str, Any]:
    """What is written about an answered attempt: also the tokens that a refusal names."""
    return _words(verdict) | {"usage": attempt.usage}


def withdraw(attempt: Attempt) -> None:
    """Its holder knows that no byte left: not charged, whatever was written down meanwhile."""
    if attempt.state == AttemptState.UNKNOWN:
        lifecycle.resolve_unknown(attempt, is_charged=False)
    else:
        apply(attempt, judge_error(NotSent("not_started")))


def _not_sent(attempt: Attempt, verdict: Verdict) -> None:
    """Nothing left this machine: the same attempt waits for another turn."""
    if attempt.state != AttemptState.CLAIMED:  # marked as sent, and yet no byte left
        _refused(attempt, verdict)
        return
    if verdict.wait is None:
        lifecycle.move(attempt, AttemptState.REJECTED_FREE, **_words(verdict))
        return
    _close_gate(attempt, verdict)
    pause = _pause(attempt, verdict.wait)
    lifecycle.put_back(
        attempt,
        wait_seconds=pause,
        give_up_seconds=_last_patience(verdict.wait, pause),
        code=verdict.code,
        is_held=_is_long(attempt, verdict),
    )


def _refused(attempt: Attempt, verdict: Verdict) -> None:
    """Free: close the gate if others would be refused alike, and line up again if that may help."""
    if verdict.code == "model_gone":
        CatalogModel.objects.filter(model_id=attempt.generation.model_id).update(is_available=False)
    if verdict.wait is None or _is_used_up(attempt, verdict.wait):
        is_doubtful = verdict.wait is not None and verdict.wait.then == "unknown"
        end = AttemptState.UNKNOWN if is_doubtful else AttemptState.REJECTED_FREE
        lifecycle.move(attempt, end, **_ended(attempt, verdict))
        if verdict.code == "forbidden":
            _suspect_the_account(attempt, verdict)
        return
    _close_gate(attempt, verdict)
    if not _was_free(attempt):
        lifecycle.move(attempt, AttemptState.REJECTED_FREE, **_ended(attempt, verdict))
        return
    pause = _pause(attempt, verdict.wait)
    with writing():
        may_follow = lifecycle.may_follow(attempt)
        if not lifecycle.move(attempt, AttemptState.REJECTED_FREE, **_ended(attempt, verdict)):
            return
        if not may_follow:
            return
        attempt.code, attempt.message = verdict.code, verdict.message
        lifecycle.follow_up(
            attempt,
            wait_seconds=pause,
            give_up_seconds=_last_patience(verdict.wait, pause),
            state=AttemptState.HELD if _is_long(attempt, verdict) else AttemptState.READY,
        )


def _was_free(attempt: Attempt) -> bool:
    """Not if the refusal names tokens that cost; nor if the person was told that nobody knows,
    because then they may have run it again themselves.
    """
    was_unknown = attempt.ledger.filter(kind=LedgerKind.HOLD).exists()
    return not was_unknown and not ledger.cost_of_tokens(attempt)


def _suspect_the_account(attempt: Attempt, verdict: Verdict) -> None:
    """One model may be barred to us; several at once mean that the key is."""
    lately = lifecycle.in_seconds(-SUSPICION_SECONDS)
    others = Attempt.objects.filter(code="forbidden", finished_at__gt=lately)
    if others.exclude(generation__model_id=attempt.generation.model_id).exists():
        lifecycle.close_gate(
            lifecycle.ACCOUNT_GATE,
            seconds=GATE_SECONDS,
            reason=verdict.code,
            message=verdict.message,
        )


def _last_patience(wait: Wait, pause: float) -> float:
    """When waiting ends for good; never before the next try."""
    return max(LAST_GIVE_UP_SECONDS, wait.give_up_seconds or 0, pause + 3600)


def _is_used_up(attempt: Attempt, wait: Wait) -> bool:
    if wait.max_tries is not None and attempt.tries >= wait.max_tries:
        return True
    return wait.then == "fail" and _has_waited(attempt, wait)


def _has_waited(attempt: Attempt, wait: Wait) -> bool:
    """Whether the patience for this cause is over, counted from the submission."""
    if wait.give_up_seconds is None:
        return False
    return (timezone.now() - attempt.generation.created_at).total_seconds() > wait.give_up_seconds


def _pause(attempt: Attempt, wait: Wait) -> float:
    """The provider's own time, or one that grows; chance spreads those that wait together."""
    pause = wait.delay(attempt.tries, chance=random.random())  # noqa: S311
    return max(pause, HELD_SECONDS) if _has_waited(attempt, wait) else pause


def _is_long(attempt: Attempt, verdict: Verdict) -> bool:
    """Worth showing as held, with its reason, rather than as waiting."""
    wait = verdict.wait
    if wait is None:
        return False
    return verdict.gate is not None or _has_waited(attempt, wait) or (wait.seconds or 0) > 900


def _close_gate(attempt: Attempt, verdict: Verdict) -> None:
    if verdict.gate is None or verdict.wait is None:
        return
    name = lifecycle.ACCOUNT_GATE
    if verdict.gate == "model":
        name = lifecycle.model_gate(attempt.generation.model_id)
    seconds = verdict.wait.seconds or (
        GATE_SECONDS if verdict.alarm else _pause(attempt, verdict.wait)
    )
    lifecycle.close_gate(name, seconds=seconds, reason=verdict.code, message=verdict.message)
