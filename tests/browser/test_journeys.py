"""Whole ways through the gallery: by the keyboard alone, and in a browser that runs no scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PROMPT = "a fox from end to end [[fixture=60kB]]"


def newcomer(visit: Visit, stack: Stack, name: str, **options: Any) -> Visitor:
    ask(stack, f"add_user({name!r})")
    return arrived(visit, stack, name, **options)


def arrived(visit: Visit, stack: Stack, name: str, **options: Any) -> Visitor:
    visitor = visit(storage_state=signed_in(stack, name), **options)
    visitor.open()
    return visitor


def tab_to(page: Page, goal: Locator, *, most: int = 30, key: str = "Tab") -> None:
    """Press the key until the goal has the focus, which is never lost on the way."""
    for _ in range(most):
        page.keyboard.press(key)
        if goal.evaluate("(goal) => goal === document.activeElement"):
            return
    pytest.fail(f"{goal} wasn't reached")


def named(page: Page, role: Any, name: str) -> Locator:
    return page.get_by_role(role, name=name, exact=True)


def test_prompt_to_album_to_trash_by_keys_alone(visit: Visit, stack: Stack) -> None:
    keyboard = newcomer(visit, stack, "kim")
    page, press = keyboard.page, keyboard.page.keyboard.press
    tab_to(page, page.locator("#id_prompt"))
    page.keyboard.type(PROMPT)
    press("Control+Enter")
    expect(page.locator("img[data-image]")).to_have_count(1, timeout=60_000)
    tab_to(page, page.locator(".tile > a"))
    press("Enter")
    expect(page.locator(".viewer-dialog picture-viewer")).to_be_visible()
    press("f")
    heart = page.locator("picture-viewer").get_by_role("button", name="Favourite")
    expect(heart).to_have_attribute("aria-pressed", "true")
    for key, word in (("t", "fox"), ("l", "Forest")):
        press(key)
        expect(page.locator("#sort-dialog input:not([type=hidden])").first).to_be_focused()
        page.keyboard.type(word)
        press("Enter")
        if key == "t":
            expect(page.locator(".sort-list")).to_contain_text(word)
            press("Escape")
        expect(page.locator(".kept-under")).to_contain_text(word)
    with keyboard.expecting("404"):  # a preview that is asked for once more has gone
        press("Delete")
        expect(page.locator(".viewer-dialog")).to_be_hidden()
        expect(page.locator(".tile:visible")).to_have_count(0)
    tab_to(page, named(page, "button", "Undo"))
    press("Enter")
    expect(page.locator(".tile:visible")).to_have_count(1)
    expect(page.locator(".tile:visible > a")).to_be_focused()
    tab_to(page, named(page, "link", "Albums"), key="Shift+Tab")
    press("Enter")
    page.wait_for_url("**/albums/")
    tab_to(page, page.locator(".cover"))
    press("Enter")
    expect(page.locator("#pictures .tile[data-favorite]")).to_have_count(1)


def test_prompt_to_album_to_trash_without_scripts(visit: Visit, stack: Stack) -> None:
    reader = newcomer(visit, stack, "paul", java_script_enabled=False)
    page = reader.page
    page.fill("#id_prompt", PROMPT)
    page.click("#generate")
    page.wait_for_url(re.compile(r"/generations/[0-9a-f-]{36}/$"))
    for _ in range(60):
        if page.locator("img[data-image]").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    page.locator(".tile > a").click()
    picture = page.url
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Tags", exact=True).click()
    page.fill("#sort-tag", "fox")
    named(page, "button", "Add").first.click()
    page.goto(picture)
    page.get_by_role("link", name="Add to album").click()
    page.fill("#sort-album", "Forest")
    named(page, "button", "Create").click()
    page.goto(picture)
    expect(page.locator(".kept-under")).to_contain_text("fox")
    page.get_by_role("link", name="Move to the trash").click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(reader.tiles).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(reader.tiles).to_have_count(1)
    reader.open("/albums/")
    page.get_by_role("link", name="Forest").click()
    expect(reader.tiles).to_have_attribute("data-favorite", "")


def test_search_to_month_by_keys_alone(visit: Visit, stack: Stack) -> None:
    ask(stack, "hang_pictures('kay', 12)")
    keyboard = arrived(visit, stack, "kay")
    page, press = keyboard.page, keyboard.page.keyboard.press
    press("/")
    page.keyboard.type("boats")
    press("Enter")
    expect(page.locator(".on bdi")).to_have_text(["“boats”"])
    tab_to(page, named(page, "link", "Filters"))
    press("Enter")
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet.get_by_label("Landscape")).to_be_visible()
    tab_to(page, sheet.get_by_label("Landscape"))
    press("Space")
    press("Enter")
    expect(page.locator(".on bdi")).to_have_text(["“boats”", "Landscape"])
    expect(named(page, "link", "Filters")).to_be_focused()
    tab_to(page, named(page, "link", "Saved"))
    press("Enter")
    name = page.get_by_label("Save what is on now")
    expect(name).to_be_visible()
    tab_to(page, name)
    page.keyboard.type("Wide boats")
    press("Enter")
    expect(page.locator(".line-success")).to_have_text("Saved as Wide boats.")
    tab_to(page, page.get_by_role("link", name="Without Landscape"))
    press("Enter")
    expect(page.locator(".on bdi")).to_have_text(["“boats”"])
    assert page.evaluate("document.activeElement !== document.body")
    press("g")
    expect(page.get_by_role("dialog", name="Go to a month").locator("a").first).to_be_focused()
    press("Enter")
    expect(page.locator(".from")).to_be_visible()
    expect(keyboard.tiles).to_have_count(12)
    assert page.evaluate("document.activeElement !== document.body")


@pytest.fixture(scope="module")
def stan_state(stack: Stack) -> Any:
    ask(stack, "show_every_state('stan')")
    ask(stack, "hang_pictures('sam', 5)")
    return signed_in(stack, "stan")


def test_focus_stays_near_in_the_list(visit: Visit, stack: Stack, stan_state: Any) -> None:
    sam = arrived(visit, stack, "sam")
    page, links = sam.page, page_links(sam.page)
    links.nth(1).focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Clear the selection").click()
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("f")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("Taken back")
    expect(links.nth(2)).to_be_focused()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("#notice")).to_contain_text("moved to the trash")
    page.keyboard.press("Control+z")
    expect(page.locator(".tile:visible")).to_have_count(5)
    expect(links.first).to_be_focused()


def page_links(page: Page) -> Locator:
    return page.locator(".tile > a")


def test_focus_goes_on_from_a_dismissed_tile(visit: Visit, stan_state: Any) -> None:
    stan = visit(storage_state=stan_state)
    page = stan.open()
    page.locator(".tile[data-state=failed]").get_by_role("button", name="Dismiss").press("Enter")
    expect(page.locator(".tile[data-state=failed]")).to_have_count(0)
    expect(page.locator(".tile[data-state=blocked] .note-link")).to_be_focused()


def test_focus_stays_in_the_viewer(visit: Visit, stack: Stack, stan_state: Any) -> None:
    sam = arrived(visit, stack, "sam")
    page, stage = sam.page, sam.page.locator(".viewer-dialog .stage")
    page_links(page).nth(1).press("Enter")
    expect(stage).to_be_focused()
    page.locator("picture-viewer").get_by_role("button", name="Favourite").focus()
    page.keyboard.press("i")
    expect(stage).to_be_focused()
    page.keyboard.press("i")
    page.keyboard.press("Delete")
    page.locator("page-notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#prompt")).to_contain_text("Picture 1:")
    expect(stage).to_be_focused()
    page.locator("#alt-text summary").press("Enter")
    page.get_by_role("textbox", name="Description").fill("Boats")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#alt-text > p")).to_have_text("Boats")
    expect(page.locator("#alt-text summary")).to_be_focused()
