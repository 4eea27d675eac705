"""Budgets, unknown prices, closed gates, and no longer waiting for what was sent."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME = "greta"
UNPRICED = "black-forest-labs/flux-1.1-pro"


@pytest.fixture(scope="module")
def greta_state(stack: Stack) -> Any:
    """Somebody with three pictures a month."""
    ask(stack, f"add_user({NAME!r})")
    ask(stack, f"limit_budget({NAME!r}, limit_pictures=3)")
    return signed_in(stack, NAME)


def test_budget_is_seen_told_and_kept(visit: Visit, greta_state: Any) -> None:
    greta = visit(storage_state=greta_state)
    page = greta.open()
    meter, beside = page.locator("#meter"), page.locator("#composer-budget")
    expect(meter).to_have_text("0 of 3 pictures this month")
    greta.choose("n", "4")
    expect(beside).to_have_text("Your budget for this month has 3 of 3 pictures left.")
    page.fill("#id_prompt", "four foxes")
    with greta.expecting("422", "Response Status Error Code 422"):
        page.click("#generate")
        expect(page.locator("#composer-errors")).to_have_text(
            "This needs 4 pictures, and your budget for this month has 3 of 3 left."
        )
    assert (page.input_value("#id_prompt"), page.input_value("#id_n")) == ("four foxes", "4")
    run = greta.submit("three foxes [[fixture=60kB]]", n=3)
    expect(meter).to_have_text("3 of 3 pictures this month")
    expect(beside).to_have_text("Your budget for this month has 0 of 3 pictures left.")
    greta.wait_for_pictures(run, n=3)
    spent = page.locator("#meter [role=meter]")
    expect(spent).to_have_attribute("aria-valuetext", re.compile("^Spent 3; 0 of 3 pictures left"))
    assert faults(page) == []


def test_run_again_beyond_the_budget_is_told_beside_it(
    visit: Visit, greta_state: Any, stack: Stack
) -> None:
    ask(stack, f"show_unknown({NAME!r})")
    greta = visit(storage_state=greta_state)
    page = greta.open()
    with greta.expecting("402", "Response Status Error Code 402"):
        page.get_by_role("button", name="Run again").click()
        expect(page.locator("#notice")).to_have_text(
            "This needs 1 picture, and your budget for this month has 0 of 3 left."
        )
    assert page.url == f"{stack.url}/"
    assert faults(page) == []
    page.get_by_role("button", name="Close").click()
    expect(page.locator("page-notice")).to_be_hidden()


def test_unpriced_model_asks_before_it_runs(visitor: Visitor, stack: Stack) -> None:
    ask(stack, f"forget_price({UNPRICED!r})")
    page, dialog = visitor.page, visitor.page.locator("dialog[open]")
    visitor.choose("model", UNPRICED)
    page.fill("#id_prompt", "a fox without a price [[fixture=60kB]]")
    page.click("#generate")
    expect(dialog).to_contain_text("Run it all the same?")
    expect(page.get_by_role("button", name="Not now")).to_be_focused()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#generate")).to_be_focused()
    assert not [each for each in visitor.requests if each.method == "POST"]
    page.focus("#id_prompt")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Tab")
    with page.expect_response(re.compile("/generations/$")) as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    expect(page.locator(".tile").first).to_be_visible()
    posts = [each for each in visitor.requests if each.method == "POST"]
    assert len(posts) == 1


def test_closed_gate_is_told_and_opened_on_the_open_page(visitor: Visitor, stack: Stack) -> None:
    page, banners = visitor.page, visitor.page.locator("#banners")
    ask(stack, "close_gate('account', 'unauthorized')")
    run = visitor.submit("a fox behind a gate [[fixture=60kB]]")
    expect(banners).to_contain_text("Paused: key refused.", timeout=PATIENCE_MS)
    expect(visitor.tiles_of(run)).to_have_attribute("data-state", "held", timeout=PATIENCE_MS)
    assert faults(page) == []
    page.get_by_role("button", name="Open it now").click()
    expect(banners).to_be_hidden()
    visitor.wait_for_pictures(run, n=1)


def test_nobody_waits_any_longer_and_the_picture_is_kept(visitor: Visitor, stack: Stack) -> None:
    page = visitor.page
    run = visitor.submit("a fox nobody waits for [[slow=3]][[fixture=60kB]]")
    tile = visitor.tiles_of(run)
    tile.get_by_role("button", name="Stop waiting").click(timeout=PATIENCE_MS)
    expect(tile).to_be_hidden()
    visitor.open(f"/generations/{run}/")
    expect(page.get_by_role("heading", name="Kept out of your gallery")).to_be_visible()
    with visitor.expecting("oobErrorNoTarget"):  # a poll's answer meets a page being left
        for _ in range(100):
            if page.locator("img[data-image]").count():
                break
            page.wait_for_timeout(200)
            page.reload()
    assert faults(page) == []
    page.get_by_role("button", name="Keep in gallery").click()
    expect(page.locator(".line-success")).to_have_text("The picture is in the gallery.")
    expect(page.locator(".set-aside")).to_have_count(0)
    visitor.open()
    expect(visitor.tiles_of(run)).to_have_attribute("data-state", "done")


@pytest.fixture
def closed_model(stack: Stack) -> Iterator[str]:
    """A model that waits for its provider; open again for the tests that share the stack."""
    model = "vertex/imagen-4-fast"
    ask(stack, f"close_gate('model:{model}', 'rate_limited')")
    yield model
    ask(stack, f"open_gate('model:{model}')")


def test_cancel_of_a_run_says_what_was_sent(
    visitor: Visitor, stack: Stack, closed_model: str
) -> None:
    page = visitor.page
    run = visitor.submit("foxes in line [[fixture=60kB]]", n=2, model=closed_model)
    first = ask(stack, f"pretend_sent({run!r})")
    tiles = visitor.tiles_of(run)
    tiles.get_by_role("button", name="Cancel").first.click(timeout=PATIENCE_MS)
    expect(page.locator("#notice")).to_contain_text("1 picture had already been sent")
    page.locator("#notice").get_by_role("button", name="Stop waiting for 1 picture").click()
    expect(tiles.nth(first)).to_be_hidden()
    expect(tiles.nth(1 - first)).to_have_attribute("data-state", "canceled")
