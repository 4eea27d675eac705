"""What a page says of how much it holds follows what one does on it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Sorter, Visit
from tests.browser.rows import ask, signed_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

DAY = 10  # pictures of one day


def heads(page: Page) -> Locator:
    return page.locator(".day:visible .day-head small")


def throw_away(page: Page, count: int) -> None:
    """The first so many of the list, by their keys."""
    page.locator(".tile > a").first.focus()
    page.keyboard.press("x")
    for _ in range(count - 1):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("x")
    page.keyboard.press("Delete")
    expect(page.locator("page-notice")).to_contain_text("trash")


def test_days_count_what_is_left_of_them(sorter: Sorter) -> None:
    page = sorter(2 * DAY).page
    expect(heads(page)).to_have_text(["10 pictures", "10 pictures"])
    throw_away(page, 3)
    expect(heads(page)).to_have_text(["7 pictures", "10 pictures"])
    page.get_by_role("button", name="Undo").click()
    expect(heads(page)).to_have_text(["10 pictures", "10 pictures"])


def test_day_without_pictures_is_gone_until_undo(sorter: Sorter) -> None:
    page = sorter(DAY + 2).page
    throw_away(page, DAY + 1)
    expect(heads(page)).to_have_text(["1 picture"])
    page.get_by_role("button", name="Undo").click()
    expect(heads(page)).to_have_text(["10 pictures", "2 pictures"])


def test_picture_thrown_away_over_the_list_is_counted(sorter: Sorter) -> None:
    page = sorter(4).page
    page.locator(".tile > a").first.click()
    page.locator("dialog [data-trash]").click()
    expect(page.locator("page-notice")).to_contain_text("trash")
    page.locator("dialog .stage-close").click()
    expect(heads(page)).to_have_text(["3 pictures"])


def test_day_counts_a_run_when_it_is_drawn(sorter: Sorter) -> None:
    visitor = sorter(2)
    visitor.wait_for_pictures(visitor.submit("A quiet harbour", n=2), n=2)
    expect(heads(visitor.page)).to_have_text(["2 pictures · $0.08", "2 pictures"])
    with visitor.expecting("404"):  # a preview that is asked for once more has gone
        throw_away(visitor.page, 1)
        expect(heads(visitor.page)).to_have_text(["1 picture · $0.04", "2 pictures"])


def test_trash_emptied_on_the_page_says_so(sorter: Sorter) -> None:
    visitor = sorter(2)
    throw_away(visitor.page, 2)
    page = visitor.open("/trash/")
    empty, tools = page.get_by_text("The trash is empty"), page.locator(".page-acts")
    expect(empty).to_be_hidden()
    expect(tools).to_be_visible()
    page.locator(".tile > a").first.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Restore").click()
    expect(empty).to_be_visible()
    expect(tools).to_be_hidden()


def test_album_emptied_on_the_page_says_so(visit: Visit, stack: Stack) -> None:
    kept = ask(stack, "keep_everything('sara')")
    page = visit(storage_state=signed_in(stack, "sara")).open(f"/albums/{kept['album']}/")
    empty, line = page.get_by_text("Nothing in it yet"), page.locator(".page-count")
    expect(line).to_have_text("2 pictures")
    page.locator(".tile > a").first.focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Take out").click()
    expect(line).to_have_text("1 picture")
    expect(empty).to_be_hidden()
    page.locator(".tile:visible > a").first.focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Take out").click()
    expect(empty).to_be_visible()
    expect(page.get_by_role("link", name="Arrange")).to_be_hidden()
    expect(line).to_have_text("0 pictures")
