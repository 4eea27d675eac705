"""A gallery of more than two pages."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PICTURES = 130
MOST_BYTES = 150_000
WEIGHTS = """["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .map(({name, transferSize, decodedBodySize}) => [name, transferSize, decodedBodySize])"""
NAME = "dora"


@pytest.fixture(scope="module")
def hung(stack: Stack) -> list[tuple[str, str]]:
    """Every tile's place in dora's gallery, newest first."""
    runs = ask(stack, f"hang_pictures({NAME!r}, {PICTURES})")
    return [(generation, "0") for generation in runs]


@pytest.fixture(scope="module")
def dora_state(stack: Stack, hung: list[tuple[str, str]]) -> Any:
    return signed_in(stack, NAME)


def test_older_pages_come_by_scrolling(
    visit: Visit, dora_state: Any, hung: list[tuple[str, str]]
) -> None:
    dora = visit(storage_state=dora_state)
    page = dora.open()
    page.evaluate("window.stayed = 'the same page'")
    assert dora.places() == hung[:60]
    for come in (120, PICTURES):
        page.locator(".older").scroll_into_view_if_needed()
        expect(dora.tiles).to_have_count(come)
        assert dora.places() == hung[:come]
    expect(page.locator(".older")).to_have_count(0)
    days = page.locator(".day").evaluate_all("(days) => days.map((day) => day.dataset.day)")
    assert len(days) == len(set(days)) == 13
    assert page.locator(".day-head small").all_inner_texts() == ["10 pictures"] * 13
    dora.wait_until_painted(page.locator("img[data-image]").last)
    assert page.evaluate("window.stayed") == "the same page"
    asked = [request.url for request in dora.requests if "after=" in request.url]
    assert len(asked) == len(set(asked)) == 2


def test_next_link_turns_the_page_without_scripts(
    visit: Visit, dora_state: Any, hung: list[tuple[str, str]]
) -> None:
    dora = visit(storage_state=dora_state, java_script_enabled=False)
    page = dora.open()
    seen = dora.places()
    for _ in range(2):
        address = page.url
        page.get_by_role("link", name="Older pictures").click()
        expect(page).not_to_have_url(address)
        seen += dora.places()
    assert seen == hung
    assert page.get_by_role("link", name="Older pictures").count() == 0


def test_going_back_from_a_picture_keeps_ones_place(
    visit: Visit, dora_state: Any, hung: list[tuple[str, str]]
) -> None:
    dora = visit(storage_state=dora_state)
    page = dora.open()
    tile = dora.tiles_of(hung[40][0])
    tile.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 500
    tile.locator("a").first.click()
    page.wait_for_url("**/images/**")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{dora.url}/")
    expect(tile).to_be_in_viewport()
    page.wait_for_timeout(300)
    assert abs(page.evaluate("scrollY") - place) < 40


def test_page_of_sixty_is_light(visit: Visit, dora_state: Any) -> None:
    dora = visit(storage_state=dora_state)
    page = dora.open()
    page.wait_for_load_state("networkidle")
    assert dora.tiles.count() == 60
    weights = [weight for weight in page.evaluate(WEIGHTS) if "/images/" not in weight[0]]
    transferred = sum(weight[1] for weight in weights)
    decoded = sum(weight[2] for weight in weights)
    print(f"{transferred / 1000:.0f} kB transferred, {decoded / 1000:.0f} kB unpacked")
    kinds = {weight[0].rpartition("/")[2].rpartition(".")[2] for weight in weights}
    assert kinds == {"", "css", "js", "svg"}
    assert transferred < MOST_BYTES
