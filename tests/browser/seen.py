"""Where a person is in a list and in the viewer: what tests of both ask for."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor

PHONE: dict[str, Any] = {"has_touch": True, "is_mobile": True}
PHONE_SIZE: Any = {"width": 390, "height": 844}


def image_of(tile: Locator) -> str:
    return tile.locator("[data-image]").get_attribute("data-image") or ""


def chosen(page: Page) -> list[int]:
    """Which of the tiles, by their order."""
    script = "(all) => all.flatMap((tile, at) => (tile.dataset.selected === undefined ? [] : [at]))"
    found: list[int] = page.locator("[data-generation][data-slot]").evaluate_all(script)
    return found


def says(page: Page, sentence: str) -> None:
    expect(page.locator("#notice p")).to_have_text(sentence)


def in_album(page: Page) -> list[str]:
    script = "(all) => all.map((each) => each.dataset.place ?? each.dataset.image)"
    found: list[str] = page.locator("[data-place], #pictures [data-image]").evaluate_all(script)
    return found


def is_arranged(page: Page, images: list[str]) -> None:
    """The page for arranging an album comes to this order."""
    places = page.locator("[data-place]")
    for number, image in enumerate(images):
        expect(places.nth(number)).to_have_attribute("data-place", image)
    expect(places).to_have_count(len(images))


def shown(page: Page, image: str) -> None:
    """The viewer shows this picture, painted."""
    expect(page.locator(f'picture-viewer[data-id="{image}"]')).to_be_visible()
    picture = page.locator(f'picture-viewer [data-image="{image}"]')
    picture.evaluate("(image) => image.decode()")
    expect(page.locator("picture-viewer .frame .blur")).to_be_hidden()


def open_nth(visitor: Visitor, number: int) -> list[str]:
    """Open a tile by a click; the pictures of the page in its order."""
    page = visitor.page
    images = page.locator("#days [data-image]").evaluate_all(
        "(all) => all.map(i => i.dataset.image)"
    )
    visitor.tiles.nth(number).locator("> a").click()
    shown(page, images[number])
    return [str(each) for each in images]


def dialog(page: Page) -> Locator:
    return page.locator(".viewer-dialog")


def is_at(page: Page, image: str) -> None:
    """The focus is on this picture's tile."""
    expect(page.locator(f'.tile > a:has([data-image="{image}"])')).to_be_focused()
