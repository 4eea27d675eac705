"""An album goes to somebody without an account, and is taken back."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.seen import PHONE, PHONE_SIZE
from tests.browser.test_looking_closer import swipe
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PASSWORD = "open sesame"


def share_album(owner: Visitor, album: str) -> str:
    """The path of a new link, made as a person does."""
    page = owner.open(f"/albums/{album}/")
    page.get_by_role("link", name="Share").click()
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Make the link").click()
    return urlsplit(page.locator("#share-address").inner_text()).path


def test_guest_picks_two_and_the_owner_takes_the_link_back(visit: Visit, stack: Stack) -> None:
    kept = ask(stack, "keep_everything('nora')")
    owner = visit(storage_state=signed_in(stack, "nora"))
    path = share_album(owner, kept["album"])

    guest = visit()
    guest.page.set_viewport_size({"width": 390, "height": 844})
    page = guest.open(path)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Show the pictures").click()
    expect(page.locator("h1")).to_have_text("Coast")
    page.get_by_role("button", name="Pick: Picture 2").click()
    expect(page.locator("[data-picked]")).to_have_text("1 picked")
    page.get_by_role("link", name="Picture 1").click()
    guest.wait_until_painted(page.locator("[data-image]"))
    page.get_by_role("button", name="Pick").click()
    expect(page.locator("[data-picked]")).to_have_text("2 picked")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/{kept['b']}/")
    expect(page.get_by_role("button", name="Pick", pressed=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", pressed=True)).to_have_count(2)

    owner.open("/shares/").get_by_role("link", name="Album “Coast”").click()
    expect(owner.page.get_by_role("heading", name="Guest 1 picked 2")).to_be_visible()
    owner.page.get_by_role("button", name="Revoke").click()
    expect(owner.page.locator(".line-success")).to_contain_text("revoked")
    with guest.expecting("404"):
        page.reload()
        expect(page.locator("h1")).to_have_text("This link isn’t there any more")


def test_guest_enlarges_and_swipes_on_a_phone(visit: Visit, stack: Stack) -> None:
    kept = ask(stack, "keep_everything('nils')")
    home = ask(stack, f"share_album('nils', {kept['album']!r})")["shared"]
    guest = visit(**PHONE)
    guest.page.set_viewport_size(PHONE_SIZE)
    page = guest.open(f"{home}{kept['a']}/")
    guest.wait_until_painted(page.locator("[data-image]"))
    zoom = page.locator("picture-zoom")
    for _ in range(2):
        page.touchscreen.tap(195, 200)
    expect(zoom).to_have_attribute("data-zoomed", "")
    expect(page.get_by_role("button", name="Full size", pressed=True)).to_be_visible()
    swipe(page, (320, 200), (120, 205))  # looks elsewhere in it
    page.get_by_role("button", name="Full size").click()
    expect(zoom).not_to_have_attribute("data-zoomed", "")
    assert page.url.endswith(f"{kept['a']}/")
    swipe(page, (320, 200), (80, 205))
    page.wait_for_url(f"**/{kept['b']}/")
    guest.wait_until_painted(page.locator("[data-image]"))
    page.keyboard.press("z")
    expect(zoom).to_have_attribute("data-zoomed", "")
    page.keyboard.press("0")
    expect(zoom).not_to_have_attribute("data-zoomed", "")
    swipe(page, (80, 200), (320, 205))
    page.wait_for_url(f"**/{kept['a']}/")
