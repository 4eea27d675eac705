"""A page follows its tiles, and rests."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Request

from tests.look.in_browser.stage import Stage, day, run_of, states, until, watching
from tests.look.test_tiles import finished

pytestmark = pytest.mark.browser


def test_polls_swap_changed_tiles_and_end(stage: Stage) -> None:
    stage.days = [day(*run_of(1, n=2))]
    stage.watch = watching("first")
    answers = [
        {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}},
        stage.polled([finished(generation_id=UUID(int=1), slot=1)], watching("second")),
        {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}},
        stage.polled([finished(generation_id=UUID(int=1), slot=0)]),
    ]
    stage.on_poll = lambda request: answers[stage.count("/poll/") - 1]
    page = stage.open()
    until(page, lambda: states(page) == ["done", "done"])
    page.wait_for_timeout(400)
    tokens = [parse_qs(urlsplit(r.url).query)["token"] for r in stage.asked if "/poll/" in r.url]
    assert tokens == [["first"], ["first"], ["second"], ["second"]]
    until(page, lambda: "ready" in page.inner_text("ready-status p"))


def test_polls_go_on_after_the_server_was_away(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("only")
    answers = [{"status": 503}, stage.polled(run_of(1, state="done"))]
    stage.on_poll = lambda request: answers[stage.count("/poll/") - 1]
    page = stage.open()
    until(page, lambda: states(page) == ["done"])


def test_polls_stop_when_told(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("old")
    stage.on_poll = lambda request: {"status": 400, "headers": {"X-Poll-Stop": "1"}}
    page = stage.open()
    until(page, lambda: stage.count("/poll/") == 1)
    page.wait_for_timeout(1500)
    assert stage.count("/poll/") == 1


def test_later_submission_shares_the_one_poll(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("early")
    stage.on_post = lambda request: stage.submitted(run_of(2), watching("late"))
    asked: list[list[str]] = []

    def poll(request: Request) -> dict[str, Any]:
        asked.append(parse_qs(urlsplit(request.url).query)["token"])
        if "late" in asked[-1]:
            return stage.polled(run_of(2, state="done"), watching("both"))
        if "both" in asked[-1]:
            return stage.polled(run_of(1, state="done"))
        return {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}}

    stage.on_poll = poll
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    until(page, lambda: states(page) == ["done", "done"])
    assert asked[-2:] == [["early", "late"], ["both"]]
    page.wait_for_timeout(300)
    assert asked[-1] == ["both"]


def test_focus_stays_on_a_tile_that_is_swapped(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("only")
    stage.on_poll = lambda request: {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}}
    page = stage.open()
    page.focus(".note-link")
    stage.on_poll = lambda request: stage.polled(run_of(1, state="done"))
    until(page, lambda: states(page) == ["done"])
    assert page.evaluate("document.activeElement.closest('.tile')?.dataset.state") == "done"
