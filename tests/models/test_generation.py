"""The few attempts that matter are found among very many: SQLite takes their indexes."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from generations import lifecycle
from generations.models import Attempt, Generation, User
from generations.models.generation import HAS_FAILED, UNFINISHED
from generations.pipeline import backlog, housekeeping
from tests.conftest import team_of

Submit = Callable[..., Generation]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Q(state="ready"), "attempt_unfinished"),
        (Q(state="held", owner=1), "attempt_unfinished"),
        (UNFINISHED, "attempt_unfinished"),
        (HAS_FAILED, "attempt_failures"),
        (HAS_FAILED & Q(state="unknown"), "attempt_failures"),
        (Q(owner=1, sort_key__gte=1, sort_key__lt=9), "attempt_by_day"),
        (Q(owner__in=User.objects.values("pk"), sort_key__gte=1), "attempt_by_day"),
    ],
)
def test_query_goes_by_its_index(db: None, wanted: Q, index: str) -> None:
    assert f"USING INDEX {index} " in Attempt.objects.filter(wanted).explain()


def test_claims_and_sweeps_read_no_whole_table(alice: User, submit: Submit) -> None:
    """However many attempts have ended."""
    team = team_of(alice, most_at_once=1)
    submit(alice, n=3)
    submit(alice, n=2, team=team)
    with CaptureQueriesContext(connection) as captured:
        lifecycle.close_gate("account", seconds=60, reason="rate_limited")
        lifecycle.open_gate("account")
        while lifecycle.claim("w"):
            pass
        for look in (
            *(lifecycle.expire_claims, lifecycle.expired_sends, lifecycle.give_up_waiting),
            *(lifecycle.cancel_forgotten, lifecycle.probe_due_gates, lifecycle.release_held),
            *(housekeeping.ring_ready, housekeeping.ring_received, backlog.size_bytes),
        ):
            look()
    asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    about = [sql for sql in asked if 'FROM "generations_attempt"' in sql]
    assert len(about) > 12
    assert [sql for sql in about if "SCAN generations_attempt" in plan_of(sql)] == []


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(row[3] for row in cursor.fetchall())
