"""Each promise is broken by hand in the database, and exactly its line says so."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import ledger, lifecycle
from generations.models import (
    Attempt,
    Budget,
    BudgetPeriod,
    Gate,
    Generation,
    Image,
    LedgerEntry,
    ModerationCheck,
    Reservation,
    UsageSum,
    User,
)
from tests.queries.audit.conftest import Submit
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Breaches = Callable[..., dict[str, list[str]]]
LONG_AGO = Now() - timedelta(hours=2)


def change(attempt: Attempt, **fields: Any) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(**fields)


def refused(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("a worker", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    lifecycle.move(attempt, lifecycle.S.REJECTED_FREE, code="rate_limited", is_vacant=False)
    return attempt


def follow(attempt: Attempt, **fields: Any) -> Attempt:
    """The automatic next attempt of a refused one."""
    following = lifecycle.follow_up(
        attempt, wait_seconds=60, give_up_seconds=None, state=lifecycle.S.READY
    )
    change(following, **fields)
    return following


def test_nothing_is_broken_in_a_gallery_with_one_of_everything(
    breaches: Breaches,
    sandbox: Sandbox,
    kept: Image,
    unknown: Attempt,
    alice: User,
    submit: Submit,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    submit(alice)
    follow(refused(submit(alice)))
    assert breaches("--sandbox", sandbox.url) == {}
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "--sandbox", sandbox.url)
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    marks = [(line[:4].strip(), line[5:16].strip()) for line in lines]
    unseen = {"I1", "I10"}
    names = [f"I{number}" for number in range(1, 13)]
    assert marks == [(name, "not counted" if name in unseen else "ok") for name in names]


def test_without_the_sandbox_its_bill_is_not_counted(breaches: Breaches, kept: Image) -> None:
    kept.attempt.ledger.all()
    assert breaches() == {}


def test_request_sent_twice(breaches: Breaches, sandbox: Sandbox, kept: Image) -> None:
    sandbox.order(request_id=str(kept.attempt_id))
    assert list(breaches("--sandbox", sandbox.url)) == ["I2"]


@pytest.mark.parametrize(
    "fields",
    [
        {"sent_at": Now()},
        {"state": "claimed", "worker": "w", "lease_until": Now() + timedelta(30), "sent_at": Now()},
    ],
)
def test_dated_as_sent_and_not_sent(
    breaches: Breaches, waiting: Attempt, fields: dict[str, Any]
) -> None:
    change(waiting, **fields)
    assert breaches() == {"I3": [f"{waiting.pk} has a date of sending and wasn't sent"]}


def test_sent_before_it_was_made(breaches: Breaches, unknown: Attempt) -> None:
    change(unknown, sent_at=LONG_AGO)
    assert list(breaches()) == ["I3"]


def test_billed_and_counted_as_free(breaches: Breaches, sandbox: Sandbox, unknown: Attempt) -> None:
    sandbox.order(request_id=str(unknown.pk))
    assert breaches("--sandbox", sandbox.url) == {}
    lifecycle.resolve_unknown(unknown, is_charged=False)
    expected = f"{unknown.pk} was billed and is resolved_free here"
    assert breaches("--sandbox", sandbox.url) == {"I4": [expected]}


def test_billed_without_an_attempt(breaches: Breaches, sandbox: Sandbox, db: None) -> None:
    nobody = "4b0c1f0e-0000-4000-8000-000000000000"
    sandbox.order(request_id=nobody)
    expected = f"{nobody} was billed and is no attempt of ours"
    assert breaches("--sandbox", sandbox.url) == {"I4": [expected]}


def test_kept_and_never_billed(breaches: Breaches, sandbox: Sandbox, kept: Image) -> None:
    sandbox.reset()
    sandbox.order(request_id=str(kept.attempt_id), prompt="a fox [[billed=0]]")
    expected = f"{kept.attempt_id} is stored here and was never billed"
    assert breaches("--sandbox", sandbox.url) == {"I4": [expected]}


def test_sent_again_after_an_unknown_outcome(
    breaches: Breaches, unknown: Attempt, alice: User, submit: Submit
) -> None:
    following = follow(refused(submit(alice)))
    change(following, previous=unknown)
    found = breaches()
    assert list(found) == ["I5"]
    assert f"{following.pk} follows one that may have cost something" in found["I5"]


def test_sent_again_after_a_refusal_that_cost_something(
    breaches: Breaches, alice: User, submit: Submit
) -> None:
    first = refused(submit(alice))
    following = follow(first)
    first.ledger.filter(kind="release").update(kind="settle")
    change(first, cost_micros=40_000)
    assert breaches() == {"I5": [f"{following.pk} follows one that was charged or held"]}


def test_two_first_attempts_for_one_picture(
    breaches: Breaches, waiting: Attempt, alice: User, submit: Submit
) -> None:
    second = submit(alice).attempts.get()
    change(second, generation=waiting.generation, is_vacant=False)
    what = "has another number of first attempts than of pictures"
    assert breaches() == {"I5": [f"{waiting.generation_id} {what}"]}


def test_reservation_that_stays_after_the_end(
    breaches: Breaches, alice: User, submit: Submit
) -> None:
    ended = refused(submit(alice))
    ended.ledger.filter(kind="release").delete()
    assert breaches() == {"I7": [f"{ended.pk} ended free, its money still out"]}


@pytest.mark.parametrize(
    ("kind", "micros", "what"),
    [
        ("release", 40_000, "gave up its money before its end"),
        ("hold", 39_999, "moved another amount than reserved"),
    ],
)
def test_ledger_that_does_not_fit_the_attempt(
    breaches: Breaches, waiting: Attempt, kind: str, micros: int, what: str
) -> None:
    LedgerEntry.objects.create(attempt=waiting, kind=kind, micros=micros)
    assert breaches() == {"I7": [f"{waiting.pk} {what}"]}


def test_cost_that_was_not_settled(breaches: Breaches, kept: Image) -> None:
    change(kept.attempt, cost_micros=1)
    expected = f"{kept.attempt_id} settled another amount than its cost"
    assert breaches() == {"I7": [expected]}


@pytest.mark.parametrize(
    "meter", ["reserved_micros", "reserved_pictures", "spent_micros", "spent_pictures"]
)
def test_budget_meter_that_does_not_add_up(
    breaches: Breaches, alice: User, submit: Submit, meter: str
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000)
    submit(alice)
    period = BudgetPeriod.objects.get()
    BudgetPeriod.objects.update(**{meter: getattr(period, meter) + 1})
    assert breaches() == {"I7": [f"{period.pk} is a budget period whose meters don't add up"]}


def test_i7_sum_of_usage_that_says_something_else(breaches: Breaches, kept: Image) -> None:
    ledger.add_up()
    assert breaches() == {}
    UsageSum.objects.filter(span="month").update(made=2)
    month, person = UsageSum.objects.get(span="month").starts_on, kept.owner_id
    said = f"usage in the month of {month} differs from its rows ({month.year} of person {person})"
    assert breaches() == {"I7": [said]}


def test_budget_reserved_by_an_attempt_that_ended(
    breaches: Breaches, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_pictures=10)
    ended = refused(submit(alice))
    Reservation.objects.update(is_open=True)
    BudgetPeriod.objects.update(reserved_micros=40_000, reserved_pictures=1)
    assert breaches() == {"I7": [f"{ended.pk} ended, a budget still reserved"]}


@pytest.mark.parametrize("left", [{"left_micros": -1}, {"left_pictures": -1}])
def test_grant_over_the_limit(
    breaches: Breaches, alice: User, submit: Submit, left: dict[str, int]
) -> None:
    Budget.objects.create(user=alice, limit_micros=1_000_000, limit_pictures=10)
    attempt = submit(alice).attempts.get()
    Reservation.objects.update(**left)
    assert breaches() == {"I8": [f"{attempt.pk} was granted over a limit"]}


def test_limit_lowered_later_is_no_overrun(breaches: Breaches, alice: User, submit: Submit) -> None:
    budget = Budget.objects.create(user=alice, limit_pictures=10)
    submit(alice)
    Budget.objects.filter(pk=budget.pk).update(limit_pictures=0)
    BudgetPeriod.objects.update(limit_pictures=0)
    assert breaches() == {}


def test_settled_and_released(breaches: Breaches, kept: Image) -> None:
    LedgerEntry.objects.create(attempt=kept.attempt, kind="release", micros=40_000)
    assert breaches() == {"I9": [f"{kept.attempt_id} was settled and released"]}


@pytest.fixture
def no_unique_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (unique,) = LedgerEntry._meta.constraints
    with monkeypatch.context() as patch, connection.schema_editor() as editor:
        patch.setattr(LedgerEntry._meta, "constraints", [])  # SQLite makes the table anew
        editor.remove_constraint(LedgerEntry, unique)
    yield
    LedgerEntry.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(LedgerEntry, unique)


def test_settled_twice_without_the_unique_index(
    breaches: Breaches, kept: Image, no_unique_index: None
) -> None:
    LedgerEntry.objects.create(attempt=kept.attempt, kind="settle", micros=40_000)
    twice = f"{kept.attempt_id} has more than one settle"
    table = "generations_ledgerentry lacks its unique index: run manage.py migrate"
    assert breaches() == {"I9": [twice, table]}


FORGOTTEN: list[tuple[dict[str, Any], str]] = [
    ({"state": "claimed", "lease_until": LONG_AGO}, "lost its worker, and nobody noticed"),
    ({"state": "claimed", "lease_until": None}, "lost its worker, and nobody noticed"),
    ({"not_before": LONG_AGO, "rung_at": None}, "waits, and no worker is told of it"),
    ({"not_before": LONG_AGO, "rung_at": LONG_AGO}, "waits, and no worker is told of it"),
    ({"not_before": LONG_AGO, "rung_at": Now()}, "waits, and no worker takes anything"),
    ({"state": "held", "code": ""}, "is held without a reason"),
    ({"state": "held", "code": "rate_limited"}, "is held though all is open"),
    ({"give_up_at": LONG_AGO}, "waits longer than it was told to"),
]


@pytest.mark.parametrize(("fields", "what"), FORGOTTEN)
def test_what_should_have_moved(
    breaches: Breaches, waiting: Attempt, fields: dict[str, Any], what: str
) -> None:
    change(waiting, **{"state_since": LONG_AGO, "not_before": LONG_AGO} | fields)
    found = breaches()
    assert list(found) == ["I11"]
    assert f"{waiting.pk} {what}" in found["I11"]


def test_answer_that_nobody_stores(breaches: Breaches, waiting: Attempt) -> None:
    change(waiting, state="received", sent_at=Now(), state_since=LONG_AGO)
    assert breaches() == {"I11": [f"{waiting.pk} has its answer, and nobody stores it"]}
    change(waiting, code="storage_away")
    assert breaches() == {}


def test_held_behind_a_closed_gate_is_explained(breaches: Breaches, waiting: Attempt) -> None:
    Gate.objects.create(name="account", is_closed=True, reason="no_balance")
    change(waiting, state="held", code="no_balance", not_before=LONG_AGO)
    assert breaches() == {}


def check_of(image: Image, verdict: str) -> ModerationCheck:
    return ModerationCheck.objects.create(
        generation=image.generation, image=image, verdict=verdict, due_at=Now(), created_at=Now()
    )


def test_check_that_nobody_makes(breaches: Breaches, kept: Image) -> None:
    check = check_of(kept, "waiting")
    assert breaches() == {}
    ModerationCheck.objects.update(due_at=LONG_AGO)
    assert breaches() == {"I11": [f"{check.pk} is a check that nobody makes"]}


@pytest.mark.parametrize("verdict", ["", "clear"])
def test_picture_held_back_for_nothing(breaches: Breaches, kept: Image, verdict: str) -> None:
    Image.objects.update(is_withheld=True)
    check = check_of(kept, verdict or "flagged")
    assert (breaches() == {}) == (not verdict)
    if not verdict:
        check.delete()
    assert breaches() == {"I11": [f"{kept.pk} is a picture held back for nothing"]}


def test_picture_that_lacks_a_size(breaches: Breaches, kept: Image) -> None:
    Image.objects.update(sizes_done=False)
    change(kept.attempt, finished_at=timezone.now() - timedelta(hours=2))
    assert breaches() == {"I11": [f"{kept.pk} is a picture that lacks a size"]}


@pytest.mark.parametrize("column", ["message", "usage", "worker"])
def test_secret_in_a_row(breaches: Breaches, waiting: Attempt, settings: Any, column: str) -> None:
    secret = settings.MESH_API_KEY = "rsk_a_key_nobody_may_see"
    settings.ON_SANDBOX = False
    change(waiting, **{column: {"said": secret} if column == "usage" else f"Bearer {secret}"})
    expected = f"{waiting.pk} (attempt.{column}) holds MESH_API_KEY"
    assert breaches() == {"I12": [expected]}


def test_secret_in_a_prompt_is_its_writers_own(
    breaches: Breaches, alice: User, submit: Submit, settings: Any
) -> None:
    submit(alice, prompt=f"a poster that says {settings.SECRET_KEY}")
    assert breaches() == {}


def test_secret_in_a_log(breaches: Breaches, settings: Any, own_var: Path, db: None) -> None:
    log = own_var / "logs" / "web.log"
    log.parent.mkdir()
    log.write_text("x" * (1024 * 1024 - 10) + settings.SECRET_KEY)  # across two pieces
    assert breaches() == {"I12": ["web.log holds SECRET_KEY"]}


def test_many_breaches_are_counted_and_few_are_named(
    alice: User, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(9):
        submit(alice)
    Attempt.objects.update(sent_at=Now())
    with pytest.raises(SystemExit) as ended:
        call_command("audit")
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("I3"))
    assert ended.value.code == 1
    assert line.split()[1:3] == ["BREACH", "9"]
    assert line.count("has a date of sending") == 5
    assert line.endswith("; …")


def test_thirty_rows_take_the_queries_of_one(
    breaches: Breaches, alice: User, submit: Submit
) -> None:
    Budget.objects.create(user=alice, limit_pictures=100)
    submit(alice)
    with CaptureQueriesContext(connection) as first:
        assert breaches() == {}
    for _ in range(29):
        submit(alice)
    with CaptureQueriesContext(connection) as all_of_them:
        assert breaches() == {}
    assert len(all_of_them) == len(first)
    reads = ("SELECT", "PRAGMA", "DECLARE", "CLOSE")
    assert not [each["sql"] for each in first if not each["sql"].strip().startswith(reads)]
