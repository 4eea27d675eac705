"""Albums and tags: filled by keys, arranged, and given up again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sorter
from tests.browser.seen import chosen, image_of, in_album, is_arranged, says
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_tags_and_albums_by_keyboard_alone(sorter: Sorter) -> None:
    visitor = sorter(3)
    page, tiles = visitor.page, visitor.tiles
    first = image_of(tiles.nth(0))
    tiles.nth(0).locator("a").first.focus()
    page.keyboard.press("t")
    expect(page.locator("#sort-tag")).to_be_focused()
    page.keyboard.type("harbour")
    page.keyboard.press("Enter")
    expect(page.locator(".sort-list li")).to_have_text(re.compile("harbour"))
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(tiles.nth(0).locator("a").first).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("l")
    expect(page.locator("#sort-album")).to_be_focused()
    page.keyboard.type("Coast")
    page.keyboard.press("Enter")
    says(page, "2 pictures added to “Coast”.")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    assert chosen(page) == []
    visitor.open("/tags/")
    page.get_by_role("link", name="harbour", exact=True).click()
    expect(tiles).to_have_count(1)
    assert image_of(tiles.nth(0)) == first


def make_album(visitor: Visitor, name: str) -> None:
    page = visitor.page
    page.locator("body").press("Control+a")
    page.keyboard.press("l")
    page.locator("#sort-album").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    visitor.open("/albums/")
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/albums/*/")


def test_album_is_arranged_by_keys_and_by_dragging(sorter: Sorter) -> None:
    visitor = sorter(3)
    page = visitor.page
    make_album(visitor, "Coast")
    a, b, c = in_album(page)
    page.get_by_role("link", name="Arrange").click()
    later = page.locator(f"#place-{a}").get_by_role("button", name="Later")
    with page.expect_response("**/move/"):
        later.press("Enter")
    is_arranged(page, [b, a, c])
    expect(later).to_be_focused()
    with page.expect_response("**/move/"):
        page.locator(f"#place-{c} img").drag_to(
            page.locator(f"#place-{b} img"), target_position={"x": 8, "y": 40}
        )
    is_arranged(page, [c, b, a])
    with page.expect_response("**/cover/"):
        page.locator(f"#place-{a}").get_by_role("button", name="Cover").click()
    page.get_by_role("link", name="Done").click()
    expect(page.locator("#pictures [data-image]")).to_have_count(3)
    assert in_album(page) == [c, b, a]
    visitor.open("/albums/")
    expect(page.locator(".cover img")).to_have_attribute("src", re.compile(a))


def test_album_gives_pictures_back(sorter: Sorter) -> None:
    visitor = sorter(3)
    page = visitor.page
    make_album(visitor, "Coast")
    visitor.tiles.nth(0).hover()
    visitor.tiles.nth(0).get_by_role("checkbox").check()
    page.get_by_role("button", name="Take out").click()
    says(page, "1 picture taken out of “Coast”.")
    expect(page.locator(".tile:visible")).to_have_count(2)
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("link", name="Delete the album").click()
    page.get_by_role("button", name="Delete the album").click()
    expect(page.locator(".line-success p")).to_contain_text("Its pictures are all there.")
    visitor.open()
    expect(visitor.tiles).to_have_count(3)
