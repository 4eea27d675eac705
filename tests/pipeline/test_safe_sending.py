"""What is certain before a byte leaves: room for the answer, and that it wasn't sent before."""

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from generations import lifecycle
from generations.models import Attempt, CatalogModel, Gate, Generation, User
from generations.pipeline import backlog, journal, restore, run, spool, stopping
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


def only(generation: Generation) -> Attempt:
    return generation.attempts.select_related("generation").get()


def restore_backup(generation: Generation) -> None:
    """The database is as it was before its attempts were claimed."""
    generation.images.all().delete()
    generation.attempts.update(
        state="ready",
        sent_at=None,
        accepted_at=None,
        received_at=None,
        finished_at=None,
        fence=0,
        worker="",
        is_vacant=True,
        created_at=timezone.now() - timedelta(hours=1),
    )
    for attempt in generation.attempts.all():
        attempt.ledger.exclude(kind="reserve").delete()


def test_nothing_is_sent_while_the_disk_has_no_room_for_the_answer(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool, "EXPECTED_BYTES", 2**62)  # no file system has that much
    settings.SPOOL_MAX_BYTES = 2**63
    generation = submit(alice)
    assert run.run_next()
    attempt = only(generation)
    assert (attempt.state, attempt.code, attempt.sent_at) == ("ready", "spool_full", None)
    assert sandbox.ledger()["requests"] == 0
    assert spool.attempt_ids() == set()


def test_room_is_taken_and_what_is_not_needed_given_back() -> None:
    answer = spool.SpoolFile(attempt_id := uuid4(), 1)
    assert answer.part.stat().st_blocks * 512 >= spool.EXPECTED_BYTES
    assert answer.part.stat().st_size == 0
    answer.write(b"x" * 1000)
    answer.finish()
    done = spool.directory() / f"{attempt_id}.done"
    assert done.stat().st_size == 1000
    assert done.stat().st_blocks * 512 <= 8192


def test_a_limit_on_file_sizes_counts_as_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, -1))\n"
        "from generations.pipeline import spool\n"
        "with open('f', 'wb') as file:\n"
        "    try: spool.take_room(file, 8_000_000)\n"
        "    except OSError as error: print(error.errno)\n"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(errno.EFBIG)


def test_a_disk_that_fails_in_the_middle_leaves_an_unknown_outcome(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: spool.SpoolFile, piece: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool.SpoolFile, "write", fail)
    generation = submit(alice)
    run.run_next()
    attempt = only(generation)
    assert (attempt.state, attempt.code) == ("unknown", "spool_failed")
    assert [row.kind for row in attempt.ledger.order_by("pk")] == ["reserve", "hold"]


def test_nothing_is_sent_while_the_store_is_too_far_behind(
    sandbox: Sandbox, alice: User, submit: Submit, settings: Any
) -> None:
    waiting, next_one = submit(alice), submit(alice)
    attempt = lifecycle.claim("w", generation=waiting.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    run.mark_received(attempt, digest="", size=3_000_000)
    settings.SPOOL_MAX_BYTES = 3_000_000 + spool.EXPECTED_BYTES - 1
    assert backlog.size_bytes() == 3_000_000
    run.run_next(next_one.pk)
    assert (only(next_one).state, only(next_one).code) == ("ready", "storage_behind")
    settings.SPOOL_MAX_BYTES += 1
    Attempt.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    run.run_next(next_one.pk)
    assert only(next_one).state == "stored"


def test_what_a_restored_database_forgot_is_stored_from_the_spool_and_not_sent(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    run.run_next()
    assert only(generation).state == "stored"
    restore_backup(generation)
    run.run_next()
    assert only(generation).state == "stored"
    assert generation.images.count() == 1
    assert sandbox.ledger()["requests"] == 1


def test_what_a_restored_database_forgot_is_unknown_when_the_answer_is_gone(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    run.run_next()
    spool.remove(only(generation).pk)
    restore_backup(generation)
    run.run_next()
    assert (only(generation).state, only(generation).code) == ("unknown", "sent_before")
    assert sandbox.ledger()["requests"] == 1


def test_a_restored_database_stops_everything_until_somebody_has_looked(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    run.run_next()
    restore.look()
    assert not Gate.objects.exists()
    restore_backup(generation)
    restore.look()
    gate = Gate.objects.get()
    assert (gate.is_closed, gate.closed_until, gate.reason) == (True, None, "restored")
    assert not run.run_next()
    lifecycle.open_gate("account")
    restore.look()
    assert not Gate.objects.get().is_closed


def test_the_journal_knows_an_attempt_once() -> None:
    attempt_id = uuid4()
    assert not journal.has(attempt_id)
    with journal.noting(attempt_id):
        pass
    assert journal.has(attempt_id)
    with pytest.raises(journal.SentBefore), journal.noting(attempt_id):
        pytest.fail("it was sent a second time")
    journal.forget(older_than=timedelta(seconds=-1))
    assert not journal.has(attempt_id)


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_database_that_goes_away_at_the_last_moment_lets_no_byte_leave(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    is_committed: bool,
) -> None:
    real = lifecycle.mark_sending

    def cut(attempt: Attempt) -> None:
        if is_committed:
            real(attempt)
        raise OperationalError("server closed the connection unexpectedly")

    generation = submit(alice)
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "mark_sending", cut)
        run.run_next()
    assert sandbox.ledger()["requests"] == 0
    newest = generation.attempts.order_by("-tries").first()
    assert newest
    assert (newest.state, newest.code, newest.sent_at) == ("ready", "not_started", None)
    assert generation.attempts.count() == 1 + is_committed
    Attempt.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    run.run_next()
    assert generation.images.count() == 1
    assert sandbox.ledger()["requests"] == 1


def test_a_call_that_was_never_made_is_free_although_it_was_called_unknown(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lifecycle.mark_sending

    def cut(attempt: Attempt) -> None:
        real(attempt)
        lifecycle.declare_unknown(attempt, code="worker_lost")
        raise OperationalError("server closed the connection unexpectedly")

    generation = submit(alice)
    monkeypatch.setattr(lifecycle, "mark_sending", cut)
    run.run_next()
    assert only(generation).state == "resolved_free"
    assert sandbox.ledger()["requests"] == 0


def test_the_journal_forgets_what_could_not_be_marked_as_sent() -> None:
    attempt_id = uuid4()
    with pytest.raises(OperationalError), journal.noting(attempt_id):
        raise OperationalError("the database is away")
    assert not journal.has(attempt_id)


def test_the_journal_is_free_for_others_while_a_slow_database_marks_one_as_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "BUSY_SECONDS", 0.1)
    slow, quick = uuid4(), uuid4()
    with journal.noting(slow):
        with journal.noting(quick):
            pass
        assert (journal.has(quick), journal.has(slow)) == (True, False)
    assert journal.has(slow)


def test_a_journal_laid_out_by_many_processes_at_once(tmp_path: Path) -> None:
    code = (
        "import sys, threading, uuid\n"
        "from django.conf import settings; settings.configure(SPOOL_DIR=sys.argv[1])\n"
        "from generations.pipeline import journal\n"
        "def work():\n"
        "    for _ in range(5):\n"
        "        with journal.noting(uuid.uuid4()): pass\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
    )
    root = Path(__file__).resolve().parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], cwd=root, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 4


def test_a_journal_that_cannot_be_read_holds_with_a_reason(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    (spool.directory() / journal.NAME).write_bytes(b"garbage" * 5000)
    generation = submit(alice)
    run.run_next()
    attempt = only(generation)
    assert (attempt.state, attempt.code, attempt.tries) == ("ready", "journal_away", 1)
    assert sandbox.ledger()["requests"] == 0


def test_a_journal_that_is_locked_makes_no_new_attempts(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "BUSY_SECONDS", 0.1)
    generation = submit(alice)
    journal.has(uuid4())
    other = sqlite3.connect(spool.directory() / journal.NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        run.run_next()
    finally:
        other.close()
    attempt = only(generation)
    assert (attempt.state, attempt.sent_at) == ("ready", None)
    assert sandbox.ledger()["requests"] == 0


def test_an_answer_is_read_while_the_database_says_nothing(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_back = threading.Event()
    real = lifecycle.mark_accepted

    def silent(*args: Any, **options: Any) -> bool:
        is_back.wait(30)
        return real(*args, **options)

    monkeypatch.setattr(lifecycle, "mark_accepted", silent)
    monkeypatch.setattr(spool, "TELLING_SECONDS", 0.1)
    generation = submit(alice)
    run.run_next()
    assert only(generation).state == "stored"
    is_back.set()


def test_a_fault_of_ours_before_sending_holds_and_gives_the_room_back(
    settings: Any, alice: User, submit: Submit
) -> None:
    settings.MESH_API_BASE_URL = "http://127.0.0.1:9"
    settings.MESH_API_KEY = "rsk_abc\u2011def"  # from a text with typographic hyphens
    generation = submit(alice)
    run.run_next()
    attempt = only(generation)
    assert (attempt.state, attempt.code, attempt.sent_at) == ("held", "our_fault", None)
    assert spool.attempt_ids() == set()


def test_waiting_for_room_uses_up_no_tries(alice: User, submit: Submit, settings: Any) -> None:
    settings.SPOOL_MAX_BYTES = -1
    generation = submit(alice)
    Attempt.objects.update(tries=32_767)
    run.run_next()
    assert (only(generation).state, only(generation).tries) == ("ready", 32_767)


def test_a_call_for_ten_pictures_counts_as_ten_in_the_backlog(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.images_per_call = 10
    painter.save()
    generation = submit(alice, n=10)
    lifecycle.claim(stopping.worker_name(), generation=generation.pk)
    assert backlog.size_bytes() == 10 * spool.EXPECTED_BYTES
