"""Keys, mouse and touch as people know them from elsewhere, in lists and over them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.seen import (
    PHONE,
    PHONE_SIZE,
    chosen,
    dialog,
    image_of,
    is_at,
    open_nth,
    shown,
)
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME = "cora"
PICTURES = 24
LIKED = ".tile[data-favorite]"


@pytest.fixture(scope="module")
def hung(stack: Stack) -> list[str]:
    made: list[str] = ask(stack, f"hang_pictures({NAME!r}, {PICTURES})")
    return made


@pytest.fixture(scope="module")
def cora_state(stack: Stack, hung: list[str]) -> Any:
    return signed_in(stack, NAME)


@pytest.fixture
def cora(visit: Visit, cora_state: Any) -> Visitor:
    """In front of her gallery, the focus on the first picture."""
    permissions = ["clipboard-read", "clipboard-write"]
    visitor = visit(storage_state=cora_state, permissions=permissions)
    visitor.open()
    link_of(visitor, 0).focus()
    return visitor


@pytest.fixture
def on_phone(visit: Visit, cora_state: Any) -> Visitor:
    visitor = visit(storage_state=cora_state, **PHONE)
    visitor.page.set_viewport_size(PHONE_SIZE)
    visitor.open()
    return visitor


def link_of(visitor: Visitor, number: int) -> Locator:
    return visitor.tiles.nth(number).locator("> a")


def middle_of(tile: Locator) -> tuple[float, float]:
    """Where it is seen."""
    box = tile.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place_of(tile: Locator) -> tuple[float, float]:
    """Where it is on the page, however far that is scrolled."""
    script = """(tile) => {
        const box = tile.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2 + scrollY];
    }"""
    x, y = tile.evaluate(script)
    return x, y


def test_arrows_go_four_ways_and_enter_opens(cora: Visitor) -> None:
    page, here = cora.page, cora.page.locator(".tile:focus-within")
    x, y = place_of(here)
    for key, goes in (
        ("ArrowRight", (1, 0)),
        ("ArrowDown", (0, 1)),
        ("ArrowLeft", (-1, 0)),
        ("ArrowUp", (0, -1)),
    ):
        page.keyboard.press(key)
        nx, ny = place_of(here)
        assert (nx - x > 20) - (nx - x < -20) == goes[0], key
        assert (ny - y > 20) - (ny - y < -20) == goes[1], key
        x, y = nx, ny
    expect(link_of(cora, 0)).to_be_focused()
    page.keyboard.press("ArrowUp")  # nothing there
    expect(link_of(cora, 0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    image = image_of(cora.tiles.nth(1))
    shown(page, image)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    is_at(page, image)


def test_escape_closes_one_layer_after_the_other(cora: Visitor) -> None:
    page = cora.page
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+X")
    assert chosen(page) == [0, 1, 2]
    page.keyboard.press("Enter")
    shown(page, image_of(cora.tiles.nth(2)))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#sort-tag")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert chosen(page) == [0, 1, 2]
    page.keyboard.press("Escape")
    assert chosen(page) == []
    is_at(page, image_of(cora.tiles.nth(2)))


def test_keys_rest_while_one_types_and_under_a_dialog(cora: Visitor) -> None:
    page = cora.page
    page.focus("#id_prompt")
    page.keyboard.type("fxtlcprg/?FXD")
    assert page.input_value("#id_prompt") == "fxtlcprg/?FXD"
    page.keyboard.press("Control+a")  # the words
    page.keyboard.press("Delete")
    assert page.input_value("#id_prompt") == ""
    link_of(cora, 0).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    for key in ("f", "x", "t", "l", "c", "r", "g", "/", "Delete", "Control+a", "Shift+D"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#notice > *")).to_have_count(0)
    expect(page).to_have_url(f"{cora.url}/")
    assert (page.locator(LIKED).count(), chosen(page)) == (0, [])
    expect(page.locator(".tile:visible")).to_have_count(PICTURES)


def test_keys_mean_what_the_pointer_is_on(cora: Visitor) -> None:
    page = cora.page
    cora.tiles.nth(4).hover()
    page.keyboard.down("x")
    page.keyboard.down("x")  # held: once
    page.keyboard.up("x")
    assert chosen(page) == [4]
    cora.tiles.nth(3).hover()
    page.keyboard.press("x")
    with page.expect_navigation(url="**/compare/?a=*&b=*"):
        page.keyboard.press("c")
    expect(page.locator(".compare-side")).to_have_count(2)
    cora.open()
    cora.tiles.nth(2).hover()
    with page.expect_download() as download:
        page.keyboard.press("Shift+D")
    assert download.value.suggested_filename.endswith(".png")


def test_control_z_takes_back_what_was_done_last(cora: Visitor) -> None:
    page = cora.page
    image = image_of(cora.tiles.nth(0))
    page.keyboard.press("Delete")
    expect(page.locator(".tile:visible")).to_have_count(PICTURES - 1)
    expect(page.locator("#notice")).to_contain_text("Undo")
    page.keyboard.press("Control+z")
    expect(page.locator(".tile:visible")).to_have_count(PICTURES)
    is_at(page, image)
    page.keyboard.press("Enter")
    shown(page, image)
    page.keyboard.press("Delete")
    shown(page, image_of(cora.tiles.nth(1)))
    page.keyboard.press("Control+z")
    shown(page, image)


def test_held_delete_throws_one_picture_away(cora: Visitor) -> None:
    page = cora.page
    images = open_nth(cora, 6)
    for _ in range(6):
        page.keyboard.down("Delete")
        page.wait_for_timeout(40)
    page.keyboard.up("Delete")
    shown(page, images[7])
    page.keyboard.press("Control+z")
    shown(page, images[6])
    page.keyboard.press("Escape")
    expect(page.locator(".tile:visible")).to_have_count(PICTURES)


def test_viewer_copies_remixes_and_lists_the_keys(cora: Visitor) -> None:
    page = cora.page
    images = open_nth(cora, 5)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    prompt = "Picture 5: boats in a quiet harbour, painted on linen"
    assert page.evaluate("navigator.clipboard.readText()") == prompt
    cora.open(f"/images/{images[5]}/")  # its own page
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("To the trash, with undo")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    shown(page, images[5])
    page.keyboard.press("r")
    page.wait_for_url("**/?remix=*")
    assert page.input_value("#id_prompt") == prompt


@pytest.mark.parametrize("is_phone", [False, True])
def test_favourites_are_a_filter(visit: Visit, cora_state: Any, is_phone: bool) -> None:
    cora = visit(storage_state=cora_state, **(PHONE if is_phone else {}))
    page = cora.page
    if is_phone:
        page.set_viewport_size(PHONE_SIZE)
    cora.open()
    image = open_nth(cora, 1)[1]
    heart = page.locator("picture-viewer").get_by_role("button", name="Favourite")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Back to the gallery").click()
    page.get_by_role("link", name="Favourites").click()
    expect(cora.tiles).to_have_count(1)
    expect(page).to_have_url(re.compile(r"[?&]fav=1"))
    open_nth(cora, 0)
    expect(page.locator("picture-viewer [rel=next]")).to_have_count(0)
    with page.expect_response(re.compile("/favorite/$")):
        heart.click()
    page.get_by_role("link", name="Back to the gallery").click()
    page.get_by_role("link", name="Without Favourites").click()
    expect(cora.tiles).to_have_count(PICTURES)
    assert page.locator(f'{LIKED} [data-image="{image}"]').count() == 0


def test_phone_has_sticky_days_and_three_sizes(on_phone: Visitor) -> None:
    page = on_phone.page

    def height() -> float:
        return float(on_phone.tiles.nth(1).evaluate("(tile) => tile.clientHeight"))

    heights = []
    for density in ("Compact", "Large", "Comfortable"):
        page.get_by_role("button", name=density).tap()
        expect(page.get_by_role("button", name=density, pressed=True)).to_be_visible()
        heights.append(height())
    assert heights[0] < heights[2] <= heights[1]
    on_phone.tiles.nth(8).scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 200)")
    under = "([...heads]) => heads.map((h) => Math.round(h.getBoundingClientRect().top))"
    head = page.locator(".top").bounding_box()
    assert head
    assert round(head["y"] + head["height"]) in page.locator(".day-head").evaluate_all(under)


@pytest.mark.parametrize("is_phone", [False, True])
def test_what_comes_in_above_waits_behind_a_pill(
    visit: Visit, stack: Stack, is_phone: bool
) -> None:
    name = f"pia-{is_phone}"
    ask(stack, f"hang_pictures({name!r}, {PICTURES})")
    pia = visit(storage_state=signed_in(stack, name), **(PHONE if is_phone else {}))
    page = pia.page
    if is_phone:
        page.set_viewport_size(PHONE_SIZE)
    pia.open()
    pia.tiles.nth(16).scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 300)")
    page.wait_for_timeout(100)
    seen = pia.tiles.nth(18).locator("[data-image]")
    image = seen.get_attribute("data-image")
    shown_at = middle_of(page.locator(f'[data-image="{image}"]'))
    page.fill("#id_prompt", "a fox above [[fixture=60kB]]")
    page.press("#id_prompt", "Control+Enter")
    pill = page.locator(".new-pill")
    expect(pill).to_have_text("1 new above")
    assert middle_of(page.locator(f'[data-image="{image}"]')) == pytest.approx(shown_at, abs=1)
    pill.click()
    expect(pill).to_be_hidden()
    expect(page.locator("#days .tile").first).to_be_in_viewport()
    assert page.evaluate("document.activeElement !== document.body")


def test_reduced_motion_is_kept(visit: Visit, cora_state: Any, hung: list[str]) -> None:
    cora = visit(storage_state=cora_state, reduced_motion="reduce")
    page = cora.page
    for path in ("/", "/albums/", "/trash/", f"/generations/{hung[0]}/", "/prompts/"):
        cora.open(path)
        assert moving(page) == [], path
    cora.open()
    open_nth(cora, 0)
    assert moving(page) == []


def moving(page: Page) -> list[str]:
    """What would still move, or take time to change, for longer than a blink."""
    script = """() => [...document.querySelectorAll("body *")].filter((each) => {
        const style = getComputedStyle(each);
        const times = `${style.animationDuration},${style.transitionDuration}`.split(",");
        return times.some((time) => parseFloat(time) > 0.01) || style.scrollBehavior === "smooth";
    }).map((each) => each.outerHTML.slice(0, 100))"""
    found: list[str] = page.evaluate(script)
    return found
