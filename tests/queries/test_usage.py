"""What is added up, for whom, and what is never taken for nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import ledger
from generations.models import Attempt, AttemptState, Generation, Image, User
from generations.queries.usage import (
    Line,
    Sums,
    everybody,
    own,
    reserved_now,
    rows_by_model,
    sums_by,
    total,
    usage_lines,
)
from generations.queries.usage_plot import plot_of

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
    return usage_lines(own(user), since=SINCE, until=UNTIL)


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
    assert reserved_now(own(alice)).text == "$0.00"


def test_sums_are_of_the_person_alone(alice: User, carol: User, hang: Hang) -> None:
    paid(hang(alice, when=at(4)))
    assert lines_of(carol) == []
    assert usage_lines(everybody(carol), since=SINCE, until=UNTIL) == []
    carol.is_staff = True
    carol.save()
    found = usage_lines(everybody(carol), since=SINCE, until=UNTIL)
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
    found = reserved_now(own(alice))
    assert (found.text, found.of_text) == (
        "$0.08",
        "2 pictures on the way, 1 with an unknown outcome, 1 at an unknown price",
    )
    rows.filter(pk=first.pk).update(state=S.CANCELED)
    assert reserved_now(own(alice)).text == "$0.04"


def line(day: date, micros: int) -> Line:
    return Line(day, 1, "a/b", Sums(made=1, kept=1, spent_micros=micros))


def test_plot_has_a_bar_for_each_day_under_a_round_top() -> None:
    plot = plot_of(
        [line(date(2026, 5, 1), 150_000), line(date(2026, 5, 3), 60_000)],
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
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31)]
    plot = plot_of(
        [line(day, 1_000_000) for day in days],
        since=date(2025, 12, 1),
        until=date(2026, 2, 9),
        by_month=True,
    )
    assert [(bar.name, bar.sums.spent_micros) for bar in plot.bars] == [
        ("Dec 2025", 1_000_000),
        ("Jan 2026", 2_000_000),
        ("Feb 2026", 0),
    ]


def test_rows_begin_with_the_dearest_model() -> None:
    lines = [line(SINCE, 10), Line(SINCE, 1, "c/d", Sums(made=9, spent_micros=40))]
    names = {"a/b": "B", "c/d": "D"}
    rows = [(row.name, row.share) for row in rows_by_model(lines, names)]
    assert rows == [("D", 100), ("B", 25)]
    assert list(sums_by(lines, lambda each: each.model_id)) == ["a/b", "c/d"]
