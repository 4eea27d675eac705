"""The page under scrolling, keys and eyes."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.look.in_browser.stage import Stage, day, run_of, states, until
from tests.look.test_tiles import card

pytestmark = pytest.mark.browser


def test_next_page_comes_by_itself_and_continues_the_day(stage: Stage) -> None:
    stage.days = [day(*run_of(1, state="done", n=3))]
    stage.next_url = "?after=1"
    stage.on_more = lambda request: stage.html(
        "gallery/index.html#page",
        days=[
            day(*run_of(2, state="done", n=2)),
            day(*run_of(3, state="done"), label="Yesterday", when=date(2026, 11, 20)),
        ],
        next_url=None,
    )
    page = stage.open()
    until(page, lambda: len(states(page)) == 6)
    assert page.locator(".day h2").all_inner_texts() == ["Today", "Yesterday"]
    assert page.locator(".older").count() == 0


def test_hover_offers_a_remix(stage: Stage) -> None:
    stage.days = [day(*run_of(7, state="done"))]
    page = stage.open()
    page.hover(".tile")
    link = page.get_by_role("link", name="Remix")
    assert link.get_attribute("href") == f"/?remix={UUID(int=7)}"


def test_arrow_keys_walk_between_tiles(stage: Stage) -> None:
    stage.days = [day(*run_of(1, state="done", n=3))]
    page = stage.open()
    page.focus(".tile > a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.closest('.tile').dataset.slot") == "1"


def test_composer_shrinks_when_scrolled_away_and_nothing_jumps(stage: Stage) -> None:
    stage.days = [day(*run_of(number, state="done", n=10)) for number in range(1, 6)]
    page = stage.open()
    height = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo({top: 900, behavior: 'instant'})")
    until(page, lambda: page.locator("prompt-composer[data-compact]").count() == 1)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    until(page, lambda: page.locator("prompt-composer[data-compact]").count() == 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_keeps_anybody_out(browser: Browser, scheme: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    stage = Stage(page)
    money = SimpleNamespace(text="may have cost $0.04", tone="risk")
    troubled = ["waiting", "held", "saving", "failed", "blocked", "unknown", "canceled"]
    stage.days = [
        day(
            *run_of(1, state="done", n=2),
            card(state="working", title="Drawing", elapsed_seconds=3, estimate_seconds=9),
            *(card(slot=3 + at, state=each, money=money) for at, each in enumerate(troubled)),
        )
    ]
    stage.open()
    found = Axe().run(page).response["violations"]
    assert json.dumps([(each["id"], each["nodes"][0]["html"]) for each in found]) == "[]"
    page.close()
    assert stage.complaints == []
