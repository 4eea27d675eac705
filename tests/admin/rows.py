"""Thousands of rows in every table that grows, quickly; and how many of them a query looks at."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from generations.models import (
    Attempt,
    AttemptState,
    Budget,
    BudgetPeriod,
    CatalogModel,
    Generation,
    Image,
    LedgerEntry,
    LedgerKind,
    Reason,
    Reservation,
    Review,
    ShareKind,
    ShareLink,
    User,
    Verdict,
)
from generations.models.generation import sort_key

MANY = 3000
ALICES = 1500  # the others are of many people
ENDS = (AttemptState.STORED, AttemptState.REJECTED_FREE)


def fill(alice: User) -> None:
    """Nearly everything is alike, so that whoever looks for the rest has a long way to go."""
    now = timezone.now()
    people = User.objects.bulk_create(User(username=f"person-{n}", password="!") for n in range(50))
    CatalogModel.objects.create(model_id="a/b", name="B", is_available=True)
    attempts, images = _pictures([alice, *people], now)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(attempt=each, kind=kind, micros=1)
        for each in attempts
        for kind in (LedgerKind.RESERVE, LedgerKind.SETTLE)
    )
    _budgets(attempts, people, now)
    Review.objects.bulk_create(
        Review(
            image=image,
            reviewer=alice if number % 300 == 0 else people[number % 50],
            space=image.owner_id,
            verdict=Verdict.REJECT if number % 1000 == 0 else Verdict.APPROVE,
            reason=Reason.RIGHTS if number % 1000 == 0 else "",
            created_at=now,
        )
        for number, image in enumerate(images)
    )
    ShareLink.objects.bulk_create(
        ShareLink(
            creator=alice if number % 300 == 0 else people[number % 50],
            kind=ShareKind.SELECTION if number % 1000 else ShareKind.IMAGE,
            image=None if number % 1000 else images[number],
            token_hash=uuid.uuid4().hex,
            expires_at=now,
        )
        for number in range(MANY)
    )


def _pictures(people: list[User], now: Any) -> tuple[list[Attempt], list[Image]]:
    generations, attempts, images = [], [], []
    for number in range(MANY):
        when = now - timedelta(minutes=number)
        owner = people[0] if number < ALICES else people[number % 50 + 1]
        state = AttemptState.STORED
        if number % 10 == 0:  # some of each other state
            state = list(AttemptState)[number // 10 % len(AttemptState)]
        run = Generation(
            owner=owner, submit_token=uuid.uuid4().hex, model_id="a/b", n=1, created_at=when
        )
        attempt = Attempt(
            generation=run,
            owner=owner,
            first_slot=0,
            sort_key=sort_key(when, 0),
            is_vacant=False,
            state=state,
            state_since=when,
            not_before=when,
            created_at=when,
            sent_at=when,
            finished_at=when,
            request_id=uuid.uuid4().hex,
        )
        generations.append(run)
        attempts.append(attempt)
        images.append(
            Image(
                generation=run,
                attempt=attempt,
                owner=owner,
                index=0,
                slot=0,
                sort_key=attempt.sort_key,
                model_id="a/b",
                key=str(number),
                size_bytes=1,
                width=1,
                height=1,
                created_at=when,
                queued_at=when if number % 8 == 0 else None,
            )
        )
    Generation.objects.bulk_create(generations)
    Attempt.objects.bulk_create(attempts)
    Image.objects.bulk_create(images)
    return attempts, images


def _budgets(attempts: list[Attempt], people: list[User], now: Any) -> None:
    each = Budget.objects.create(scope="each", span="day", limit_pictures=9)
    whole = Budget.objects.create(scope="installation", span="total", limit_pictures=9_000)
    periods = BudgetPeriod.objects.bulk_create(
        [
            BudgetPeriod(
                budget=each,
                user=people[number % 50],
                starts_at=now - timedelta(days=number // 50),
                limit_pictures=9,
            )
            for number in range(MANY)
        ]
        + [BudgetPeriod(budget=whole, starts_at=now, limit_pictures=9_000)]
    )
    Reservation.objects.bulk_create(
        Reservation(attempt=attempt, period=periods[number], pictures=1, is_open=number % 1000 == 0)
        for number, attempt in enumerate(attempts)
    )


Looked = list[tuple[int, str]]


@contextmanager
def looked_at() -> Iterator[Looked]:
    """For each SELECT what it cost: rows looked at on PostgreSQL, steps on SQLite."""
    found: Looked = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            cost = _steps if connection.vendor == "sqlite" else _rows
            found.append((cost(execute, sql, params, many, context), sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _steps(execute: Any, sql: str, params: Any, many: bool, context: Any) -> int:
    """Of SQLite's machine: some ten for a row that is passed over."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    database: sqlite3.Connection = connection.connection
    database.set_progress_handler(count, 10)
    try:
        execute(sql, params, many, context)
        context["cursor"].fetchall()
    finally:
        database.set_progress_handler(None, 0)
    return steps * 10


def _rows(execute: Any, sql: str, params: Any, many: bool, context: Any) -> int:
    with connection.cursor() as cursor:  # what runs may have a cursor of its own kind
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    plan = plan if isinstance(plan, list) else json.loads(plan)
    return _looked(plan[0]["Plan"])


def _looked(plan: dict[str, Any]) -> int:
    below = sum(_looked(each) for each in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"]:
        return below
    passed_over = plan.get("Rows Removed by Filter", 0) + plan.get(
        "Rows Removed by Index Recheck", 0
    )
    return below + int((plan["Actual Rows"] + passed_over) * plan["Actual Loops"])
