"""Makes a seeded gallery one that was paid for here, with ledger, budgets and a few of the rest.

Run in a process with the database's settings, after seeding. The triggers of usage are away
meanwhile, and the sums are filled afterwards, as after an update from a version without them.
"""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from generations.apps import _install_usage
from generations.models import Budget, BudgetPeriod, UsageFilled, User, usage_triggers

PRICE = 40_000
QUEUED, VERDICTS = 2_000, 50_000
CHARGED, FREE = "('stored', 'charged_unusable')", "('rejected_free', 'canceled')"
ROWS = f"""
UPDATE generations_generation SET imported_at = NULL, quote_micros = {PRICE};
UPDATE generations_attempt SET reserved_micros = {PRICE},
  cost_micros = CASE WHEN state IN {CHARGED} THEN {PRICE} END;
INSERT INTO generations_ledgerentry (attempt_id, kind, micros, created_at)
  SELECT id, 'reserve', {PRICE}, created_at FROM generations_attempt;
INSERT INTO generations_ledgerentry (attempt_id, kind, micros, created_at)
  SELECT id, CASE WHEN state IN {CHARGED} THEN 'settle' WHEN state IN {FREE} THEN 'release'
                  ELSE 'hold' END, {PRICE}, finished_at
  FROM generations_attempt WHERE finished_at IS NOT NULL;
INSERT INTO generations_reservation
    (attempt_id, period_id, micros, pictures, is_open, spent_micros, spent_pictures)
  SELECT id, {{period}}, {PRICE}, 1, state NOT IN {CHARGED} AND state NOT IN {FREE},
         CASE WHEN state IN {CHARGED} THEN {PRICE} ELSE 0 END,
         CASE WHEN state IN {CHARGED} THEN 1 ELSE 0 END
  FROM generations_attempt;
UPDATE generations_image SET queued_at = created_at WHERE id IN
  (SELECT id FROM generations_image WHERE trashed_at IS NULL AND NOT is_hidden LIMIT {QUEUED});
INSERT INTO generations_review
    (image_id, reviewer_id, space, verdict, reason, note, created_at)
  SELECT id, {{person}}, space, 'approve', '', '', created_at FROM generations_image
  LIMIT {VERDICTS}
"""  # noqa: S608


def main() -> None:
    usage_triggers.drop(connection)
    UsageFilled.objects.all().delete()
    person = User.objects.get(username="demo")
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    period = _budgets(person)
    with connection.cursor() as cursor:
        for statement in ROWS.format(period=period.pk, person=person.pk).split(";\n"):
            cursor.execute(statement)
    _analyze()
    began = time.monotonic()
    _install_usage(using="default")
    print(f"sums of usage filled in {time.monotonic() - began:.1f} s", flush=True)
    _analyze()


def _analyze() -> None:
    """What PostgreSQL would do of itself, given a minute."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _budgets(person: User) -> BudgetPeriod:
    """One of everybody's days, of which each person has a row a day; and one for all."""
    each = Budget.objects.create(scope="each", span="day", limit_pictures=500)
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    people = User.objects.values_list("pk", flat=True)
    BudgetPeriod.objects.bulk_create(
        BudgetPeriod(
            budget=each, user_id=pk, starts_at=today - timedelta(days=day), limit_pictures=500
        )
        for pk in people
        for day in range(300)
    )
    whole = Budget.objects.create(scope="installation", span="total", limit_pictures=10_000_000)
    return BudgetPeriod.objects.create(
        budget=whole, starts_at="2000-01-01T00:00:00Z", limit_pictures=10_000_000
    )
