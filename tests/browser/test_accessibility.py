"""Every page, in light and dark, wide and narrow: nothing keeps anybody out."""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME, PASSWORD = "erin", "erins-own-password"
STATES = (
    *("waiting", "held", "working", "saving"),
    *("failed", "blocked", "unknown", "canceled", "done"),
)
OUTSIDE = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/reset/",
    "/accounts/reset/done/",
    "/accounts/reset/MQ/broken-link/",
)
INSIDE = ("/", "/accounts/password/")


def faults(page: Page) -> list[str]:
    """What axe finds in both themes, one line each."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for each in Axe().run(page).response["violations"]:
            nodes = [node["html"][:160] for node in each["nodes"]]
            found.append(json.dumps([scheme, each["impact"], each["id"], nodes]))
    return found


@pytest.fixture(scope="module")
def runs(stack: Stack) -> dict[str, str]:
    """Erin's generations, one for each state a tile can be in."""
    made = ask(stack, f"show_every_state({NAME!r}, {PASSWORD!r})")
    return dict(zip(STATES, made, strict=True))


@pytest.fixture(scope="module")
def erin_state(browser: Browser, stack: Stack, runs: dict[str, str]) -> Any:
    with Visitor(browser, stack.url) as erin:
        erin.sign_in(NAME, PASSWORD)
        return erin.context.storage_state()


@pytest.mark.parametrize("path", OUTSIDE)
def test_page_before_sign_in(visit: Visit, path: str) -> None:
    assert faults(visit().open(path)) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_gallery_with_a_tile_in_every_state(
    visit: Visit, erin_state: Any, runs: dict[str, str], width: int
) -> None:
    erin = visit(storage_state=erin_state)
    erin.page.set_viewport_size({"width": width, "height": 900})
    page = erin.open()
    states = page.locator("[data-state]").evaluate_all("(all) => all.map(t => t.dataset.state)")
    assert states == list(STATES)
    assert faults(page) == []
    page.locator(".tile[data-state=done]").hover()
    page.locator(".menu > summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("state", ["working", "unknown"])
def test_page_of_one_run(visit: Visit, erin_state: Any, runs: dict[str, str], state: str) -> None:
    page = visit(storage_state=erin_state).open(f"/generations/{runs[state]}/")
    assert faults(page) == []


def test_picture_and_its_deletion(visit: Visit, erin_state: Any, runs: dict[str, str]) -> None:
    erin = visit(storage_state=erin_state)
    erin.open(f"/generations/{runs['done']}/")
    page = erin.page
    page.locator(".tile > a").click()
    page.wait_for_url("**/images/**")
    assert faults(page) == []
    page.get_by_role("link", name="Delete this picture").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    assert faults(page) == []
    erin.page.goto(f"{page.url}delete/")
    assert faults(page) == []


@pytest.mark.parametrize("path", INSIDE)
def test_page_of_somebody_new(visit: Visit, stranger_state: Any, path: str) -> None:
    assert faults(visit(storage_state=stranger_state).open(path)) == []


@pytest.fixture(scope="module")
def stranger_state(browser: Browser, stack: Stack) -> Any:
    """Somebody whose gallery is empty."""
    ask(stack, "add_user('frank', 'franks-own-password').pk")
    with Visitor(browser, stack.url) as frank:
        frank.sign_in("frank", "franks-own-password")
        return frank.context.storage_state()


def test_page_that_is_not_there(visit: Visit, stranger_state: Any) -> None:
    somebody = visit(storage_state=stranger_state)
    with somebody.expecting("404"):
        page = somebody.open("/nowhere/")
    assert page.inner_text("h1") == "Nothing here"
    assert faults(page) == []


def test_form_with_an_error(visit: Visit, stranger_state: Any) -> None:
    somebody = visit(storage_state=stranger_state)
    page = somebody.page
    somebody.open()
    with somebody.expecting("422"):
        page.fill("#id_prompt", "z" * 4001)
        page.click("#generate")
        expect(page.locator("#composer-errors li")).to_be_visible()
    assert faults(page) == []
