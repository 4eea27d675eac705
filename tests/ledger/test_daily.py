"""The sums of what was spent say at any moment what the rows say, whatever happened to those."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.signals import pre_migrate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations import ledger, lifecycle
from generations.apps import _install_usage
from generations.ledger import daily
from generations.lifecycle import S
from generations.models import (
    Attempt,
    Generation,
    Image,
    ImageText,
    Team,
    UsageChange,
    UsageFilled,
    UsageSum,
    User,
    usage_triggers,
)
from generations.queries.usage import Sums, counted_lines, usage_lines, usage_of
from tests.conftest import Hang
from tests.ledger.usage_events import History

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
SINCE, UNTIL = date(2020, 1, 1), date(2030, 12, 31)
WHOLE = Q()


@pytest.fixture
def history(alice: User, bob: User) -> History:
    team = Team.objects.create(name="Night shift", slug="night-shift")
    team.memberships.create(user=alice, role="owner")
    team.memberships.create(user=bob, role="contributor")
    return History([alice, bob], team)


def drift() -> list[tuple[str, date]]:
    return [each for stretch in ledger.stretches() for each in ledger.drift_of(stretch)]


def check(whose: Q = WHOLE) -> None:
    """The stored sums against the rows, which are asked in other words."""
    right = counted_lines(whose, since=SINCE, until=UNTIL)
    assert usage_lines(whose, since=SINCE, until=UNTIL) == right
    by_month, by_person = Counter[tuple[date, str]](), Counter[tuple[int, str, str]]()
    for line in right:
        for name in Sums.__slots__:
            number = getattr(line.sums, name)
            by_month[line.day.replace(day=1), name] += number
            by_person[line.owner_id, line.model_id, name] += number
    found = usage_of(whose, since=SINCE, until=UNTIL, by_month=True)
    told = {
        (time, name): getattr(each, name)
        for time, each in found.by_time.items()
        for name in Sums.__slots__
    }
    assert {key: n for key, n in told.items() if n} == {key: n for key, n in by_month.items() if n}
    told_of = {
        (*key, name): getattr(each, name)
        for key, each in found.by_person.items()
        for name in Sums.__slots__
    }
    assert {key: n for key, n in told_of.items() if n} == {
        key: n for key, n in by_person.items() if n
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    happened=st.lists(st.tuples(st.integers(0, 23), st.integers(0, 200)), min_size=5, max_size=30)
)
def test_sums_follow_whatever_happens(history: History, happened: list[tuple[int, int]]) -> None:
    with transaction.atomic():
        history.ask(0)
        history.store(2)
        for event, choice in happened:
            history.happen(event, choice)
        check()
        for person in history.people:
            check(Q(owner_id=person.pk))
        check(Q(space=-history.team.pk))
        assert drift() == []
        while ledger.add_up():
            pass
        check()
        transaction.set_rollback(True)


def test_every_event_of_the_test_above_does_something(history: History) -> None:
    """Else it would show nothing of those."""
    for number in range(24):
        history.ask(number)
        if number % 2:
            history.store(number)
    for event in history.events:
        for choice in range(6):
            before = UsageChange.objects.count(), UsageSum.objects.count()
            event(choice)
            if before != (UsageChange.objects.count(), UsageSum.objects.count()):
                break
        else:
            idle = {"ask", "lose", "arrive_late", "give_up", "move", "copy", "mend"}
            assert event.__name__ in idle


def test_copies_count_nowhere(history: History) -> None:
    for number in range(4):
        history.ask(number)
        history.store(number + 1)
    before = usage_lines(WHOLE, since=SINCE, until=UNTIL)
    history.copy(3)
    copies = Image.objects.exclude(copied_at=None)
    assert copies.filter(team=history.team).exists()
    assert usage_lines(WHOLE, since=SINCE, until=UNTIL) == before
    copies.update(is_hidden=True)
    copies.delete()
    assert usage_lines(WHOLE, since=SINCE, until=UNTIL) == before


def test_moved_pictures_count_where_they_were_asked_for(history: History) -> None:
    for number in range(4):
        history.ask(number)
        history.store(number + 1)
    before = usage_lines(WHOLE, since=SINCE, until=UNTIL)
    history.move(3)  # all of bob’s, into the team
    assert Image.objects.filter(team=history.team).exclude(attempt__team=history.team).exists()
    assert usage_lines(WHOLE, since=SINCE, until=UNTIL) == before


def test_changes_are_added_up_a_batch_at_a_time(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        history.ask(number)
        history.store(number)
    noted = UsageChange.objects.count()
    monkeypatch.setattr(daily, "BATCH", 3)
    assert ledger.add_up() == 3
    assert UsageChange.objects.count() == noted - 3
    check()
    while ledger.add_up():
        check()
    assert not UsageChange.objects.exists()
    assert drift() == []


def test_what_was_lost_is_noticed_and_mended(history: History) -> None:
    for number in range(4):
        history.ask(number)
        history.store(number + 1)
    ledger.add_up()
    UsageSum.objects.filter(span="month").update(spent_micros=1)
    UsageSum.objects.filter(span="day").first().delete()  # type: ignore[union-attr]
    history.trash(0)
    assert {span for span, _ in drift()} == {"day", "month"}
    history.mend(0)
    assert drift() == []
    check()


@pytest.mark.django_db(transaction=True)
def test_what_changed_without_the_triggers_is_counted_anew(alice: User, hang: Hang) -> None:
    """As after an update from a version that had no sums."""
    usage_triggers.drop(connection)
    image = hang(alice)
    Attempt.objects.update(cost_micros=40_000)
    _install_usage(using="default")
    assert UsageFilled.objects.count() == 1
    (line,) = usage_lines(WHOLE, since=SINCE, until=UNTIL)
    assert line.sums == Sums(made=1, kept=1, spent_micros=40_000)
    Image.objects.filter(pk=image.pk).update(is_hidden=True)
    check()
    _install_usage(using="default")
    assert UsageChange.objects.count() == 1  # nothing was counted again


@pytest.mark.django_db(transaction=True)
def test_tables_can_be_made_anew_by_a_migration(alice: User, hang: Hang) -> None:
    """SQLite copies a table to change it, and refuses while triggers of others speak of it."""
    hang(alice)
    pre_migrate.send(
        sender=Generation._meta.app_config, using="default", plan=[("a migration", False)]
    )
    late = hang(alice, "a theodolite")  # by who doesn't wait for migrations
    with connection.schema_editor() as editor:
        for model in (Generation, Attempt, Image):
            field = model._meta.get_field("sort_key" if model != Generation else "n")
            changed = field.clone()
            changed.set_attributes_from_name(field.name)
            changed.model = model
            changed.db_default = 1
            editor.alter_field(model, field, changed)
            editor.alter_field(model, changed, field)
    assert connection.vendor != "sqlite" or not UsageFilled.objects.exists()
    check()
    call_command("migrate", verbosity=0)
    Attempt.objects.update(cost_micros=40_000)
    assert UsageFilled.objects.exists()
    assert ImageText.objects.filter(image=late, body__contains="theodolite").exists()
    check()


@pytest.mark.django_db(transaction=True)
def test_a_hundred_pay_while_sums_are_written(alice: User, bob: User, submit: Submit) -> None:
    """Nobody waits in a circle, and who looks meanwhile reads each payment whole."""
    todo = [submit(owner).attempts.get() for owner in (alice, bob) * 25]
    Attempt.objects.update(state=S.UNKNOWN, sent_at="2026-01-01T00:00:00Z")
    errors: list[Exception] = []
    is_over = threading.Event()

    def pay() -> None:
        try:
            while todo:
                lifecycle.resolve_unknown(todo.pop(), is_charged=True)
        except IndexError:
            pass
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        connection.close()

    def look_after() -> None:
        try:
            while not is_over.is_set():
                ledger.add_up()
                for stretch in ledger.stretches():
                    ledger.mend(stretch)
                total = usage_of(WHOLE, since=SINCE, until=UNTIL).total
                assert total.spent_micros % 40_000 == 0
                assert not total.unpriced
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        connection.close()

    payers = [threading.Thread(target=pay) for _ in range(8)]
    keepers = [threading.Thread(target=look_after) for _ in range(2)]
    for thread in payers + keepers:
        thread.start()
    for thread in payers:
        thread.join()
    is_over.set()
    for thread in keepers:
        thread.join()
    assert errors == []
    assert usage_of(WHOLE, since=SINCE, until=UNTIL).total.spent_micros == 50 * 40_000
    check()
