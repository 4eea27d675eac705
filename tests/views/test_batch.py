"""One prompt to several models at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Budget, CatalogModel, Generation, LedgerEntry, Price, User
from generations.models.generation import new_submit_token
from generations.queries.fitting import fitting_size

pytestmark = [pytest.mark.db]
Submit = Callable[..., Generation]


@pytest.fixture
def sketcher(db: None) -> CatalogModel:
    """A second model, at one cent, of other sizes and two pictures at most."""
    model = CatalogModel.objects.create(
        model_id="x/sketcher", name="Sketcher", sizes=["1:1", "16:9"], largest_n=2
    )
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Price.objects.create(model=model, image_micros=10_000, starts_at=an_hour_ago)
    return model


def post(client: Client, **fields: object):
    data = {"prompt": "a fox", "model": "openai/gpt-image-1", "submit_token": new_submit_token()}
    return client.post("/generations/", data | fields)


def test_each_model_gets_the_prompt_and_what_it_can_do(
    as_alice: Client, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    wish = {"n": "3", "size": "1536x1024", "quality": "high", "output_format": "webp"}
    response = post(as_alice, also=["x/sketcher"], **wish)
    first, second = Generation.objects.order_by("-created_at")
    assert response.headers["Location"] == f"/generations/{first.pk}/"
    assert (first.model_id, first.n, first.size, first.quality) == (
        *("openai/gpt-image-1", 3, "1536x1024", "high"),
    )
    assert (second.model_id, second.n, second.size, second.quality, second.output_format) == (
        *("x/sketcher", 2, "16:9", "", ""),
    )
    assert first.batch == second.batch is not None
    page = as_alice.get(response.headers["Location"]).content.decode()
    assert page.count('data-state="waiting"') == 5
    assert "Sketcher" in page


def test_the_sum_stands_on_the_button(
    as_alice: Client, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    query = "/composer/?model=openai/gpt-image-1&n=3&also=x/sketcher"
    assert "$0.14" in as_alice.get(query).content.decode()
    sketcher.prices.all().delete()
    assert "price unknown" in as_alice.get(query).content.decode()


def test_the_same_form_sent_twice_is_one_batch(
    as_alice: Client, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    fields = {"also": ["x/sketcher", "openai/gpt-image-1"], "submit_token": new_submit_token()}
    post(as_alice, **fields)
    post(as_alice, **fields)
    assert Generation.objects.count() == 2
    assert LedgerEntry.objects.count() == 2


def test_a_budget_takes_all_of_it_or_nothing(
    as_alice: Client, alice: User, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    Budget.objects.create(user=alice, limit_micros=45_000)
    response = post(as_alice, also=["x/sketcher"])
    assert response.status_code == 422
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()
    again = response.context["form"]
    assert again["also"].value() == ["x/sketcher"]
    assert post(as_alice).status_code == 303


def test_htmx_gets_the_tiles_of_every_model(
    as_alice: Client, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    fields = {"prompt": "a fox", "submit_token": new_submit_token(), "also": ["x/sketcher"]}
    html = as_alice.post("/generations/", fields, headers={"HX-Request": "true"}).content.decode()
    assert html.count('data-state="waiting"') == 2


def test_a_model_that_is_not_offered_is_refused(
    as_alice: Client, painter: CatalogModel, sketcher: CatalogModel
) -> None:
    CatalogModel.objects.filter(pk=sketcher.pk).update(is_enabled=False)
    response = post(as_alice, also=["x/sketcher"])
    assert response.status_code == 422
    assert "One of the other models is not available." in response.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("sizes", "size", "fitting"),
    [
        ([], "1024x1024", ""),
        (["auto", "1024x1024"], "1024x1024", "1024x1024"),
        (["auto", "1:1", "16:9", "9:16"], "1536x1024", "16:9"),
        (["1:1", "16:9", "9:16"], "1024x1536", "9:16"),
        (["1:1", "16:9"], "auto", "1:1"),
        (["1:1", "auto"], "auto", "auto"),
        (["1:1", "auto"], "", "auto"),
    ],
)
def test_another_model_gets_the_nearest_shape(sizes: list[str], size: str, fitting: str) -> None:
    assert fitting_size(CatalogModel(sizes=sizes), size) == fitting
