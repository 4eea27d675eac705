"""Finding a picture again: words, filters, months, saved searches, the size of the rows."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME = "fiona"
PICTURES = 70


@pytest.fixture(scope="module")
def hung(stack: Stack) -> list[str]:
    """Fiona's runs, newest first: “Picture 0 …” to “Picture 69 …”, ten to a day."""
    return list(ask(stack, f"hang_pictures({NAME!r}, {PICTURES})"))


@pytest.fixture(scope="module")
def fiona_state(stack: Stack, hung: list[str]) -> Any:
    return signed_in(stack, NAME)


@pytest.fixture
def fiona(visit: Visit, fiona_state: Any) -> Visitor:
    visitor = visit(storage_state=fiona_state)
    visitor.open()
    return visitor


@pytest.fixture
def on_paper(visit: Visit, fiona_state: Any) -> Visitor:
    """Her gallery in a browser that runs no scripts."""
    visitor = visit(storage_state=fiona_state, java_script_enabled=False)
    visitor.open()
    return visitor


def chips(page: Page) -> list[str]:
    return page.locator(".on bdi").all_inner_texts()


def test_slash_leads_to_the_search_and_back_brings_the_whole(
    fiona: Visitor, hung: list[str]
) -> None:
    page = fiona.page
    page.evaluate("window.stayed = 'the same page'")
    page.fill("#id_prompt", "half a thought")
    page.locator("h1").click(force=True)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type('"picture 7"')
    page.keyboard.press("Enter")
    expect(fiona.tiles).to_have_count(1)
    assert fiona.places() == [(hung[7], "0")]
    expect(page).to_have_url(f"{fiona.url}/?q=%22picture+7%22")
    assert chips(page) == ['“"picture 7"”']
    page.keyboard.press("/")
    assert page.input_value("#find") == '"picture 7"/'  # one types in it
    page.go_back()
    expect(fiona.tiles).to_have_count(60)
    assert page.input_value("#find") == ""
    page.go_forward()
    expect(fiona.tiles).to_have_count(1)
    assert page.input_value("#find") == '"picture 7"'
    assert page.input_value("#id_prompt") == "half a thought"
    assert page.evaluate("window.stayed") == "the same page"


def test_filters_add_up_and_come_off_one_by_one(fiona: Visitor) -> None:
    page = fiona.page
    page.get_by_role("link", name="Filters", exact=True).click()
    sheet = page.get_by_role("dialog", name="Filters")
    sheet.get_by_label("Words").fill("boats")
    sheet.get_by_label("Landscape").check()
    sheet.get_by_label("1536 × 1024").check()
    sheet.get_by_role("button", name="Show pictures").click()
    expect(page.locator(".on li:has(bdi)")).to_have_count(3)
    assert chips(page) == ["“boats”", "Landscape", "1536 × 1024"]
    assert fiona.tiles.count() == 60
    # The next page is of the same filters.
    page.locator(".older").scroll_into_view_if_needed()
    expect(fiona.tiles).to_have_count(PICTURES)
    page.evaluate("scrollTo(0, 0)")
    # The search in the head keeps the other filters.
    page.fill("#find", "nobody drew this")
    page.press("#find", "Enter")
    expect(page.locator(".none-found h2")).to_have_text(
        "Nothing matches “nobody drew this”, Landscape, 1536 × 1024"
    )
    page.get_by_role("link", name="Without “nobody drew this”").click()
    expect(page.locator(".on li:has(bdi)")).to_have_count(2)
    expect(fiona.tiles).to_have_count(60)
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(f"{fiona.url}/")
    expect(page.locator(".on")).to_have_count(0)


def test_a_search_is_saved_found_renamed_and_deleted(fiona: Visitor) -> None:
    page = fiona.page
    fiona.open("/?q=%22picture+3%22&shape=landscape")
    page.get_by_role("link", name="Saved", exact=True).click()
    sheet = page.get_by_role("dialog", name="Saved searches")
    sheet.get_by_label("Save what is on now").fill("The third")
    sheet.get_by_role("button", name="Save").click()
    page.wait_for_url("**/?q=%22picture+3%22&shape=landscape")
    expect(page.locator(".line-success")).to_have_text("Saved as The third.")
    fiona.open()
    page.get_by_role("link", name="Saved", exact=True).click()
    saved = sheet.get_by_role("link", name="The third")
    expect(saved).to_have_text(re.compile(r"The third\s*1$"))
    saved.click()
    expect(fiona.tiles).to_have_count(1)
    page.get_by_role("link", name="Saved", exact=True).click()
    page.locator(".saved summary").click()
    sheet.get_by_label("Name", exact=True).fill("Number three")
    sheet.get_by_role("button", name="Rename").click()
    page.wait_for_url("**/searches/")
    page.locator(".saved summary").click()
    page.get_by_role("button", name="Delete this search").click()
    expect(page.locator(".saved")).to_have_count(0)


def test_g_goes_to_a_month(fiona: Visitor) -> None:
    page = fiona.page
    expect(fiona.tiles).to_have_count(60)
    page.keyboard.press("g")
    sheet = page.get_by_role("dialog", name="Go to a month")
    expect(sheet.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("g")
    sheet.locator("a").last.click()
    expect(page.locator(".from")).to_be_visible()
    assert "after=" in page.url
    page.get_by_role("link", name="To the newest").click()
    expect(page.locator(".from")).to_have_count(0)
    expect(fiona.tiles).to_have_count(60)


def test_rows_are_as_high_as_one_wants_and_stay_so(fiona: Visitor) -> None:
    page = fiona.page

    def height() -> float:
        return float(fiona.tiles.nth(1).evaluate("(tile) => tile.clientHeight"))

    heights = []
    for density in ("Compact", "Large", "Comfortable"):
        page.get_by_role("button", name=density).click()
        chosen = page.get_by_role("button", name=density, pressed=True)
        expect(chosen).to_be_focused()
        heights.append(height())
    assert heights[0] < heights[2] < heights[1]
    page.get_by_role("button", name="Large").click()
    expect(page.get_by_role("button", name="Large", pressed=True)).to_be_focused()
    page.reload()
    assert height() == heights[1]
    expect(page.get_by_role("button", name="Large")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Comfortable").click()
    expect(page.get_by_role("button", name="Comfortable", pressed=True)).to_be_focused()


def test_day_headers_stay_under_the_head(fiona: Visitor) -> None:
    page = fiona.page
    expect(page.locator(".day-head small").first).to_have_text("10 pictures")
    fiona.tiles.nth(14).scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(300)
    covered = page.locator(".day-head").evaluate_all(
        """(heads) => heads.map((head) => head.getBoundingClientRect())
            .filter((box) => box.top > 0 && box.top < 130).length"""
    )
    assert covered >= 1


def test_by_run_each_has_its_prompt(fiona: Visitor, hung: list[str]) -> None:
    page = fiona.page
    page.get_by_role("link", name="By run").click()
    expect(page.locator(".run")).to_have_count(60)
    assert page.locator(".run-name").first.inner_text().startswith("Picture 0:")
    page.locator(".older").scroll_into_view_if_needed()
    expect(page.locator(".run")).to_have_count(PICTURES)
    assert [place[0] for place in fiona.places()] == hung
    page.locator(".run-name a").first.click()
    expect(page).to_have_url(f"{fiona.url}/generations/{hung[0]}/")


def test_what_another_page_asks_for_waits_behind_a_pill(
    visit: Visit, stack: Stack, demo_state: Any
) -> None:
    here = visit(storage_state=demo_state)
    here.open()
    before = here.places()
    there = here.context.new_page()
    there.goto(f"{here.url}/")
    there.fill("#id_prompt", "a fox from elsewhere [[fixture=60kB]]")
    there.click("#generate")
    expect(there.locator("#days .tile")).to_have_count(len(before) + 1)
    pill = here.page.locator(".new-pill")
    expect(pill).to_have_text("1 new")
    assert here.places() == before
    pill.click()
    expect(here.tiles).to_have_count(len(before) + 1)
    expect(here.page.locator(".new-pill")).to_be_hidden()


def test_a_fresh_submission_shows_on_a_filtered_page(visitor: Visitor) -> None:
    page = visitor.open("/?q=zebra&fav=1")
    expect(page.locator(".none-found")).to_be_visible()
    generation = visitor.submit("an owl [[fixture=60kB]]")
    expect(page.locator(".none-found")).to_be_hidden()
    visitor.wait_for_pictures(generation, n=1)


def test_everything_works_without_scripts(on_paper: Visitor, hung: list[str]) -> None:
    page = on_paper.page
    page.fill("#find", '"picture 7"')
    page.press("#find", "Enter")
    expect(on_paper.tiles).to_have_count(1)
    assert on_paper.places() == [(hung[7], "0")]
    page.get_by_role("link", name="Filters", exact=True).click()
    expect(page.locator("h1")).to_have_text("Filters")
    assert page.input_value("#facet-q") == '"picture 7"'
    page.get_by_label("Landscape").check()
    page.get_by_role("button", name="Show pictures").click()
    expect(page.locator(".on bdi")).to_have_text(['“"picture 7"”', "Landscape"])
    page.get_by_role("link", name="Saved", exact=True).click()
    page.get_by_label("Save what is on now").fill("On paper")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".line-success")).to_have_text("Saved as On paper.")
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("link", name="Months").click()
    page.locator(".years a").first.click()
    page.wait_for_url("**after=**")
    assert on_paper.places()[0] == (hung[0], "0")
    page.get_by_role("button", name="Compact").click()
    expect(page.locator("gallery-days")).to_have_attribute("data-density", "compact")
    assert "after=" in page.url
    page.get_by_role("button", name="Comfortable").click()


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(visit: Visit, fiona_state: Any, hung: list[str], width: int) -> None:
    fiona = visit(storage_state=fiona_state, has_touch=width == 390)
    page = fiona.page
    page.set_viewport_size({"width": width, "height": 844})
    fiona.open("/?q=boats&shape=landscape&since=2020-01-01&group=run")
    assert faults(page) == []
    for name in ("Filters", "Saved", "Months"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("dialog[open] [data-sheet-body] > :not(link)").first).to_be_visible()
        assert faults(page) == []
        page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width < 600:
        return  # each of the pages is looked at by `test_every_page_on_a_phone`
    for path in ("/?q=zebra", "/filters/?q=fox", "/months/", "/searches/?q=fox"):
        fiona.open(path)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
