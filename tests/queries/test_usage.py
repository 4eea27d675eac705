"""What is added up, for whom, and what is never taken for nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import ledger, policy
from generations.models import (
    Attempt,
    AttemptState,
    CatalogModel,
    Generation,
    Image,
    UsageChange,
    UsageFilled,
    User,
)
from generations.queries import usage_rows
from generations.queries.usage import Line, Sums, reserved_now, usage_lines, usage_of
from generations.queries.usage_plot import plot_of
from generations.queries.usage_rows import table_by_model, table_by_person

pytestmark = [pytest.mark.db]

Hang = Callable[..., Image]
Submit = Callable[..., Generation]
S = AttemptState
SINCE, UNTIL = date(2026, 5, 1), date(2026, 5, 31)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def paid(image: Image, micros: int | None = 40_000, **fields: Any) -> Image:
    Attempt.objects.filter(pk=image.attempt_id).update(cost_micros=micros, **fields)
    return image


def lines_of(user: User) -> list[Line]:
    return usage_lines(policy.own_usage(user), since=SINCE, until=UNTIL)


def total(lines: list[Line]) -> Sums:
    return sum((line.sums for line in lines), Sums())


def test_lines_are_by_day_and_model_with_what_is_kept(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)))
    paid(hang(alice, when=at(4, 23), trashed_at=timezone.now()))
    paid(hang(alice, when=at(5), model_id="vertex/imagen-3"), 20_000)
    assert [(line.day, line.model_id, line.sums) for line in lines_of(alice)] == [
        (date(2026, 5, 4), "openai/gpt-image-1", Sums(made=2, kept=1, spent_micros=80_000)),
        (date(2026, 5, 5), "vertex/imagen-3", Sums(made=1, kept=1, spent_micros=20_000)),
    ]


def test_a_day_begins_and_ends_at_midnight(alice: User, hang: Hang) -> None:
    for moment in (
        datetime(2026, 4, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
    ):
        paid(hang(alice, when=moment))
    assert [line.day for line in lines_of(alice)] == [SINCE, UNTIL]


def test_what_was_thrown_away_for_good_was_still_made_and_paid(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4))).delete()
    assert total(lines_of(alice)) == Sums(made=1, kept=0, spent_micros=40_000)


def test_a_call_without_a_picture_counts_its_cost_alone(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)), state=S.CHARGED_UNUSABLE).delete()
    assert total(lines_of(alice)) == Sums(spent_micros=40_000)


def test_an_unknown_price_is_counted_and_never_0(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)), None)
    alone = total(lines_of(alice))
    assert alone == Sums(made=1, kept=1, unpriced=1)
    assert (alone.spent_text, alone.each_kept_text) == ("price unknown", "–")
    paid(hang(alice, when=at(4)))
    both = total(lines_of(alice))
    assert both.spent_text == "$0.04"
    assert both.unpriced_text == "1 picture at an unknown price"
    assert both.each_kept_text == "at least $0.02"


def test_a_free_model_costs_nothing_and_says_so(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)), 0)
    assert total(lines_of(alice)).spent_text == "$0.00"


def test_a_kept_picture_bears_what_was_thrown_away(alice: User, hang: Hang) -> None:
    for trashed in (None, timezone.now(), timezone.now()):
        paid(hang(alice, when=at(4), trashed_at=trashed))
    assert total(lines_of(alice)).each_kept_text == "$0.12"


def test_imports_cost_nothing_here(alice: User, hang: Hang) -> None:
    image = paid(hang(alice, when=at(4)), None)
    Generation.objects.filter(pk=image.generation_id).update(imported_at=at(5))
    assert lines_of(alice) == []
    assert reserved_now(policy.own_usage(alice)).text == "$0.00"


def test_sums_are_of_the_person_alone(alice: User, carol: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)))
    assert lines_of(carol) == []
    assert usage_lines(policy.everybodys_usage(carol), since=SINCE, until=UNTIL) == []
    carol.is_staff = True
    carol.save()
    found = usage_lines(policy.everybodys_usage(carol), since=SINCE, until=UNTIL)
    assert [(line.owner_id, line.sums.spent_micros) for line in found] == [(alice.pk, 40_000)]


def test_two_queries_for_any_number_of_pictures(
    alice: User, hang: Hang, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(1, 31):
        paid(hang(alice, when=at(day)))
    with django_assert_num_queries(2):
        assert len(lines_of(alice)) == 30


def test_settled_money_is_what_the_books_say(alice: User, submit: Submit) -> None:
    with time_machine.travel(at(9)):
        attempt = submit(alice).attempts.get()
    ledger.settle(attempt, micros=38_000, pictures=1)
    Attempt.objects.filter(pk=attempt.pk).update(state=S.STORED, sent_at=F("created_at"))
    assert total(lines_of(alice)) == Sums(made=1, spent_micros=38_000)


def test_reserved_is_what_is_on_its_way_or_unknown(alice: User, submit: Submit) -> None:
    first, second, third = submit(alice, n=3).attempts.order_by("first_slot")
    rows = Attempt.objects
    rows.filter(pk=second.pk).update(state=S.UNKNOWN, sent_at=F("created_at"))
    rows.filter(pk=third.pk).update(reserved_micros=None)
    found = reserved_now(policy.own_usage(alice))
    assert (found.text, found.of_text) == (
        "$0.08",
        "2 pictures on the way, 1 with an unknown outcome, 1 at an unknown price",
    )
    rows.filter(pk=first.pk).update(state=S.CANCELED)
    assert reserved_now(policy.own_usage(alice)).text == "$0.04"


def test_parts_of_a_page_add_up_to_the_whole(
    alice: User, hang: Hang, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in (1, 1, 2, 30):
        paid(hang(alice, when=at(day)))
    ledger.add_up()
    paid(hang(alice, when=at(30), model_id="vertex/imagen-3"), 20_000)
    with django_assert_num_queries(2):
        found = usage_of(policy.own_usage(alice), since=SINCE, until=UNTIL)
    assert {day.day: sums.made for day, sums in found.by_time.items()} == {1: 2, 2: 1, 30: 2}
    assert {model: sums.spent_micros for model, sums in found.by_model.items()} == {
        "openai/gpt-image-1": 160_000,
        "vertex/imagen-3": 20_000,
    }
    assert found.total == sum(found.by_person.values(), Sums())


def test_a_year_is_added_up_by_months(alice: User, hang: Hang) -> None:
    for when in (datetime(2025, 12, 31, 23, tzinfo=UTC), at(1), at(31)):
        paid(hang(alice, when=when))
    ledger.add_up()
    paid(hang(alice, when=at(31)))
    found = usage_of(policy.own_usage(alice), since=date(2025, 12, 1), until=UNTIL, by_month=True)
    assert {time: sums.made for time, sums in found.by_time.items()} == {
        date(2025, 12, 1): 1,
        date(2026, 5, 1): 3,
    }
    assert found.by_person[alice.pk, "openai/gpt-image-1"].spent_micros == 160_000


def test_sums_that_are_not_filled_are_not_believed(alice: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)))
    UsageFilled.objects.all().delete()
    UsageChange.objects.all().delete()
    own = policy.own_usage(alice)
    assert total(lines_of(alice)) == Sums(made=1, kept=1, spent_micros=40_000)
    by_month = usage_of(own, since=SINCE, until=UNTIL, by_month=True)
    assert by_month.by_time == {date(2026, 5, 1): Sums(made=1, kept=1, spent_micros=40_000)}
    assert list(by_month.by_person) == [(alice.pk, "openai/gpt-image-1")]


def sums(micros: int, made: int = 1) -> Sums:
    return Sums(made=made, kept=1, spent_micros=micros)


def test_plot_has_a_bar_for_each_day_under_a_round_top() -> None:
    plot = plot_of(
        {date(2026, 5, 1): sums(150_000), date(2026, 5, 3): sums(60_000)},
        since=SINCE,
        until=date(2026, 5, 3),
        by_month=False,
    )
    assert list(plot.scale) == ["$0.20", "$0.10", "$0.00"]
    assert [(bar.name, bar.height, bar.y) for bar in plot.bars] == [
        ("1 May", 75, 25),
        ("2 May", 0, 100),
        ("3 May", 30, 70),
    ]
    assert plot.title == "Spent by day, 1 May to 3 May: $0.21, most of it on 1 May ($0.15)."
    assert [bar.title for bar in plot.busy] == [
        "1 May: $0.15, 1 picture",
        "3 May: $0.06, 1 picture",
    ]


def test_plot_of_a_year_has_a_bar_for_each_month() -> None:
    plot = plot_of(
        {date(2025, 12, 1): sums(1_000_000), date(2026, 1, 1): sums(2_000_000)},
        since=date(2025, 12, 1),
        until=date(2026, 2, 9),
        by_month=True,
    )
    assert [(bar.name, bar.sums.spent_micros) for bar in plot.bars] == [
        ("Dec 2025", 1_000_000),
        ("Jan 2026", 2_000_000),
        ("Feb 2026", 0),
    ]


def test_rows_begin_with_the_dearest_model(db: None) -> None:
    table = table_by_model({"a/b": sums(10), "c/d": sums(40, made=9)})
    assert [(row.name, row.share) for row in table.rows] == [("c/d", 100), ("a/b", 25)]


def test_models_of_one_name_keep_a_row_each(db: None) -> None:
    for model_id in ("a/b", "c/d"):
        CatalogModel.objects.create(model_id=model_id, name="Painter")
    table = table_by_model({"a/b": sums(10), "c/d": sums(40)})
    assert [row.sums.spent_micros for row in table.rows] == [40, 10]


def test_a_long_table_ends_with_what_it_leaves_out(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_rows, "MOST_ROWS", 2)
    table = table_by_person({(alice.pk, f"a/{number}"): sums(number) for number in (3, 1, 2)})
    assert [(row.person, row.name) for row in table.rows] == [("alice", "a/3"), ("alice", "a/2")]
    assert table.more_text == "1 more in the CSV file"
