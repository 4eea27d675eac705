"""Canceling what was sent: nobody waits for it, nothing paid for is thrown away."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generations import lifecycle
from generations.lifecycle import S
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import ingest, run
from generations.services.generation import cancel_generation
from generations.services.image import trash_images
from tests.support.sandbox import Sandbox
from tests.views.test_gallery import tiles
from tests.views.test_poll import token_on

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
HTMX = {"HX-Request": "true"}
HIDDEN_TILE = re.compile(r'id="tile-([^"]+)"[^>]* hidden')


def sent(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("w", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    return attempt


def stop(client: Client, generation: Generation, **fields: object):
    return client.post(f"/generations/{generation.pk}/stop-waiting/", fields)


def page(client: Client, generation: Generation) -> str:
    return client.get(f"/generations/{generation.pk}/").content.decode()


def test_a_sent_tile_offers_to_stop_waiting_and_says_what_that_means(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    assert "Stop waiting" not in as_alice.get("/").content.decode()
    sent(generation)
    html = as_alice.get("/").content.decode()
    assert f'action="/generations/{generation.pk}/stop-waiting/"' in html
    assert "It was sent and may be charged. If it comes, it is kept on the run&#x27;s page" in html


def test_stopped_tile_leaves_the_gallery_and_stays_on_the_runs_page(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice, n=2)
    attempt = sent(generation)
    assert stop(as_alice, generation, slot=0).status_code == 303
    attempt.refresh_from_db()
    assert (attempt.state, attempt.is_hidden) == ("sending", True)
    assert [slot for _, slot, _ in tiles(as_alice.get("/").content.decode())] == ["1"]
    html = page(as_alice, generation)
    assert [slot for _, slot, _ in tiles(html)] == ["1", "0"]
    assert "Kept out of your gallery" in html
    assert not HIDDEN_TILE.search(html)


def test_stop_by_htmx_answers_the_tile_hidden(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice, n=2)
    sent(generation)
    address = f"/generations/{generation.pk}/stop-waiting/"
    html = as_alice.post(address, {"slot": "0"}, headers=HTMX).content.decode()
    assert [(slot, state) for _, slot, state in tiles(html)] == [("1", "waiting"), ("0", "working")]
    assert [found.group(1) for found in HIDDEN_TILE.finditer(html)] == [f"{generation.pk}-0"]


@pytest.mark.django_db(transaction=True)
def test_other_open_pages_lose_the_tile_at_the_next_poll(
    as_alice: Client, alice: User, submit: Submit, redis_url: str
) -> None:
    generation = submit(alice)
    sent(generation)
    token = token_on(as_alice)
    stop(as_alice, generation, slot=0)
    response = as_alice.get("/poll/", {"token": token})
    assert HIDDEN_TILE.search(response.content.decode())
    assert response["X-Poll-Stop"] == "1"


@pytest.mark.django_db(transaction=True)
def test_what_comes_later_is_kept_aside_until_it_is_wanted(
    as_alice: Client, alice: User, submit: Submit, sandbox: Sandbox, monkeypatch
) -> None:
    generation = submit(alice, prompt="a fox [[fixture=60kB]]")
    real = ingest.store

    def stop_first(*args: object, **kwargs: object) -> None:
        """The row was read long ago when the person decides."""
        stop(as_alice, generation, slot=0)
        real(*args, **kwargs)

    monkeypatch.setattr(ingest, "store", stop_first)
    assert run.run_next(generation.pk)
    image = Image.objects.get()
    assert (image.is_hidden, image.attempt.state, image.attempt.cost_micros) == (
        True,
        "stored",
        40_000,
    )
    assert tiles(as_alice.get("/").content.decode()) == []
    assert f'data-image="{image.pk}"' in page(as_alice, generation)
    shown = as_alice.get(f"/images/{image.pk}/").content.decode()
    assert "Kept out of your gallery" in shown
    assert as_alice.get(f"/images/{image.pk}/320").status_code == 200
    assert as_alice.get(f"/images/{image.pk}/original").status_code == 200
    response = as_alice.post(f"/images/{image.pk}/keep/")
    assert (response.status_code, response["Location"]) == (303, f"/generations/{generation.pk}/")
    assert tiles(as_alice.get("/").content.decode()) == [(str(generation.pk), "0", "done")]
    assert "Kept out of your gallery" not in as_alice.get(f"/images/{image.pk}/").content.decode()


def test_stop_after_the_picture_came_changes_nothing(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    attempt = sent(submit(alice))
    lifecycle.declare_unknown(attempt, code="connection_lost")
    assert stop(as_alice, attempt.generation, slot=0).status_code == 303
    attempt.refresh_from_db()
    assert not attempt.is_hidden


def test_stop_of_what_is_in_line_again_cancels_it_for_free(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice)
    stop(as_alice, generation, slot=0)
    attempt = generation.attempts.get()
    assert (attempt.state, attempt.is_hidden) == ("canceled", False)


def test_what_nobody_waits_for_is_not_tried_again(alice: User, submit: Submit) -> None:
    attempt = sent(submit(alice))
    assert lifecycle.may_follow(attempt)
    assert lifecycle.hide(attempt)
    assert not lifecycle.may_follow(attempt)
    assert lifecycle.move(attempt, S.REJECTED_FREE, code="rate_limited")


def test_cancel_says_how_many_were_sent_and_offers_not_to_wait(
    as_alice: Client, alice: User, submit: Submit
) -> None:
    generation = submit(alice, n=3)
    sent(generation)
    address = f"/generations/{generation.pk}/cancel/"
    html = as_alice.post(address, follow=True).content.decode()
    assert [state for _, _, state in tiles(html)] == ["working", "canceled", "canceled"]
    assert "1 picture had already been sent and may be charged." in html
    assert "Stop waiting for 1 picture" in html
    stop(as_alice, generation)
    assert list(generation.attempts.filter(is_hidden=True).values_list("state")) == [("sending",)]


def test_cancel_by_htmx_says_it_on_the_page(as_alice: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, n=2)
    sent(generation)
    html = as_alice.post(f"/generations/{generation.pk}/cancel/", headers=HTMX).content.decode()
    assert '<div id="notice" role="alert" hx-swap-oob="true">' in html
    assert "1 picture had already been sent" in html
    assert "had already been sent" not in as_alice.get("/").content.decode()


def test_stop_and_keep_of_somebody_elses_look_like_missing(
    as_carol: Client, as_alice: Client, alice: User, submit: Submit
) -> None:
    attempt = sent(submit(alice))
    assert stop(as_carol, attempt.generation, slot=0).status_code == 404
    assert as_carol.post(f"/images/{attempt.pk}/keep/").status_code == 404
    assert Client().post(f"/images/{attempt.pk}/keep/").status_code == 404
    assert stop(as_alice, attempt.generation, slot="x").status_code == 404
    attempt.refresh_from_db()
    assert not attempt.is_hidden


@pytest.mark.django_db(transaction=True)
def test_hidden_picture_of_alices_is_not_carols_to_keep(
    as_carol: Client, alice: User, submit: Submit, sandbox: Sandbox
) -> None:
    generation = submit(alice, prompt="a fox [[fixture=60kB]]")
    assert run.run_next(generation.pk)
    Image.objects.update(is_hidden=True)
    image = Image.objects.get()
    for address in ("", "320", "original"):
        assert as_carol.get(f"/images/{image.pk}/{address}").status_code == 404
    assert as_carol.post(f"/images/{image.pk}/keep/").status_code == 404
    trash_images(image.owner, [image.pk])
    image.refresh_from_db()
    assert image.is_hidden


@pytest.mark.django_db(transaction=True)
def test_cancel_commits_the_wish_and_then_each_attempt_by_itself(
    alice: User, submit: Submit
) -> None:
    """One transaction over several would wait for a worker that waits for it."""
    generation = submit(alice, n=3)
    with CaptureQueriesContext(connection) as captured:
        cancel_generation(generation)
    ends = [query["sql"] for query in captured if query["sql"] == "COMMIT"]
    assert len(ends) == 4
    assert set(generation.attempts.values_list("state", flat=True)) == {"canceled"}
