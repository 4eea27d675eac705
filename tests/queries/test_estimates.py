from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Attempt, AttemptState, User
from generations.queries import estimates
from generations.queries.estimates import usual_of
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def ran(user: User, hang: Hang, model: str, *, hours_ago: int, seconds: int) -> None:
    attempt = hang(user, model_id=model).attempt
    received = timezone.now() - timedelta(hours=hours_ago)
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.STORED,
        sent_at=received - timedelta(seconds=seconds),
        received_at=received,
        finished_at=received,
    )


def test_median_of_the_runs_among_the_newest(
    alice: User, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "LOOKED_AT", 4)
    for hours, seconds in enumerate((8, 10, 30)):
        ran(alice, hang, "m/usual", hours_ago=hours, seconds=seconds)
    ran(alice, hang, "m/rare", hours_ago=4, seconds=5)
    ran(alice, hang, "m/usual", hours_ago=5, seconds=99)
    ran(alice, hang, "m/old", hours_ago=6, seconds=7)
    usual, rare = usual_of("m/usual"), usual_of("m/rare")
    assert usual
    assert rare
    assert usual == pytest.approx((10, 8), abs=0.01)
    assert rare == pytest.approx((5, 5), abs=0.01)
    assert usual_of("m/old") is None


def test_soonest_is_what_nine_of_ten_took_at_least(alice: User, hang: Hang) -> None:
    for hours in range(20):
        ran(alice, hang, "m/usual", hours_ago=hours, seconds=10 + hours)
    usual = usual_of("m/usual")
    assert usual
    assert usual.soonest == pytest.approx(12, abs=0.01)
    assert usual.seconds == pytest.approx(19.5, abs=0.01)
