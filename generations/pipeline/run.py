"""From claimed to finished: one upstream call, and what follows from its answer.

May run twice: every step is guarded by the attempt's state and fence.
"""

import contextlib
import copy
import logging
import sqlite3
import threading
import time
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Q
from django.db.models.functions import Now

from generations import bell, lifecycle
from generations.mesh import (
    Answer,
    AnswerHead,
    Call,
    MeshError,
    Recording,
    Verdict,
    judge,
    judge_error,
    read_answer,
)
from generations.models import Attempt, AttemptState
from generations.pipeline import (
    backlog,
    copies,
    ingest,
    journal,
    moderation,
    outcome,
    restore,
    spool,
    stopping,
    turns,
    upstream,
)
from generations.transactions import writing

_log = logging.getLogger(__name__)

FULL_SECONDS = 10.0  # until an attempt that found no room for its answer has another turn

FAULT_SECONDS = 60.0  # until the next try after something that should not happen


class NotWrittenDown(Exception):
    """It could not be committed that the attempt is being sent, so it wasn't sent."""


def run_next(generation: UUID | None = None) -> bool:
    """Claim the attempt whose turn it is and see it through; False when there was none."""
    if stopping.is_stopping():
        return False
    restore.look_first()
    attempt = lifecycle.claim(stopping.worker_name(), generation=generation)
    if attempt is None:
        return False
    call = Call(request_id=str(attempt.pk), on_send=lambda: _before_sending(attempt))
    with stopping.holding(attempt.pk, call):
        if stopping.is_stopping():  # asked for while this thread was waiting to claim
            lifecycle.put_back(attempt, wait_seconds=0, give_up_seconds=None, code="")
            return False
        answer = _room_for(attempt)
        if answer and _may_go(attempt, answer):
            _call(attempt, call, answer)
    return True


def _room_for(attempt: Attempt) -> spool.SpoolFile | None:
    """Where the answer will go; None if there is no room, or if this was sent before."""
    try:
        if journal.has(attempt.pk):
            _go_on_from_before(attempt)
            return None
        backlog.check()
        return spool.SpoolFile(attempt.pk, attempt.fence, pictures=attempt.slot_count)
    except spool.SpoolFull as full:
        code = full.code
    except sqlite3.Error as error:
        _log.error("the journal of sends can't be read: %s", error)
        code = "journal_away"
    lifecycle.put_back(
        attempt, wait_seconds=FULL_SECONDS, give_up_seconds=None, code=code, is_try=False
    )
    return None


def _may_go(attempt: Attempt, answer: spool.SpoolFile) -> bool:
    """Whether it is to be sent now; if not, it has been moved on and needs no room."""
    try:
        is_free = moderation.lets_go(attempt)
    except Exception as error:  # noqa: BLE001  # whatever it is, a person must see why it waits
        _log.exception("attempt %s: its prompt can't be checked: %s", attempt.pk, error)
        _ended_by_our_fault(attempt, answer)
        return False
    if is_free and stopping.is_stopping():  # asked for meanwhile
        lifecycle.put_back(attempt, wait_seconds=0, give_up_seconds=None, code="", is_try=False)
        is_free = False
    if not is_free:
        answer.discard()
    return is_free


def _go_on_from_before(attempt: Attempt) -> None:
    """The database has forgotten that this was sent: what is left of the answer, else unknown."""
    with contextlib.suppress(lifecycle.ClaimLost):
        lifecycle.mark_sending(attempt)
        stored = spool.find(attempt.pk)
        if stored is None:
            lifecycle.declare_unknown(attempt, code="sent_before")
        elif not stored.is_whole or mark_received(attempt, digest="", size=stored.size):
            decide(attempt)


def _before_sending(attempt: Attempt) -> None:
    """Commit "sent". What this raises ends the call before a byte has left."""
    try:
        with journal.noting(attempt.pk):
            lifecycle.mark_sending(attempt)
    except (DatabaseError, sqlite3.Error) as error:
        raise NotWrittenDown from error
    finally:
        connection.close()  # a stream lasts minutes; it is somebody else's connection meanwhile


def _on_head(attempt: Attempt, head: AnswerHead, answer: spool.SpoolFile) -> None:
    """The answer has begun: to the spool at once, to the database by a thread of its own.

    Whoever reads a paid answer must not wait for a database that has fallen silent.
    """
    answer.write_head(head)
    telling = threading.Thread(target=_tell_accepted, args=(copy.copy(attempt), head), daemon=True)
    telling.start()
    answer.told = telling


def _tell_accepted(attempt: Attempt, head: AnswerHead) -> None:
    try:
        lifecycle.mark_accepted(attempt, status=head.status, request_id=head.request_id)
        if attempt.is_probe and 200 <= head.status < 300:
            bell.ring(bell.RUN_ATTEMPT, lifecycle.let_others_follow(attempt))
    except DatabaseError:
        _log.warning("attempt %s: accepted, but the database is away", attempt.pk)
    finally:
        connection.close()


def _call(attempt: Attempt, call: Call, answer: spool.SpoolFile) -> None:
    """Send, receive, and decide by what came."""
    call.on_head = lambda head: _on_head(attempt, head, answer)
    connection.close()
    try:
        recording = upstream.client().images.record(
            upstream.request_of(attempt), sink=answer.write, call=call
        )
    except (lifecycle.ClaimLost, journal.SentBefore):
        answer.discard()
    except NotWrittenDown:
        answer.discard()
        _tell_not_sent(attempt)
    except OSError as error:  # the spool's, in the middle of the answer
        _log.error("attempt %s: the answer can't be kept: %s", attempt.pk, error)
        answer.keep_part()
        lifecycle.declare_unknown(attempt, code="spool_failed")
    except MeshError as error:
        answer.discard()
        outcome.apply(attempt, judge_error(error))
    except Exception as error:  # noqa: BLE001  # whatever it is, a person must see why it waits
        _log.exception("attempt %s: %s", attempt.pk, error)
        _ended_by_our_fault(attempt, answer)
    else:
        _received(attempt, answer, recording)


def _ended_by_our_fault(attempt: Attempt, answer: spool.SpoolFile) -> None:
    if attempt.state == AttemptState.CLAIMED:  # nothing has left
        answer.discard()
        lifecycle.put_back(
            attempt,
            wait_seconds=FAULT_SECONDS,
            give_up_seconds=None,
            code="our_fault",
            is_held=True,
        )
    else:
        answer.keep_part()
        lifecycle.declare_unknown(attempt, code="our_fault")


def _tell_not_sent(attempt: Attempt) -> None:
    """Nothing left, whatever the row says now: its fence's holder knows. If the database stays away
    for longer than that, the sweeper finds a claim to put back, or calls it unknown.
    """
    until = time.monotonic() + 2 * settings.LEASE_SECONDS
    while time.monotonic() < until:
        try:
            row = Attempt.objects.select_related("generation").get(pk=attempt.pk)
            if row.fence == attempt.fence:
                outcome.withdraw(row)
            return
        except DatabaseError:
            connection.close()
            time.sleep(1)


def _received(attempt: Attempt, answer: spool.SpoolFile, recording: Recording) -> None:
    answer.wait_until_told()
    if not recording.complete:
        answer.keep_part()
    elif not _has_kept(attempt, answer):
        return
    decide(attempt, trouble=recording.trouble)


def _has_kept(attempt: Attempt, answer: spool.SpoolFile) -> bool:
    digest = answer.finish()
    if not settings.SPOOL_COPY:
        return mark_received(attempt, digest=digest, size=answer.size)
    with turns.copying():  # a copy is a whole answer in memory
        return mark_received(attempt, digest=digest, size=answer.size)


def mark_received(attempt: Attempt, *, digest: str, size: int, has_picture: bool = False) -> bool:
    """Whether it was still to be received; if a copy is kept, in the same transaction.

    What somebody has counted as charged goes on only if its picture is known to be there.
    """
    where = None if has_picture else ~Q(state=AttemptState.RESOLVED_CHARGED)
    with writing():
        is_received = lifecycle.move(
            attempt,
            AttemptState.RECEIVED,
            where=where,
            received_at=Now(),
            answer_sha256=digest,
            answer_bytes=size,
            spool_host=stopping.host_name(),
            lease_until=lifecycle.lease(),
        )
        if is_received:
            copies.keep(attempt)
    return is_received


def decide(attempt: Attempt, *, trouble: MeshError | None = None) -> None:
    """Judge the answer in the spool and act on it. A cut answer counts if a picture is in it."""
    stored = spool.find(attempt.pk)
    if stored is None:
        lifecycle.declare_unknown(attempt, code="answer_missing")
        return
    with turns.turn_for(stored.size):
        judged = _judged(attempt, stored, trouble)
        if judged is None:
            return
        answer, verdict = judged
        if stored.size > turns.SMALL_BYTES and not ingest.has_links(answer):
            ingest.store(attempt, answer, verdict)
            return
    if ingest.has_links(answer):  # a slow link must not hold up the others
        ingest.fetch_and_store(attempt, answer, verdict)
        return
    with turns.turn():
        ingest.store(attempt, answer, verdict)


def _judged(
    attempt: Attempt, stored: spool.Stored, trouble: MeshError | None
) -> tuple[Answer, Verdict] | None:
    """What is to be stored; None if that was all, or somebody else has it."""
    answer = read_answer(stored.head, stored.chunks(), complete=stored.is_whole)
    verdict = judge(
        stored.head,
        answer,
        wanted=attempt.slot_count,
        trouble=trouble,
        errors_are_free=settings.MESH_ERRORS_ARE_FREE,
    )
    if verdict.kind not in {"usable", "unusable"}:
        outcome.apply(attempt, verdict, usage=answer.usage)
        return None
    is_ours = stored.is_whole or attempt.state == AttemptState.RECEIVED
    if not is_ours and not mark_received(attempt, digest="", size=stored.size):
        return None
    return answer, verdict
