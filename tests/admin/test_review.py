"""Pictures in the operator's pages: those that staff were asked to look at, and no others."""

from collections.abc import Callable

import pytest
from django.test import Client

from generations import policy
from generations.admin import rough_paginator
from generations.admin.rough_paginator import RoughPaginator
from generations.models import Image, Review, User
from generations.services.review import ask_for_review
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]

LIST = "/admin/generations/image/"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("olga"))
    return client


@pytest.fixture
def queued(alice: User, hang: Hang) -> Image:
    image = hang(alice, edges=[[320, 320, 213]])
    ask_for_review(alice, image, on=True)
    return image


def decide(client: Client, action: str, image: Image, **fields: str) -> str:
    sent = {"action": action, "_selected_action": str(image.pk), **fields}
    return client.post(LIST, sent, follow=True).content.decode()


def test_list_shows_what_waits_through_the_reviews_address(
    operator: Client, alice: User, queued: Image, hang: Hang
) -> None:
    private = hang(alice, edges=[[320, 320, 213]])
    page = operator.get(LIST).content.decode()
    assert f'<img src="/review/{queued.pk}/320" width="144" height="96"' in page
    assert str(private.pk) not in page
    assert "a fox in the snow" not in page


def test_thumbnail_goes_with_the_verdict(operator: Client, queued: Image) -> None:
    assert "1 picture approved." in decide(operator, "approve", queued)
    page = operator.get(LIST).content.decode()
    assert f"/review/{queued.pk}/320" not in page
    assert Review.objects.get().reviewer.username == "olga"


def test_rejecting_asks_why(operator: Client, queued: Image) -> None:
    assert "Choose a reason" in decide(operator, "reject", queued)
    assert not Review.objects.exists()
    assert "1 picture rejected." in decide(operator, "reject", queued, reason="rights")
    assert Review.objects.get().reason == "rights"


def test_taken_down_picture_is_in_its_owners_trash(
    operator: Client, alice: User, queued: Image
) -> None:
    decide(operator, "take_down", queued, reason="unsafe")
    assert policy.trashed_images(alice).get() == queued


def test_nobody_decides_about_their_own(operator: Client, hang: Hang) -> None:
    image = hang(User.objects.get(username="olga"))
    ask_for_review(image.owner, image, on=True)
    assert "0 pictures approved." in decide(operator, "approve", image)
    assert not Review.objects.exists()


def test_large_tables_are_not_counted_to_their_end(
    alice: User, hang: Hang, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable
) -> None:
    for _ in range(4):
        hang(alice)
    rows = Image.objects.order_by("pk")
    assert RoughPaginator(rows, 2).count == 4
    monkeypatch.setattr(rough_paginator, "MOST_COUNTED", 2)
    with django_assert_num_queries(2):
        assert RoughPaginator(rows, 2).count >= 3
    assert RoughPaginator(rows.filter(owner=alice), 2).count == 2
