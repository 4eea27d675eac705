"""Selecting pictures and doing something with them: by mouse, keys, touch, and without scripts."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import faults
from tests.browser.conftest import Sorter
from tests.browser.seen import chosen, image_of, is_arranged, says

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_box_shift_and_control_choose_and_a_click_opens(sorter: Sorter) -> None:
    visitor = sorter(6)
    page, tiles = visitor.page, visitor.tiles
    tiles.nth(4).hover()
    tiles.nth(4).get_by_role("checkbox").check()
    expect(page.locator("[data-count]")).to_have_text("1 selected")
    tiles.nth(2).locator("a").first.click(modifiers=["Shift"])
    assert chosen(page) == [2, 3, 4]
    tiles.nth(5).locator("a").first.click(modifiers=["ControlOrMeta"])
    tiles.nth(3).locator("a").first.click(modifiers=["ControlOrMeta"])
    assert chosen(page) == [2, 4, 5]
    tiles.nth(0).locator("a").first.click(modifiers=["Shift"])  # from the one let go of
    assert chosen(page) == [4, 5]
    page.keyboard.press("Escape")
    expect(page.locator(".selection-bar")).to_be_hidden()
    assert chosen(page) == []
    tiles.nth(1).locator("a").first.click()
    expect(page).to_have_url(re.compile("/images/"))


def test_heart_by_key_and_by_hand_stays(sorter: Sorter) -> None:
    visitor = sorter(3)
    page, tiles = visitor.page, visitor.tiles
    with page.expect_response("**/selection/"):
        tiles.nth(0).locator("a").first.focus()
        page.keyboard.press("f")
    tiles.nth(1).hover()
    with page.expect_response("**/selection/"):
        tiles.nth(1).get_by_role("button", name="Favourite").click()
    for number in (0, 1):
        expect(tiles.nth(number)).to_have_attribute("data-favorite", "")
    page.reload()
    liked = page.locator(".tile[data-favorite]")
    expect(liked).to_have_count(2)
    page.mouse.move(0, 0)
    tiles.nth(0).locator("a").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    with page.expect_response("**/selection/"):
        page.keyboard.press("f")
    says(page, "2 pictures taken out of your favourites.")
    with page.expect_response("**/selection/undo/"):
        page.get_by_role("button", name="Undo").click()
    expect(liked).to_have_count(2)
    page.reload()
    expect(liked).to_have_count(2)


def test_delete_moves_on_and_can_be_taken_back(sorter: Sorter) -> None:
    visitor = sorter(4)
    page, tiles = visitor.page, visitor.tiles
    second, third = image_of(tiles.nth(1)), image_of(tiles.nth(2))
    tiles.nth(1).locator("a").first.focus()
    page.keyboard.down("Delete")
    for _ in range(3):  # a held key acts once
        page.keyboard.down("Delete")
    page.keyboard.up("Delete")
    says(page, "1 picture moved to the trash.")
    expect(page.locator(".tile:visible")).to_have_count(3)
    focused = page.locator(".tile:focus-within [data-image]")
    expect(focused).to_have_attribute("data-image", third)
    page.get_by_role("button", name="Undo").click()
    says(page, "Taken back for 1 picture.")
    expect(page.locator(".tile:visible")).to_have_count(4)
    expect(focused).to_have_attribute("data-image", second)
    page.reload()
    expect(tiles).to_have_count(4)


def test_all_results_are_chosen_on_the_server(sorter: Sorter) -> None:
    visitor = sorter(64)
    page = visitor.page
    page.keyboard.press("Control+a")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"6\d selected"))
    page.evaluate("scrollTo(0, 0)")
    if page.locator("[data-everything]").is_hidden():  # all of them had come meanwhile
        pytest.fail("nothing more was offered")
    page.get_by_role("button", name="Select all 64 results").click()
    expect(page.locator("[data-count]")).to_have_text("All 64 results selected")
    with visitor.expecting("404"):  # a preview that was still being fetched
        page.locator(".selection-bar").get_by_role("button", name="Trash").click()
        expect(page.locator(".line-success p")).to_have_text("64 pictures moved to the trash.")
        expect(visitor.tiles).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".line-success p")).to_have_text("Taken back for 64 pictures.")
        visitor.open()
        expect(visitor.tiles).to_have_count(60)


def test_choice_outlives_the_next_page(sorter: Sorter) -> None:
    visitor = sorter(70)
    page, tiles = visitor.page, visitor.tiles
    tiles.nth(2).hover()
    tiles.nth(2).get_by_role("checkbox").check()
    page.locator(".older").scroll_into_view_if_needed()
    expect(tiles).to_have_count(70)
    tiles.nth(65).scroll_into_view_if_needed()
    tiles.nth(65).locator("a").first.click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("64 selected")


def test_selection_is_downloaded_as_one_zip(sorter: Sorter) -> None:
    visitor = sorter(3)
    page = visitor.page
    page.locator("body").press("Control+a")
    with page.expect_download() as download:
        page.locator(".selection-bar").get_by_role("button", name="Download").click()
    assert re.fullmatch(r"mesh-gallery-[\d-]+\.zip", download.value.suggested_filename)
    content = download.value.path().read_bytes()
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    assert sorted(name.rpartition(".")[2] for name in found.namelist()) == 3 * ["json"] + 3 * [
        "png"
    ]
    assert chosen(page) == [0, 1, 2]


def test_prompt_is_copied_and_remixed(sorter: Sorter) -> None:
    visitor = sorter(2, permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.tiles.nth(0).locator("a").first.focus()
    page.keyboard.press("p")
    says(page, "The prompt is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "Picture 0: boats in a quiet harbour, painted on linen"
    page.keyboard.press("r")
    page.wait_for_url("**/?remix=*")
    assert page.input_value("#id_prompt") == copied


def test_trash_gives_back_and_deletes_for_good(sorter: Sorter) -> None:
    visitor = sorter(3)
    page, tiles = visitor.page, visitor.tiles
    page.locator("body").press("Control+a")
    page.keyboard.press("Delete")
    says(page, "3 pictures moved to the trash.")
    visitor.open("/trash/")
    expect(tiles).to_have_count(3)
    visitor.wait_until_painted(tiles.nth(0).locator("[data-image]"))
    tiles.nth(0).hover()
    tiles.nth(0).get_by_role("checkbox").check()
    page.get_by_role("button", name="Restore").click()
    says(page, "1 picture back in the gallery.")
    tiles.nth(1).locator("a").first.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#sure-dialog")).to_contain_text("This removes 1 picture")
    page.locator("#sure-dialog").get_by_role("button", name="Keep").click()
    page.keyboard.press("Delete")
    page.locator("#sure-dialog").get_by_role("button", name="Delete for good").click()
    says(page, "1 picture deleted for good.")
    page.reload()
    expect(tiles).to_have_count(1)
    visitor.open()
    expect(tiles).to_have_count(1)


def long_press(tile: Locator) -> None:
    """A finger that rests for a good half second."""
    box = tile.bounding_box()
    assert box
    finger = {"x": box["x"] + 60, "y": box["y"] + 60}
    touch = tile.page.context.new_cdp_session(tile.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    tile.page.wait_for_timeout(700)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_touch_begins_with_a_long_press_and_goes_on_with_taps(sorter: Sorter) -> None:
    visitor = sorter(4, has_touch=True, is_mobile=True)
    page, tiles = visitor.page, visitor.tiles
    page.set_viewport_size({"width": 390, "height": 844})
    long_press(tiles.nth(0))
    assert chosen(page) == [0]
    expect(page.locator(".selection-bar")).to_be_visible()
    tiles.nth(1).tap()
    tiles.nth(2).tap()
    tiles.nth(1).tap()
    assert chosen(page) == [0, 2]
    assert page.url == f"{visitor.url}/"
    sizes = page.locator(".selection-bar button:visible").evaluate_all(
        "(all) => all.map((each) => Math.min(each.offsetWidth, each.offsetHeight))"
    )
    assert min(sizes) >= 44
    page.locator(".selection-bar").get_by_role("button", name="Trash").tap()
    says(page, "2 pictures moved to the trash.")
    expect(page.locator(".selection-bar")).to_be_hidden()
    tiles.nth(1).tap()
    expect(page).to_have_url(re.compile("/images/"))


def test_link_starts_selecting_on_any_machine(sorter: Sorter) -> None:
    visitor = sorter(2)
    page = visitor.page
    page.get_by_role("link", name="Select", exact=True).click()
    expect(page.locator("[data-count]")).to_have_text("Choose pictures")
    visitor.tiles.nth(1).locator("a").first.click()
    assert chosen(page) == [1]
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.locator(".selection-bar")).to_be_hidden()


def test_everything_goes_without_scripts(sorter: Sorter) -> None:
    visitor = sorter(3, java_script_enabled=False)
    page, tiles = visitor.page, visitor.tiles
    page.get_by_role("link", name="Select", exact=True).click()
    tiles.nth(0).get_by_role("checkbox").check()
    tiles.nth(1).get_by_role("checkbox").check()
    page.get_by_label("Album", exact=True).fill("Paper")
    page.get_by_role("button", name="Add to album").click()
    expect(page.locator(".line-success p")).to_have_text("2 pictures added to “Paper”.")
    tiles.nth(0).get_by_role("checkbox").check()
    page.get_by_role("button", name="Trash").click()
    expect(page.locator(".line-success p")).to_have_text("1 picture moved to the trash.")
    expect(tiles).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(tiles).to_have_count(3)
    visitor.open("/albums/")
    page.get_by_role("link", name="Paper").click()
    expect(tiles).to_have_count(2)
    first, second = (image_of(tiles.nth(number)) for number in (0, 1))
    page.get_by_role("link", name="Arrange").click()
    page.locator(f"#place-{first}").get_by_role("button", name="Later").click()
    is_arranged(page, [second, first])
    visitor.open(f"/images/{first}/sort/")
    page.fill("#sort-tag", "paper")
    page.get_by_role("button", name="Add", exact=True).first.click()
    expect(page.get_by_role("button", name="Remove “paper”", exact=True)).to_be_visible()
    visitor.open(f"/images/{first}/trash/")
    page.get_by_role("button", name="Move to the trash").click()
    visitor.open("/trash/")
    tiles.nth(0).locator("a").first.click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("h1")).to_have_text("Delete 1 picture for good?")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".nothing h2")).to_have_text("The trash is empty")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_keeps_anybody_out(sorter: Sorter, width: int) -> None:
    visitor = sorter(5, has_touch=width < 600)
    page, tiles = visitor.page, visitor.tiles
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/albums/", "/tags/", "/trash/"):
        assert faults(visitor.open(path)) == []  # empty
    visitor.open()
    page.locator("body").press("Control+a")
    with page.expect_response("**/selection/"):
        page.keyboard.press("f")
    assert faults(page) == []
    for key, field, text in (("t", "#sort-tag", "harbour"), ("l", "#sort-album", "Coast")):
        page.keyboard.press(key)
        page.locator(field).fill(text)
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text(text)
        if key == "t":
            assert faults(page) == []
            page.keyboard.press("Escape")
    image = image_of(tiles.nth(0))
    page.keyboard.press("Escape")
    tiles.nth(3).locator("a").first.focus()
    page.keyboard.press("Delete")
    says(page, "1 picture moved to the trash.")
    assert faults(page) == []
    visitor.open("/albums/")
    album = page.locator(".cover").get_attribute("href") or ""
    visitor.open("/trash/")
    thrown = tiles.nth(0).locator("a").first.get_attribute("href") or ""
    tiles.nth(0).locator("a").first.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#sure-dialog")).to_be_visible()
    assert faults(page) == []
    if width < 600:
        return  # each of the pages is looked at by `test_every_page_on_a_phone`
    paths = [album, f"{album}?select=1", f"{album}arrange/", f"{album}edit/", f"{album}delete/"]
    paths += ["/tags/", "/trash/", f"/images/{image}/sort/", f"/images/{image}/trash/", thrown]
    for path in ("/albums/", *paths):
        assert faults(visitor.open(path)) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
