"""A curator decides by single keys; what isn't approved stays out of a viewer's sight."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_five_pictures_by_keyboard(visit: Visit, stack: Stack) -> None:
    images = ask(stack, "hang_for_review('cleo', 'vic', 6)")
    cleo = visit(storage_state=signed_in(stack, "cleo"))
    page = cleo.open("/review/")
    one, left = page.locator(".review-one[data-ready]"), page.locator("[data-left]")
    expect(left).to_have_text("6 waiting")
    expect(one).to_have_attribute("data-id", images[0])
    assert faults(page) == []
    page.keyboard.press("a")
    expect(one).to_have_attribute("data-id", images[1])
    page.keyboard.press("1")  # no reason is asked for: nothing
    page.keyboard.press("r")
    expect(one).to_have_attribute("data-id", images[1])
    page.keyboard.press("3")
    expect(one).to_have_attribute("data-id", images[2])
    page.keyboard.press("u")
    expect(one).to_have_attribute("data-id", images[1])
    page.keyboard.press("n")
    page.keyboard.type("a far too blurred far shore")
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(one).to_have_attribute("data-id", images[2])
    with page.expect_response(f"**/{images[2]}/verdict/"):  # or it would be broken off below
        page.keyboard.press("f")
        page.keyboard.press("4")
    expect(one).to_have_attribute("data-id", images[3])
    page.keyboard.press("s")
    expect(one).to_have_attribute("data-id", images[4])
    page.route("**/verdict/", lambda route: route.abort())
    with cleo.expecting("verdict|ERR_FAILED"):
        page.keyboard.press("a")
        expect(page.locator("#notice")).to_contain_text("The picture is back")
        expect(one).to_have_attribute("data-id", images[4])
    page.unroute("**/verdict/")
    for image in (images[5], images[3]):
        with page.expect_response("**/verdict/"):
            page.keyboard.press("a")
        expect(one).to_have_attribute("data-id", image)
    expect(left).to_have_text("1 waiting")
    assert faults(cleo.open("/review/all/?state=approved")) == []
    vic = visit(storage_state=signed_in(stack, "vic"))
    vic.open("/?team=team-of-cleo")
    shown = vic.page.locator(".tile [data-image]")
    expect(shown).to_have_count(3)
    seen = {images.index(each.get_attribute("data-image")) for each in shown.all()}
    assert seen == {0, 4, 5}
