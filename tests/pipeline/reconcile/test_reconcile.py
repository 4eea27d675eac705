"""Each fault is made for real, told without --apply, cured with it, and gone afterwards."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger, lifecycle, policy, storage
from generations.models import (
    Attempt,
    AttemptState,
    Budget,
    BudgetPeriod,
    Generation,
    Image,
    LedgerEntry,
    Reservation,
    UsageChange,
    UsageFilled,
    UsageSum,
    User,
)
from generations.pipeline import run, sizes, spool
from generations.queries.usage import Sums, usage_lines
from generations.storage import keys
from tests.pipeline.reconcile.conftest import Reconcile
from tests.queries.audit.conftest import make_old, path_of
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]
CLEAN = (0, ["Nothing is left."])
LONG_AGO = Now() - timedelta(hours=1)


def everything() -> tuple[Any, ...]:
    """What no dry run may change."""
    objects = [(each.key, each.size) for each in storage.get_store().listing()]
    rows = [list(model.objects.order_by("pk").values()) for model in (Attempt, Image, LedgerEntry)]
    return (objects, rows, list(BudgetPeriod.objects.values()), list(UsageSum.objects.values()))


def told_then_done(reconcile: Reconcile, *arguments: Any) -> list[str]:
    """What a dry run says; it changes nothing, --apply does just that, and then all is well."""
    before = everything()
    code, told = reconcile(*arguments)
    assert (code, everything()) == (1, before)
    done = [line.replace("would ", "did ", 1) for line in told[:-1]]
    assert reconcile("--apply", *arguments) == (0, [*done, "Nothing is left."])
    assert reconcile("--apply") == CLEAN
    return told


def answered(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """The answer is whole in the spool, and its worker died before it could say so."""
    with monkeypatch.context() as patch:
        patch.setattr(run, "_received", lambda attempt, answer, recording: answer.finish())
        run.run_next(generation.pk)
    attempt = generation.attempts.get()
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=LONG_AGO)
    return attempt


def test_nothing_to_do_in_a_healthy_gallery(
    reconcile: Reconcile, kept: Image, alice: User, submit: Submit
) -> None:
    submit(alice)
    assert reconcile() == CLEAN
    assert reconcile("--apply", "--full") == CLEAN


@pytest.mark.parametrize("state", ["accepted", "received", "unknown"])
def test_answer_in_the_spool_is_stored(
    reconcile: Reconcile,
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    attempt = answered(submit(alice), monkeypatch)
    if state == "received":
        run.mark_received(attempt, digest="", size=1)
        Attempt.objects.update(lease_until=LONG_AGO)
    if state == "unknown":
        lifecycle.declare_unknown(attempt, code="worker_lost")
    told = told_then_done(reconcile)
    what = f"is {state}, and its answer is here"
    assert told == [f"would store it: attempt ID {what}", "1 left."]
    assert Attempt.objects.get().state == "stored"
    assert sandbox.ledger()["requests"] == 1


def test_answer_of_a_lost_host_is_stored_from_its_copy(
    reconcile: Reconcile,
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SPOOL_COPY = True
    attempt = answered(submit(alice), monkeypatch)
    assert run.mark_received(attempt, digest="", size=1)
    spool.remove(attempt.pk)
    Attempt.objects.update(spool_host="a-lost-host", lease_until=LONG_AGO)
    told = told_then_done(reconcile)
    assert told[0] == "would store it: attempt ID is received, and its answer is here"
    assert Attempt.objects.get().state == "stored"


def test_answer_on_another_host_is_told_and_left(
    reconcile: Reconcile, alice: User, submit: Submit, unknown: Attempt
) -> None:
    run.mark_received(unknown, digest="", size=0)
    Attempt.objects.update(spool_host="the-other", lease_until=None)
    line = "left: attempt ID is received, its answer lies on the-other: look there"
    assert reconcile("--apply") == (1, [line, "1 left."])
    assert Attempt.objects.get().state == "received"


def test_answer_that_is_gone_ends_as_unknown(reconcile: Reconcile, unknown: Attempt) -> None:
    run.mark_received(unknown, digest="", size=0)
    Attempt.objects.update(lease_until=None)
    code, lines = reconcile("--apply")
    assert (code, lines[0].split(":")[0]) == (1, "did call it unknown")
    assert lines[1].startswith("left: attempt ID is unknown since ")
    assert Attempt.objects.get().code == "answer_missing"


def test_budget_meters_are_counted_anew(reconcile: Reconcile, alice: User, submit: Submit) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    submit(alice, n=3)
    BudgetPeriod.objects.update(reserved_micros=1, spent_pictures=7)
    (told, _) = told_then_done(reconcile)
    assert told.startswith("would count them anew: budget period ")
    period = BudgetPeriod.objects.get()
    assert (period.reserved_micros, period.spent_pictures) == (120_000, 0)


@pytest.mark.parametrize("is_added_up", [True, False])
def test_sums_of_usage_are_counted_anew(
    reconcile: Reconcile, kept: Image, is_added_up: bool
) -> None:
    if is_added_up:
        ledger.add_up()
    UsageSum.objects.update(made=7)
    UsageChange.objects.filter(kept=1).delete()
    year, person = kept.created_at.year, kept.owner_id
    (told, _) = told_then_done(reconcile)
    assert told.startswith(f"would count them anew: the sums of {year} of person {person} differ")
    (line,) = usage_lines(
        policy.own_usage(kept.owner), since=date(year, 1, 1), until=date(year, 12, 31)
    )
    assert line.sums == Sums(made=1, kept=1, spent_micros=40_000)


def test_sums_of_usage_that_were_never_filled_are(reconcile: Reconcile, kept: Image) -> None:
    UsageFilled.objects.all().delete()
    UsageChange.objects.all().delete()
    (told, _) = told_then_done(reconcile)
    assert told.startswith("would count them from the attempts: the sums of usage are not filled")
    assert UsageFilled.objects.exists()
    assert ledger.drift_of(ledger.Stretch(kept.owner_id, kept.created_at.year)) == []


def test_object_without_a_picture_moves_to_quarantine(reconcile: Reconcile, kept: Image) -> None:
    key = f"v1/{uuid4()}/{uuid4()}/0-0123456789abcdef.png"
    path_of(key).parent.mkdir(parents=True)
    path_of(key).write_bytes(b"paid bytes")
    make_old(path_of(key))
    told = told_then_done(reconcile)
    line = "would move it to quarantine/: v1/ID/ID/0-0123456789abcdef.png is an object"
    assert told[0].startswith(line)
    (aside,) = storage.get_store().keys("quarantine/")
    assert aside.endswith(key)
    assert b"".join(storage.get_store().open(aside).chunks) == b"paid bytes"
    assert list(spool.directory().glob("*aside*")) == []


@pytest.mark.parametrize("is_there", [False, True])
def test_lost_original_is_put_again_from_the_spool(
    reconcile: Reconcile, kept: Image, is_there: bool
) -> None:
    content = path_of(kept.key).read_bytes()
    path_of(kept.key).unlink()
    if is_there:
        path_of(kept.key).write_bytes(b"something else")
    told = told_then_done(reconcile)
    assert told[0].startswith("would put it again from the spool: image ID ")
    assert path_of(kept.key).read_bytes() == content
    aside = [path_of(key).read_bytes() for key in storage.get_store().keys("quarantine/")]
    assert aside == ([b"something else"] if is_there else [])


def test_lost_original_that_came_as_an_address_is_put_again(
    reconcile: Reconcile, sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    run.run_next(submit(alice, prompt="a fox [[as=url]]").pk)
    sizes.drain(20)
    image = Image.objects.get()
    content = path_of(image.key).read_bytes()
    path_of(image.key).unlink()
    sandbox.reset()  # and with it every address
    told_then_done(reconcile)
    assert path_of(image.key).read_bytes() == content


def test_changed_byte_is_found_with_the_full_look(reconcile: Reconcile, kept: Image) -> None:
    content = path_of(kept.key).read_bytes()
    path_of(kept.key).write_bytes(b"\0" + content[1:])
    assert reconcile() == CLEAN
    assert told_then_done(reconcile, "--full")[0].startswith("would put it again")
    assert path_of(kept.key).read_bytes() == content


def test_original_that_is_nowhere_is_told_and_left(reconcile: Reconcile, kept: Image) -> None:
    path_of(kept.key).unlink()
    spool.remove(kept.attempt_id)
    code, lines = reconcile("--apply")
    assert (code, lines[-1]) == (1, "1 left.")
    assert lines[0].startswith("left: image ID lacks its original (v1/")


def test_lost_sizes_are_made_from_the_original(reconcile: Reconcile, kept: Image) -> None:
    before = kept.edges
    for edge in (320, 1600):
        path_of(keys.derived_key(kept.key, edge)).unlink()
    assert len(told_then_done(reconcile)) == 3
    kept.refresh_from_db()
    assert (kept.edges, kept.sizes_done) == (before, True)
    assert len(list(storage.get_store().keys("v1/"))) == 4


def test_size_that_was_never_made_is_made(
    reconcile: Reconcile,
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sizes, "finish_later", lambda image, path: None)
        run.run_next(submit(alice).pk)
    Attempt.objects.update(finished_at=LONG_AGO)
    line = "would make it from the original: image ID lacks a size"
    assert told_then_done(reconcile)[0] == line
    assert Image.objects.get().sizes_done


def bill(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "bill.csv"
    path.write_text("\n".join(("request_id,amount", *rows)) + "\n")
    return path


def money(attempt: Attempt) -> list[tuple[str, int | None]]:
    entries = LedgerEntry.objects.filter(attempt=attempt).order_by("pk")
    return [(entry.kind, entry.micros) for entry in entries]


@pytest.mark.parametrize("is_ours", [True, False])
def test_unknown_on_the_bill_is_charged_what_it_says(
    reconcile: Reconcile, unknown: Attempt, tmp_path: Path, is_ours: bool
) -> None:
    Attempt.objects.update(request_id="req_theirs")
    name = str(unknown.pk) if is_ours else "req_theirs"
    told = told_then_done(reconcile, "--bill", bill(tmp_path, f"{name},0.05"))
    assert told[0].startswith("would count it as charged: attempt ID is unknown, and the bill says")
    unknown.refresh_from_db()
    assert (unknown.state, unknown.cost_micros) == (AttemptState.RESOLVED_CHARGED, 50_000)
    assert money(unknown) == [("reserve", 40_000), ("hold", 40_000), ("settle", 50_000)]


def test_unknown_that_the_bill_gave_back_is_free(
    reconcile: Reconcile, unknown: Attempt, tmp_path: Path
) -> None:
    rows = (f"{unknown.pk},0.04", f"{unknown.pk},-0.04")
    told_then_done(reconcile, "--bill", bill(tmp_path, *rows))
    unknown.refresh_from_db()
    assert unknown.state == AttemptState.RESOLVED_FREE


def test_unknown_missing_on_a_bill_stays_unless_the_bill_is_complete(
    reconcile: Reconcile, alice: User, unknown: Attempt, tmp_path: Path
) -> None:
    Attempt.objects.update(sent_at=timezone.now() - timedelta(days=1))
    path = bill(tmp_path, "req_somebody,0.05")
    code, lines = reconcile("--apply", "--bill", path)
    assert (code, lines[0].split()[0], Attempt.objects.get().state) == (1, "left:", "unknown")
    told_then_done(reconcile, "--bill", path, "--period-complete")
    unknown.refresh_from_db()
    assert unknown.state == AttemptState.RESOLVED_FREE
    assert money(unknown)[-1] == ("release", 40_000)


def test_only_what_was_sent_in_the_complete_period_is_freed(
    reconcile: Reconcile, unknown: Attempt, tmp_path: Path
) -> None:
    today = timezone.now().date()
    path = bill(tmp_path, "req_somebody,0.05")
    for days in ((-9, -2), (1, 9)):
        period = [str(today + timedelta(days=day)) for day in days]
        assert reconcile("--apply", "--bill", path, "--period-complete", *period)[0] == 1
    assert Attempt.objects.get().state == "unknown"
    period = [str(today - timedelta(days=1)), str(today + timedelta(days=2))]
    assert reconcile("--apply", "--bill", path, "--period-complete", *period)[0] == 0


def test_bill_with_a_line_that_cannot_be_read_frees_nothing(
    reconcile: Reconcile, unknown: Attempt, tmp_path: Path
) -> None:
    Attempt.objects.update(sent_at=timezone.now() - timedelta(days=1))
    path = bill(tmp_path, f"{unknown.pk},four cents")
    code, lines = reconcile("--apply", "--bill", path, "--period-complete")
    assert (code, lines[1:]) == (
        1,
        ["left: line 2 of the bill can't be read; the others were", "2 left."],
    )
    assert Attempt.objects.get().state == "unknown"


def test_charge_for_what_we_count_as_free_is_told(
    reconcile: Reconcile, unknown: Attempt, tmp_path: Path
) -> None:
    lifecycle.resolve_unknown(unknown, is_charged=False)
    code, lines = reconcile("--apply", "--bill", bill(tmp_path, f"{unknown.pk},0.04"))
    line = "left: attempt ID is resolved_free here, and the bill says $0.04"
    assert (code, lines) == (1, [line, "1 left."])


def test_unknown_for_long_is_charged_only_where_the_operator_says_so(
    reconcile: Reconcile, alice: User, submit: Submit, unknown: Attempt
) -> None:
    Budget.objects.create(user=alice, limit_pictures=5)
    Attempt.objects.update(sent_at=timezone.now() - timedelta(days=8))
    assert reconcile("--apply")[0] == 1
    assert reconcile("--apply", "--charge-unknown-after", 9)[0] == 1
    told_then_done(reconcile, "--charge-unknown-after", 7)
    unknown.refresh_from_db()
    assert (unknown.state, unknown.cost_micros) == (AttemptState.RESOLVED_CHARGED, 40_000)
    assert not Reservation.objects.filter(is_open=True).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--period-complete"], "says something about a --bill"),
        (["--bill", "/nowhere.csv"], "can't be read"),
        (["--bill", "BILL", "--period-complete", "2026-01-01"], "takes two days"),
        (["--bill", "BILL", "--period-complete", "2026-13-01", "x"], "is no day"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(
    db: None, tmp_path: Path, arguments: list[str], said: str
) -> None:
    path = str(bill(tmp_path, "req,1"))
    with pytest.raises(CommandError, match=said):
        call_command("reconcile", *[path if word == "BILL" else word for word in arguments])
