"""What a team's pictures cost: for who made them and who curates, and for nobody else."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Attempt, AttemptState, Generation, Membership, Role, Team, User
from generations.services.team import create_team
from tests.conftest import Hang

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    return create_team(alice, name="Night shift")


@pytest.fixture(params=[Role.VIEWER, Role.CONTRIBUTOR])
def as_other(request: pytest.FixtureRequest, bob: User, team: Team) -> Client:
    """Somebody in the team who neither made alice's pictures nor curates."""
    Membership.objects.create(team=team, user=bob, role=request.param)
    return signed_in(bob)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_comparison_keeps_others_prices(
    as_other: Client, team: Team, alice: User, bob: User, hang: Hang
) -> None:
    theirs, own = hang(alice, team=team), hang(bob)
    Attempt.objects.filter(pk=theirs.attempt_id).update(cost_micros=120_000)
    Attempt.objects.filter(pk=own.attempt_id).update(cost_micros=340_000)
    page = as_other.get(f"/compare/?a={theirs.pk}&b={own.pk}").content.decode()
    assert "$0.12" not in page
    assert "$0.34" in page


def test_a_run_s_price_and_its_buttons_are_for_who_may_use_them(
    as_other: Client, team: Team, alice: User, submit: Callable[..., Generation]
) -> None:
    address = f"/generations/{submit(alice, team=team).pk}/"
    for client, is_shown in ((signed_in(alice), True), (as_other, False)):
        page = client.get(address).content.decode()
        assert ("about $0.04" in page) is is_shown
        assert (f"{address}cancel/" in page) is is_shown


def test_a_tile_s_cost_and_its_buttons_are_for_who_may_use_them(
    as_other: Client, team: Team, alice: User, submit: Callable[..., Generation]
) -> None:
    attempts = submit(alice, team=team).attempts
    attempts.update(state=AttemptState.CHARGED_UNUSABLE, sent_at=timezone.now(), cost_micros=40_000)
    for client, is_shown in ((signed_in(alice), True), (as_other, False)):
        page = client.get("/teams/night-shift/").content.decode()
        assert 'data-state="failed"' in page
        assert ("charged $0.04" in page) is is_shown
        assert ("/run-again/" in page) is is_shown


def test_what_somebody_stopped_waiting_for_is_kept_for_them(
    as_other: Client, team: Team, alice: User, hang: Hang
) -> None:
    picture = hang(alice, team=team, is_hidden=True)
    address = f"/generations/{picture.generation_id}/"
    assert "Kept out of your gallery" in signed_in(alice).get(address).content.decode()
    assert "Kept out of your gallery" not in as_other.get(address).content.decode()
