"""A budget that is too small says so where one asked, and nothing typed is lost."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import Budget, CatalogModel, Generation, User
from generations.models.generation import new_submit_token
from tests.views.test_gallery import post, tiles

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
HTMX = {"HX-Request": "true"}
SENTENCE = "This needs $0.16, and your budget for this month has $0.10 of $0.10 left."
WISHES = {
    "model": "openai/gpt-image-1",
    "prompt": "a fox & a hare",
    "n": "4",
    "quality": "high",
    "size": "1536x1024",
}


@pytest.fixture
def ten_cents(alice: User) -> Budget:
    return Budget.objects.create(user=alice, limit_micros=100_000)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_form_comes_back_with_the_sentence_and_all_that_was_chosen(
    as_alice: Client, painter: CatalogModel, ten_cents: Budget, headers: dict[str, str]
) -> None:
    token = new_submit_token()
    response = as_alice.post("/generations/", WISHES | {"submit_token": token}, headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert f'role="alert"><ul class="errorlist nonfield"><li>{SENTENCE}' in html
    assert "a fox &amp; a hare</textarea>" in html
    assert re.findall(r'<option value="([^"]+)" selected>', html) == [
        "openai/gpt-image-1",
        "4",
        "1536x1024",
        "high",
    ]
    assert token not in html
    assert html.lstrip().startswith("<form" if headers else "<!doctype")
    assert Generation.objects.count() == 0


def test_fewer_pictures_fit_and_the_same_page_goes_on(
    as_alice: Client, painter: CatalogModel, ten_cents: Budget
) -> None:
    html = as_alice.post("/generations/", WISHES | {"submit_token": "a" * 20}).content.decode()
    token = re.search(r'name="submit_token"[^>]*value="([^"]+)"', html)
    assert token
    assert post(as_alice, **WISHES | {"n": "2", "submit_token": token[1]}).status_code == 303


def test_run_again_beyond_the_budget_is_told_on_the_page_it_was_asked_on(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    old = submit(alice)
    as_alice.post(f"/generations/{old.pk}/cancel/")
    Budget.objects.create(user=alice, limit_micros=30_000, span="day")
    fields = {"slot": "0", "submit_token": new_submit_token()}
    response = as_alice.post(f"/generations/{old.pk}/run-again/", fields)
    html = response.content.decode()
    assert response.status_code == 402
    assert "This needs $0.04, and your budget for today has $0.03 of $0.03 left." in html
    assert tiles(html) == [(str(old.pk), "0", "canceled")]
    swapped = as_alice.post(f"/generations/{old.pk}/run-again/", fields, headers=HTMX)
    assert swapped.status_code == 402
    assert "<p data-sentence>This needs $0.04" in swapped.content.decode()
    assert "This needs" not in as_alice.get("/").content.decode()
    assert Generation.objects.count() == 1
