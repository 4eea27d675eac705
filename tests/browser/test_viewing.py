"""Looking at a picture over its list, walking on, and what one does to it there."""

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.seen import dialog, image_of, is_at, open_nth, shown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_click_opens_it_over_the_list_and_back_leads_to_the_tile(vera: Visitor) -> None:
    page = vera.page
    page.evaluate("window.stayed = true")
    vera.tiles.nth(20).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    vera.forget_moves()
    images = open_nth(vera, 20)
    expect(page).to_have_url(f"{vera.url}/images/{images[20]}/")
    assert page.title() == "Picture 20: boats in a quiet harbour, painted on linen · Mesh Gallery"
    page.go_back()
    expect(dialog(page)).to_be_hidden()
    expect(page).to_have_url(f"{vera.url}/")
    assert page.title() == "Gallery · Mesh Gallery"
    is_at(page, images[20])
    assert page.evaluate("[window.stayed, scrollY]") == [True, place]
    assert vera.moved() == []


@pytest.mark.parametrize("way", ["Escape", "close"])
def test_escape_and_the_cross_close_it(vera: Visitor, way: str) -> None:
    page = vera.page
    images = open_nth(vera, 3)
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        dialog(page).get_by_role("link", name="Back to the gallery").click()
    expect(dialog(page)).to_be_hidden()
    page.wait_for_url(f"{vera.url}/")
    is_at(page, images[3])


def test_forward_opens_it_again(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 1)
    page.go_back()
    expect(dialog(page)).to_be_hidden()
    page.go_forward()
    shown(page, images[1])
    expect(dialog(page)).to_be_visible()


def test_reload_shows_the_real_page_and_back_the_list(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 1)
    page.reload()
    shown(page, images[1])
    expect(dialog(page)).to_have_count(0)
    page.go_back()
    expect(vera.tiles.first).to_be_visible()
    expect(page).to_have_url(f"{vera.url}/")


def test_middle_click_opens_the_real_page(vera: Visitor) -> None:
    link = vera.tiles.nth(2).locator("> a")
    image = image_of(vera.tiles.nth(2))
    with vera.context.expect_page() as opened:
        link.click(button="middle")
    shown(opened.value, image)
    expect(dialog(vera.page)).to_be_hidden()


def test_arrows_walk_and_focus_returns_to_the_last(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 4)
    for at in (5, 6, 7):
        page.keyboard.press("ArrowRight")
        shown(page, images[at])
        expect(page).to_have_url(f"{vera.url}/images/{images[at]}/")
    page.keyboard.press("ArrowLeft")
    shown(page, images[6])
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    is_at(page, images[6])
    page.wait_for_url(f"{vera.url}/")  # one step of history, however far one walked


def test_walking_goes_on_past_the_loaded_end(vera: Visitor) -> None:
    page = vera.page
    page.locator(".older").evaluate("(older) => older.remove()")
    images = open_nth(vera, 59)
    assert len(images) == 60
    page.keyboard.press("ArrowRight")
    expect(page.locator("#prompt")).to_contain_text("Picture 60:")
    assert page.locator("picture-viewer").get_attribute("data-id") not in images


def test_a_held_key_never_skips_a_picture_that_was_not_seen(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 0)
    page.evaluate(
        """() => {
            window.painted = [];
            const look = () => {
                const picture = document.querySelector("picture-viewer [data-image]");
                const is = picture?.complete && picture.naturalWidth && picture.dataset.image;
                if (is && painted.at(-1) !== is) painted.push(is);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    held = page.context.new_cdp_session(page)
    key = {"key": "ArrowRight", "code": "ArrowRight", "windowsVirtualKeyCode": 39}
    for number in range(90):
        held.send("Input.dispatchKeyEvent", {"type": "keyDown", "autoRepeat": number > 0, **key})
        page.wait_for_timeout(30)
    held.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    page.wait_for_timeout(500)
    painted = page.evaluate("painted")
    assert len(painted) > 3
    assert painted == images[: len(painted)]


def test_the_next_one_was_fetched_before_it_is_asked_for(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 8)
    seen: list[str] = []
    while not any(images[9] in url and url.endswith(("640", "1600")) for url in seen):
        page.wait_for_timeout(50)
        seen = [each.url for each in vera.requests if each.response()]
    page.wait_for_timeout(200)
    before = len(vera.requests)
    page.keyboard.press("ArrowRight")
    shown(page, images[9])
    again = [each.url for each in vera.requests[before:] if images[9] in each.url]
    assert again == []


def test_filters_of_the_list_go_along(vera: Visitor) -> None:
    page = vera.page
    page.locator("#days").evaluate("(days) => (days.dataset.filter = 'q=%22picture+3%22')")
    images = open_nth(vera, 3)
    expect(page).to_have_url(f"{vera.url}/images/{images[3]}/?q=%22picture+3%22")
    expect(page.locator("picture-viewer [rel=next]")).to_have_count(0)


def test_info_is_hidden_and_stays_so(vera: Visitor) -> None:
    page = vera.page
    open_nth(vera, 0)
    expect(page.locator(".info")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator(".info")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#prompt")).to_contain_text("Picture 1:")
    expect(page.locator(".info")).to_be_hidden()
    page.reload()
    expect(page.locator(".info")).to_be_hidden()
    page.keyboard.press("i")
    expect(page.locator(".info")).to_be_visible()


def test_heart_shows_on_the_tile_behind(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 2)
    tile = page.locator(f'.tile:has([data-image="{images[2]}"])')
    heart = page.locator("picture-viewer").get_by_role("button", name="Favourite")
    for state in ("true", "false"):
        with page.expect_response(re.compile("/favorite/$")):
            page.keyboard.press("f")
        expect(heart).to_have_attribute("aria-pressed", state)
        assert tile.evaluate("(tile) => tile.hasAttribute('data-favorite')") is (state == "true")


def test_trash_walks_on_and_undo_brings_it_back(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 10)
    page.keyboard.press("Delete")
    shown(page, images[11])
    tile = page.locator(f'.tile:has([data-image="{images[10]}"])')
    expect(tile).to_be_hidden()
    page.locator("page-notice").get_by_role("button", name="Undo").click()
    shown(page, images[10])
    page.keyboard.press("Escape")
    expect(tile).to_be_visible()
    is_at(page, images[10])


def test_undo_calls_off_the_walk_that_is_on_its_way(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 12)
    held: list[Route] = []
    page.route(re.compile(images[13]), lambda route: held.append(route))
    page.keyboard.press("Delete")
    with page.expect_response(re.compile("/undo/")):
        page.locator("page-notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("Taken back")
    assert held
    page.locator("#alt-text summary").click()
    page.get_by_role("textbox", name="Description").fill("Boats")
    for route in held:
        route.continue_()
    page.wait_for_timeout(400)
    shown(page, images[12])
    expect(page.get_by_role("textbox", name="Description")).to_have_value("Boats")


@pytest.mark.parametrize("granted", [True, False])
def test_a_pressed_undo_calls_off_the_walk_before_it_is_answered(
    vera: Visitor, granted: bool
) -> None:
    page = vera.page
    images = open_nth(vera, 12)
    next_page = re.compile(rf"/images/{images[13]}/")
    walks: list[Route] = []
    undos: list[Route] = []
    page.route(next_page, lambda route: walks.append(route))
    page.route(re.compile("/undo/"), lambda route: undos.append(route))
    page.keyboard.press("Delete")
    with page.expect_request(re.compile("/undo/")):
        page.locator("page-notice").get_by_role("button", name="Undo").click()
    page.locator("#alt-text summary").click()
    page.get_by_role("textbox", name="Description").fill("Boats")
    assert walks
    page.unroute(next_page)
    for route in walks:
        route.continue_()
    page.wait_for_timeout(400)
    shown(page, images[12])
    if granted:
        undos[0].continue_()
        expect(page.locator("#notice")).to_contain_text("Taken back")
        expect(page.get_by_role("textbox", name="Description")).to_have_value("Boats")
    else:
        with vera.expecting("409"):
            undos[0].fulfill(status=409, body="")
            shown(page, images[13])
        vera.open(f"/trash/{images[12]}/")
        page.get_by_role("button", name="Restore").click()


def test_tags_and_albums_are_given_without_leaving(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 14)
    for key, name in (("t", "quiet"), ("l", "Harbours")):
        page.keyboard.press(key)
        sorting = page.locator("#sort-dialog")
        sorting.locator("input:not([type=hidden])").first.fill(name)
        page.keyboard.press("Enter")
        if key == "t":
            expect(sorting.locator(".sort-list")).to_contain_text(name)
            page.keyboard.press("Escape")
        expect(sorting).to_be_hidden()
        expect(page.locator(".kept-under")).to_contain_text(name)
    shown(page, images[14])
    page.locator(".kept-under").get_by_role("link", name="Harbours").click()
    page.wait_for_url("**/albums/*/")
    open_from = vera.tiles.first.locator("> a")
    open_from.click()
    shown(page, images[14])
    expect(page).to_have_url(re.compile(r"\?album="))
    page.keyboard.press("Escape")
    page.wait_for_url("**/albums/*/")


def test_keys_are_silent_while_one_writes_the_description(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 12)
    page.locator("#alt-text summary").click()
    field = page.get_by_role("textbox", name="Description")
    field.press_sequentially("fizz: a red boat")
    expect(page.locator(".info")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#alt-text > p")).to_have_text("fizz: a red boat")
    assert page.locator("picture-viewer").get_attribute("data-id") == images[12]
    page.reload()
    expect(page.locator("picture-viewer .frame [data-image]")).to_have_attribute(
        "alt", "fizz: a red boat"
    )


def test_escape_closes_the_menu_before_the_picture(vera: Visitor) -> None:
    page = vera.page
    open_nth(vera, 0)
    page.locator(".download summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(".download[open]")).to_have_count(0)
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()


def test_on_a_page_of_its_own_everything_works_as_well(
    visit: Visit, vera_state: Any, vera: Visitor
) -> None:
    images = vera.page.locator("#days [data-image]").evaluate_all(
        "(a) => a.map(i => i.dataset.image)"
    )
    page = vera.open(f"/images/{images[4]}/")
    shown(page, images[4])
    page.keyboard.press("ArrowRight")
    shown(page, images[5])
    expect(page).to_have_url(f"{vera.url}/images/{images[5]}/")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{vera.url}/")


def test_without_scripts_every_step_is_a_page(visit: Visit, vera_state: Any) -> None:
    vera = visit(storage_state=vera_state, java_script_enabled=False)
    page = vera.open()
    image = image_of(vera.tiles.nth(3))
    vera.tiles.nth(3).locator("> a").click()
    page.wait_for_url(f"{vera.url}/images/{image}/")
    page.get_by_role("link", name="Next picture").click()
    expect(page.locator("#prompt")).to_contain_text("Picture 4:")
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Favourite").click()
    page.locator("#alt-text summary").click()
    page.get_by_role("textbox", name="Description").fill("Four boats")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#alt-text > p")).to_have_text("Four boats")
    page.get_by_role("link", name="Compare").click()
    page.locator(".partners a").first.click()
    expect(page.locator(".compare-side")).to_have_count(2)
    expect(page.get_by_role("slider")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_keeps_anybody_out(vera: Visitor, width: int) -> None:
    page = vera.page
    page.set_viewport_size({"width": width, "height": 900})
    images = open_nth(vera, 0)
    assert faults(page) == []
    page.locator(".download summary").click()
    page.locator("#alt-text summary").click()
    assert faults(page) == []
    if width < 600:
        return  # each of the pages is looked at by `test_every_page_on_a_phone`
    page.goto(f"{vera.url}/images/{images[0]}/")
    assert faults(page) == []
    page.goto(f"{vera.url}/compare/?a={images[0]}")
    assert faults(page) == []
    page.goto(f"{vera.url}/compare/?a={images[0]}&b={images[1]}")
    assert faults(page) == []
