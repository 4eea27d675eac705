"""Enlarging a picture, comparing two, taking one along, and all of it by fingers."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.seen import PHONE, PHONE_SIZE, dialog, is_at, open_nth, shown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_zoom_by_click_wheel_keys_and_drag(vera: Visitor) -> None:
    page = vera.page
    open_nth(vera, 0)
    zoom, frame = page.locator("picture-viewer picture-zoom"), page.locator("picture-viewer .frame")

    def width() -> float:
        return float(frame.evaluate("(frame) => frame.getBoundingClientRect().width"))

    fit = width()
    page.keyboard.press("z")
    expect(zoom).to_have_attribute("data-zoomed", "")
    assert width() == pytest.approx(max(1536, fit * 2), abs=2)
    box = frame.evaluate("(frame) => frame.getBoundingClientRect().x")
    middle = zoom.bounding_box()
    assert middle
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    moved = frame.evaluate("(frame) => frame.getBoundingClientRect().x") - box
    assert moved == pytest.approx(60, abs=2)
    expect(zoom).to_have_attribute("data-zoomed", "")  # a drag is no click
    page.mouse.click(x, y)
    expect(zoom).not_to_have_attribute("data-zoomed", "")
    page.mouse.wheel(0, -300)
    expect(zoom).to_have_attribute("data-zoomed", "")
    page.keyboard.press("0")
    expect(zoom).not_to_have_attribute("data-zoomed", "")
    page.keyboard.press("+")
    assert width() == pytest.approx(fit * 1.4, rel=0.02)
    page.keyboard.press("-")
    assert width() == pytest.approx(fit, rel=0.02)


def test_original_and_converted_files_come_as_downloads(vera: Visitor) -> None:
    page = vera.page
    open_nth(vera, 0)
    with page.expect_download() as original:
        page.keyboard.press("Shift+D")
    assert original.value.suggested_filename.endswith(".png")
    page.locator(".download summary").click()
    page.get_by_role("radio", name="WebP").check()
    with page.expect_download() as converted:
        page.get_by_role("button", name="Download this way").click()
    assert converted.value.suggested_filename.endswith(".webp")
    assert b"trainedAlgorithmicMedia" in converted.value.path().read_bytes()
    expect(page.locator(".download[open]")).to_have_count(0)
    with page.expect_download() as sheet:
        page.get_by_role("link", name="Provenance").click()
    assert sheet.value.suggested_filename.endswith(".json")


def test_compare_by_slider_and_side_by_side(vera: Visitor) -> None:
    page = vera.page
    images = open_nth(vera, 5)
    page.keyboard.press("c")
    page.wait_for_url("**/compare/?a=*")
    page.locator(f'.partners a:has([data-image="{images[7]}"])').click()
    page.wait_for_url(f"**/compare/?a={images[5]}&b={images[7]}")
    expect(page.locator(".compare-words del").first).to_have_text("5:")
    split, upper = page.get_by_role("slider"), page.locator(".compare-side .frame").nth(1)
    expect(upper).to_have_css("clip-path", "inset(0px 0px 0px 50%)")
    split.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(upper).to_have_css("clip-path", "inset(0px 0px 0px 60%)")
    page.get_by_role("radio", name="Side by side").check()
    expect(upper).to_have_css("clip-path", "none")
    zooms = page.locator("picture-zoom")
    page.locator(".compare-side .frame").first.click()
    for number in (0, 1):
        expect(zooms.nth(number)).to_have_attribute("data-zoomed", "")
    same = [page.locator(".frame").nth(n).evaluate("(f) => f.style.transform") for n in (0, 1)]
    assert same[0] == same[1] != ""
    page.get_by_role("link", name="Swap").click()
    page.wait_for_url(f"**/compare/?a={images[7]}&b={images[5]}")
    assert faults(page) == []


def swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A finger's way over the screen, as the browser gets it from the screen."""
    finger = page.context.new_cdp_session(page)
    steps = 8
    points = [
        {
            "x": start[0] + (end[0] - start[0]) * n / steps,
            "y": start[1] + (end[1] - start[1]) * n / steps,
        }
        for n in range(steps + 1)
    ]
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [points[0]]})
    for point in points[1:]:
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_swipes_walk_and_down_closes_on_a_phone(visit: Visit, vera_state: Any) -> None:
    vera = visit(storage_state=vera_state, **PHONE)
    vera.page.set_viewport_size(PHONE_SIZE)
    vera.open()
    page = vera.page
    images = open_nth(vera, 2)
    swipe(page, (320, 200), (80, 205))
    shown(page, images[3])
    swipe(page, (80, 200), (320, 195))
    shown(page, images[2])
    swipe(page, (200, 200), (215, 204))  # too short to mean anything
    page.wait_for_timeout(300)
    shown(page, images[2])
    swipe(page, (200, 120), (205, 420))
    expect(dialog(page)).to_be_hidden()
    is_at(page, images[2])


def test_fingers_enlarge_and_move_the_picture(visit: Visit, vera_state: Any) -> None:
    vera = visit(storage_state=vera_state, **PHONE)
    vera.page.set_viewport_size(PHONE_SIZE)
    vera.open()
    page = vera.page
    images = open_nth(vera, 2)
    zoom = page.locator("picture-viewer picture-zoom")
    for _ in range(2):
        page.touchscreen.tap(195, 180)
    expect(zoom).to_have_attribute("data-zoomed", "")
    before = page.locator("picture-viewer .frame").evaluate("(f) => f.getBoundingClientRect().x")
    swipe(page, (300, 180), (200, 180))
    after = page.locator("picture-viewer .frame").evaluate("(f) => f.getBoundingClientRect().x")
    assert after < before - 40
    shown(page, images[2])  # moved, not walked on
    for _ in range(2):
        page.touchscreen.tap(195, 180)
    expect(zoom).not_to_have_attribute("data-zoomed", "")
    fingers = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 70)):
        points = [{"x": 195 - apart, "y": 180, "id": 0}, {"x": 195 + apart, "y": 180, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(zoom).to_have_attribute("data-zoomed", "")


def test_targets_are_large_enough_for_a_finger(visit: Visit, vera_state: Any) -> None:
    vera = visit(storage_state=vera_state, **PHONE)
    vera.page.set_viewport_size(PHONE_SIZE)
    vera.open()
    open_nth(vera, 0)
    small = vera.page.locator("picture-viewer").evaluate(
        """(viewer) => [...viewer.querySelectorAll("a, button, summary")]
            .filter((each) => each.checkVisibility())
            .map((each) => [each.textContent.trim().slice(0, 30), each.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.5 || box.width < 30)
            .map(([text, box]) => `${text}: ${box.width} × ${box.height}`)"""
    )
    assert small == []
