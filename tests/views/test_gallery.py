import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations.models import Attempt, CatalogModel, Generation, User
from generations.models.generation import new_submit_token
from tests.conftest import Hang

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def tiles(html: str) -> list[tuple[str, str, str]]:
    """Generation, slot and state of every tile on a page."""
    return re.findall(r'data-generation="([^"]+)" data-slot="(\d+)" data-state="(\w+)"', html)


def post(client: Client, **fields: str):
    data = {"prompt": "a fox in the snow", "submit_token": new_submit_token()} | fields
    return client.post("/generations/", data)


def test_gallery_without_sign_in_leads_to_it(client: Client, db: None) -> None:
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


def test_gallery_of_a_newcomer_says_what_to_do(as_alice: Client, painter: CatalogModel) -> None:
    html = as_alice.get("/").content.decode()
    assert "Your gallery begins with a sentence" in html
    assert 'name="submit_token"' in html
    assert tiles(html) == []


def test_submit_plain_answers_303_to_all_tiles(as_alice: Client, painter: CatalogModel) -> None:
    response = post(as_alice, n="4")
    generation = Generation.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/generations/{generation.pk}/")
    page = as_alice.get(response["Location"]).content.decode()
    assert tiles(page) == [(str(generation.pk), str(slot), "waiting") for slot in range(4)]
    assert tiles(as_alice.get("/").content.decode()) == tiles(page)


def test_submit_needs_only_prompt_and_token(as_alice: Client, painter: CatalogModel) -> None:
    assert post(as_alice).status_code == 303
    made = Generation.objects.get()
    assert (made.n, made.size, made.quality, made.output_format) == (1, "auto", "auto", "")


def test_submit_by_htmx_answers_tiles_and_a_fresh_token(
    as_alice: Client, painter: CatalogModel
) -> None:
    token = new_submit_token()
    response = as_alice.post(
        "/generations/",
        {"prompt": "a fox", "n": "2", "submit_token": token},
        headers={"HX-Request": "true"},
    )
    html = response.content.decode()
    assert response.status_code == 200
    assert [state for _, _, state in tiles(html)] == ["waiting", "waiting"]
    fresh = re.search(r'name="submit_token"[^>]*value="([^"]+)"', html)
    assert fresh
    assert fresh[1] != token
    assert "<poll-watch" in html


def test_submit_twice_is_one_generation(as_alice: Client, painter: CatalogModel) -> None:
    token = new_submit_token()
    first, second = post(as_alice, submit_token=token), post(as_alice, submit_token=token)
    assert first["Location"] == second["Location"]
    assert Generation.objects.count() == 1


def test_gallery_shows_nobody_elses_tiles(as_carol: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, prompt="canary-alice")
    assert "canary-alice" not in as_carol.get("/").content.decode()
    assert as_carol.get(f"/generations/{generation.pk}/").status_code == 404


def test_posts_of_others_look_like_missing(as_carol: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    for action in ("cancel", "run-again", "dismiss"):
        response = as_carol.post(f"/generations/{generation.pk}/{action}/", {"slot": "0"})
        assert response.status_code == 404
    assert generation.attempts.get().state == "ready"


def test_anonymous_posts_and_pictures_are_404(client: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice)
    assert client.post(f"/generations/{generation.pk}/cancel/").status_code == 404
    assert client.get(f"/images/{generation.pk}/320").status_code == 404
    assert client.get("/poll/").status_code == 401


def test_forged_posts_are_refused_and_change_nothing(alice: User, submit: Submit) -> None:
    generation = submit(alice)
    client = Client(enforce_csrf_checks=True)
    addresses = ("/generations/", f"/generations/{generation.pk}/cancel/")
    fields = {"prompt": "x", "submit_token": new_submit_token()}
    assert [client.post(address, fields).status_code for address in addresses] == [404, 404]
    client.force_login(alice)
    assert [client.post(address, fields).status_code for address in addresses] == [403, 403]
    assert Generation.objects.get().attempts.get().state == "ready"


def test_gallery_pages_run_through_every_tile_once(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    for number in range(13):
        submit(alice, prompt=f"fox {number}", n=10)
    seen, address = [], "/"
    while address:
        html = as_alice.get(address).content.decode()
        seen += tiles(html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = f"/{following[1]}" if following else ""
    assert len(seen) == 130
    assert len(set(seen)) == 130
    assert [slot for _, slot, _ in seen[:10]] == [str(slot) for slot in range(10)]


def test_gallery_asks_five_times_for_one_tile_and_for_thirty(
    as_alice: Client,
    alice: User,
    submit: Submit,
    hang: Hang,
    painter: CatalogModel,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Who asks, their teams, pictures, tiles without one, and what the days hold."""
    for number in (1, 29):
        for each in range(number):
            hang(alice, when=datetime(2026, 5, 4, 12, each, tzinfo=UTC))
            submit(alice, prompt=f"{number} {each}")
            Attempt.objects.filter(generation__prompt=f"{number} {each}").update(
                state=("unknown", "canceled", "ready")[each % 3], sent_at=timezone.now()
            )
        as_alice.get("/")  # what everybody asks for is known for two seconds from here
        with django_assert_num_queries(5):
            html = as_alice.get("/").content.decode()
        assert len(tiles(html)) == min(60, 2 if number == 1 else 60)


def test_what_a_process_changes_itself_it_shows_at_once(
    as_alice: Client, painter: CatalogModel
) -> None:
    assert "$0.04" in as_alice.get("/").content.decode()
    price = painter.prices.get()
    price.image_micros = 70_000
    price.save()
    assert "$0.07" in as_alice.get("/").content.decode()


def test_cancel_ends_what_was_not_sent(as_alice: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, n=2)
    response = as_alice.post(f"/generations/{generation.pk}/cancel/", follow=True)
    assert [state for _, _, state in tiles(response.content.decode())] == ["canceled", "canceled"]
    assert "nothing charged" in response.content.decode()


def test_dismissed_tile_is_gone(as_alice: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, n=2)
    as_alice.post(f"/generations/{generation.pk}/cancel/")
    as_alice.post(f"/generations/{generation.pk}/dismiss/", {"slot": "1"})
    assert [slot for _, slot, _ in tiles(as_alice.get("/").content.decode())] == ["0"]


def test_dismiss_of_an_unfinished_tile_is_refused(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    response = as_alice.post(f"/generations/{generation.pk}/dismiss/", {"slot": "0"})
    assert response.status_code == 409
    assert generation.attempts.get().is_vacant


def test_run_again_is_a_new_generation_beside_the_old(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    old = submit(alice, n=3)
    fields = {"slot": "1", "submit_token": new_submit_token()}
    for _ in range(2):
        response = as_alice.post(f"/generations/{old.pk}/run-again/", fields)
        assert response.status_code == 303
    new = Generation.objects.get(parent=old)
    assert (new.prompt, new.n, new.model_id) == (old.prompt, 1, old.model_id)


def test_run_again_of_two_tiles_is_two_generations(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    old = submit(alice, n=2)
    as_alice.post(f"/generations/{old.pk}/cancel/")
    page = as_alice.get(f"/generations/{old.pk}/").content.decode()
    hidden = r'<input type="hidden" name="{}" value="([^"]+)">'
    again = re.findall(hidden.format("slot") + hidden.format("submit_token"), page)
    assert [slot for slot, _ in again] == ["0", "1"]
    for slot, token in again:
        as_alice.post(f"/generations/{old.pk}/run-again/", {"slot": slot, "submit_token": token})
    assert Generation.objects.filter(parent=old).count() == 2


def test_unpriced_model_is_refused_everywhere_where_that_is_set(
    as_alice: Client, alice: User, submit: Submit, painter: CatalogModel, settings: Any
) -> None:
    old = submit(alice)
    painter.prices.all().delete()
    settings.UNKNOWN_PRICE = "refuse"
    assert post(as_alice).status_code == 422
    fields = {"slot": "0", "submit_token": new_submit_token()}
    response = as_alice.post(f"/generations/{old.pk}/run-again/", fields)
    assert response.status_code == 400
    assert "price isn&#x27;t known" in response.content.decode()
    assert Generation.objects.count() == 1


def test_more_pictures_than_ten_are_refused_whatever_the_admin_set(
    as_alice: Client, painter: CatalogModel
) -> None:
    painter.largest_n = 12
    painter.save()
    assert post(as_alice, n="11").status_code == 422


def test_remix_fills_the_form(as_alice: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, prompt="a very particular hare", n=7, quality="high")
    html = as_alice.get(f"/?remix={generation.pk}").content.decode()
    assert "a very particular hare</textarea>" in html
    assert '<option value="7" selected>' in html
    assert '<option value="high" selected>' in html


def test_remix_of_somebody_elses_fills_nothing(
    as_carol: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice, prompt="canary-alice")
    assert "canary-alice" not in as_carol.get(f"/?remix={generation.pk}").content.decode()


def test_composer_follows_the_model(as_alice: Client, painter: CatalogModel) -> None:
    CatalogModel.objects.create(
        model_id="vertex/imagen-3", name="Imagen 3", sizes=["1:1", "16:9"], largest_n=4
    )
    html = as_alice.get(
        "/composer/", {"model": "vertex/imagen-3", "n": "9"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'value="16:9"' in html
    assert '<select name="output_format"' not in html
    assert 'value="10"' not in html
    assert "price unknown" in html


def test_composer_shows_the_price_of_all_pictures(as_alice: Client, painter: CatalogModel) -> None:
    html = as_alice.get("/composer/", {"n": "4"}, headers={"HX-Request": "true"}).content.decode()
    assert "$0.16" in html


@pytest.mark.parametrize(("setting", "asks"), [("ask", True), ("allow", False), ("refuse", False)])
def test_unpriced_model_is_asked_about_where_that_is_set(
    as_alice: Client, painter: CatalogModel, settings: Any, setting: str, asks: bool
) -> None:
    settings.UNKNOWN_PRICE = setting
    assert "data-ask" not in as_alice.get("/").content.decode()
    painter.prices.all().delete()
    html = as_alice.get("/").content.decode()
    assert ("data-ask=" in html) is asks
    assert ("this gallery only runs what is priced" in html) is (setting == "refuse")
    assert post(as_alice).status_code == (422 if setting == "refuse" else 303)


def test_older_page_asks_for_its_tiles_alone(
    as_alice: Client,
    alice: User,
    submit: Submit,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Generation.objects.all().delete()
    old = submit(alice)
    as_alice.post(f"/generations/{old.pk}/cancel/")
    after = 2**61
    as_alice.get("/")
    with django_assert_num_queries(5):  # who asks, both kinds, what the days hold
        html = as_alice.get("/", {"after": after}, headers={"HX-Request": "true"}).content
    assert tiles(html.decode()) == [(str(old.pk), "0", "canceled")]
