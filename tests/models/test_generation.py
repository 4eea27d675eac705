"""The few attempts that matter are found among very many: SQLite takes their indexes."""

import pytest
from django.db.models import Q

from generations.models import Attempt, User
from generations.models.generation import HAS_FAILED, UNFINISHED


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
