"""What a ruler finds: one size of titles, full rows, nothing cut and nothing left alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sorter, Visit
from tests.browser.rows import ask, signed_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PHONE: dict[str, Any] = {"has_touch": True, "is_mobile": True}
PHONE_SIZE = {"width": 390, "height": 844}
MARGIN = 12  # at the sides of a phone's page
TITLED = ("/albums/", "/tags/", "/trash/", "/prompts/", "/searches/", "/filters/", "/months/")
BOXES = """(all) => all.map((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return { left, right, top, bottom };
})"""
CUT = """(words) => words.filter((word) => {
    const range = document.createRange();
    range.selectNodeContents(word);
    const [text, tile] = [range, word.closest(".tile")].map((each) => each.getBoundingClientRect());
    return text.top < tile.top || text.bottom > tile.bottom || text.right > tile.right;
}).map((word) => word.textContent)"""


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.locator(selector).evaluate_all(BOXES)
    return found


def test_titles_have_one_size(sorter: Sorter) -> None:
    visitor = sorter(1)
    sizes = {
        path: visitor.open(path)
        .locator("h1")
        .evaluate("(title) => getComputedStyle(title).fontSize")
        for path in (*TITLED, "/keys/", "/accounts/password/")
    }
    assert set(sizes.values()) == {"22px"}, sizes


def test_wide_pictures_fill_a_phones_rows(sorter: Sorter) -> None:
    page = sorter(4, **PHONE).page
    page.set_viewport_size(PHONE_SIZE)
    first, second, third, _ = boxes(page, ".tile")
    assert first["top"] == second["top"] < third["top"]
    assert first["left"] == MARGIN
    assert second["right"] == pytest.approx(PHONE_SIZE["width"] - MARGIN, abs=1)


def test_narrow_tiles_cut_no_word(visit: Visit, stack: Stack) -> None:
    ask(stack, "show_every_state('narrow', None, 1024, 1536)")
    page = visit(storage_state=signed_in(stack, "narrow"), **PHONE).open()
    page.set_viewport_size(PHONE_SIZE)
    words = page.locator(".note-link")
    expect(words).to_have_count(8)
    assert words.evaluate_all(CUT) == []


def test_what_one_compares_by_stands_in_full_rows_on_a_phone(sorter: Sorter) -> None:
    visitor = sorter(2, **PHONE)
    a, b = visitor.page.locator("[data-image]").evaluate_all(
        "(all) => all.map(i => i.dataset.image)"
    )
    page = visitor.open(f"/compare/?a={a}&b={b}")
    page.set_viewport_size(PHONE_SIZE)
    modes, swap, other = boxes(page, ".compare-bar > *")
    assert modes["bottom"] < swap["top"] == other["top"]
    assert modes["left"] == swap["left"] == MARGIN
    assert modes["right"] == other["right"] == PHONE_SIZE["width"] - MARGIN


def test_forms_chips_stand_in_one_line_on_a_wide_screen(sorter: Sorter) -> None:
    visitor = sorter(1)
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.choose("size", "1024x1024")
    assert len({box["top"] for box in boxes(visitor.page, ".chips > .chip")}) == 1


def test_question_about_one_picture_speaks_of_one(sorter: Sorter) -> None:
    visitor = sorter(1)
    visitor.page.locator(".tile > a").focus()
    visitor.page.keyboard.press("Delete")
    expect(visitor.page.locator("page-notice")).to_contain_text("trash")
    page = visitor.open("/trash/")
    page.locator(".tile > a").focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#sure-dialog [data-words]")).to_have_text(
        "This removes 1 picture and all that is known of it. It can’t be undone."
    )
