"""From claimed to finished: one upstream call, and what follows from its answer.

May run twice: every step is guarded by the attempt's state and fence.
"""

import logging
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from generations import lifecycle
from generations.mesh import (
    AnswerHead,
    Call,
    MeshError,
    Recording,
    judge,
    judge_error,
    read_answer,
)
from generations.models import Attempt, AttemptState
from generations.pipeline import ingest, outcome, spool, stopping, turns, upstream

_log = logging.getLogger(__name__)


def run_next(generation: UUID | None = None) -> bool:
    """Claim the attempt whose turn it is and see it through; False when there was none."""
    if stopping.is_stopping():
        return False
    attempt = lifecycle.claim(stopping.worker_name(), generation=generation)
    if attempt is None:
        return False
    call = Call(
        request_id=str(attempt.pk),
        on_send=lambda: _before_sending(attempt),
        on_head=lambda head: _on_head(attempt, head, answer),
    )
    with stopping.holding(attempt.pk, call):
        if stopping.is_stopping():  # asked for while this thread was waiting to claim
            lifecycle.put_back(attempt, wait_seconds=0, give_up_seconds=None, code="")
            return False
        try:
            spool.check_room()
        except spool.SpoolFull:
            lifecycle.put_back(attempt, wait_seconds=30, give_up_seconds=None, code="spool_full")
            return True
        answer = spool.SpoolFile(attempt.pk, attempt.fence)
        _call(attempt, call, answer)
    return True


def _before_sending(attempt: Attempt) -> None:
    lifecycle.mark_sending(attempt)
    connection.close()  # a stream lasts minutes; the connection is somebody else's meanwhile


def _on_head(attempt: Attempt, head: AnswerHead, answer: spool.SpoolFile) -> None:
    """Raises nothing: a paid answer is on its way, and the database may be away."""
    answer.write_head(head)
    try:
        lifecycle.mark_accepted(attempt, status=head.status, request_id=head.request_id)
    except DatabaseError:
        _log.warning("attempt %s: accepted, but the database is away", attempt.pk)
    finally:
        connection.close()


def _call(attempt: Attempt, call: Call, answer: spool.SpoolFile) -> None:
    """Send, receive, and decide by what came."""
    connection.close()
    try:
        recording = upstream.client().images.record(
            upstream.request_of(attempt), sink=answer.write, call=call
        )
    except lifecycle.ClaimLost:
        answer.discard()
    except MeshError as error:
        answer.discard()
        outcome.apply(attempt, judge_error(error))
    else:
        _received(attempt, answer, recording)


def _received(attempt: Attempt, answer: spool.SpoolFile, recording: Recording) -> None:
    digest = answer.finish() if recording.complete else ""
    if not recording.complete:
        answer.keep_part()
    elif not mark_received(attempt, digest=digest, size=answer.size):
        return
    decide(attempt, trouble=recording.trouble)


def mark_received(attempt: Attempt, *, digest: str, size: int) -> bool:
    return lifecycle.move(
        attempt,
        AttemptState.RECEIVED,
        received_at=Now(),
        answer_sha256=digest,
        answer_bytes=size,
        spool_host=stopping.host_name(),
        lease_until=lifecycle.lease(),
    )


def decide(attempt: Attempt, *, trouble: MeshError | None = None) -> None:
    """Judge the answer in the spool and act on it. A cut answer counts if a picture is in it."""
    stored = spool.find(attempt.pk)
    if stored is None:
        lifecycle.declare_unknown(attempt, code="answer_missing")
        return
    with turns.turn():
        answer = read_answer(stored.head, stored.chunks(), complete=stored.is_whole)
        verdict = judge(stored.head, answer, wanted=attempt.slot_count, trouble=trouble)
        if verdict.kind not in {"usable", "unusable"}:
            outcome.apply(attempt, verdict, usage=answer.usage)
            return
        is_ours = stored.is_whole or attempt.state == AttemptState.RECEIVED
        if not is_ours and not mark_received(attempt, digest="", size=stored.size):
            return
        if not ingest.has_links(answer):
            ingest.store(attempt, answer, verdict)
            return
    ingest.fetch_and_store(attempt, answer, verdict)  # a slow link must not hold up the others
