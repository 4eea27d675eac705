"""Two people on one server: what is one's own stays so."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SIZES = ("320", "640", "1600", "original")


def sign_up(visitor: Visitor, username: str, password: str) -> None:
    page = visitor.open("/accounts/signup/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password1]", password)
    page.fill("input[name=password2]", password)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"{visitor.url}/")


def statuses(visitor: Visitor, paths: list[str]) -> dict[str, int]:
    """What this person gets at each address, without being led elsewhere."""
    get = visitor.context.request.get
    return {path: get(f"{visitor.url}{path}", max_redirects=0).status for path in paths}


def test_stranger_sees_nothing_of_somebody_elses(
    visit: Visit, visitor: Visitor, stack: Stack
) -> None:
    generation = visitor.submit("a private fox [[fixture=60kB]]")
    image = visitor.wait_for_pictures(generation, n=1)[0]
    pictures = [f"/images/{image}/{size}" for size in SIZES]
    pages = [f"/images/{image}/", f"/images/{image}/trash/", f"/generations/{generation}/"]
    assert set(statuses(visitor, [*pictures, *pages]).values()) == {200}

    carol = visit()
    sign_up(carol, "carol", "carols-own-password")
    assert carol.tiles.count() == 0
    expect(carol.page.locator(".first-run h2")).to_be_visible()
    assert set(statuses(carol, [*pictures, *pages]).values()) == {404}
    with carol.expecting("404"):
        page = carol.open(f"/images/{image}/")
    assert page.inner_text("h1") == "Nothing here"
    assert "fox" not in page.content()
    with carol.expecting("404"):
        missing = carol.open(f"/images/{image[:-4]}0000/")
    assert missing.inner_text("main") == page.inner_text("main")
    carol.open(f"/?remix={generation}")
    assert carol.page.input_value("#id_prompt") == ""

    nobody = visit()
    assert set(statuses(nobody, pictures).values()) == {404}
    assert set(statuses(nobody, pages).values()) == {302}


def test_each_persons_poll_brings_their_own_tiles_alone(visit: Visit, visitor: Visitor) -> None:
    dave = visit()
    sign_up(dave, "dave", "daves-own-password")
    mine = visitor.submit("a fox for one [[slow=1]][[fixture=60kB]]")
    theirs = dave.submit("a hare for another [[slow=1]][[fixture=60kB]]")
    visitor.wait_for_pictures(mine, n=1)
    dave.wait_for_pictures(theirs, n=1)
    assert dave.places() == [(theirs, "0")]
    assert theirs not in [generation for generation, _ in visitor.places()]
    assert dave.page.locator(".first-run").is_hidden()
