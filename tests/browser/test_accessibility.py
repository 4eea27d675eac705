"""Every page, in light and dark, wide and narrow: nothing keeps anybody out."""

from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import Visitor
from tests.support.stack import BASE_DIR, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME = "erin"
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
INSIDE = (
    "/",
    *("/account/", "/account/delete/"),
    "/accounts/password/",
    "/albums/",
    "/tags/",
    "/trash/",
    "/searches/",
    "/prompts/",
)
# Of somebody who has everything: braces stand for addresses that `kept_by_gus` knows.
FULL = (
    *("/", "/?q=picture&shape=landscape&group=run", "/?select=1", "/?q=zebra", "/filters/"),
    *("/filters/?q=fox", "/searches/?q=fox", "/albums/{album}/?select=1"),
    *("/months/", "/searches/", "/generations/{run}/", "/images/{a}/", "/images/{a}/trash/"),
    *("/images/{a}/sort/", "/compare/?a={a}", "/compare/?a={a}&b={b}", "/albums/"),
    *("/albums/{album}/", "/albums/{album}/arrange/", "/albums/{album}/edit/"),
    *("/teams/", "/teams/{team}/", "/teams/{team}/people/"),
    *("/albums/{album}/delete/", "/tags/", "/tags/{tag}/delete/", "/trash/", "/trash/{thrown}/"),
    "/account/",
    *("/prompts/", "/prompts/{template}/", "/prompts/{template}/edit/", "/keys/"),
    "/usage/",
    *("/shares/", "/shares/new/?kind=album&target={album}", "{share}", "{shared}"),
    *("{shared_picture}", "{locked}"),
)
UNKNOWN = "/desk/cause/?state=unknown&code=connection_lost&model=openai/gpt-image-1&days=1"
# Controls a finger would miss. A link inside a sentence is as high as its line.
SMALL = """() => [...document.querySelectorAll("a, button, summary, select, textarea, input")]
    .filter((each) => each.type !== "hidden")
    .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((each) => !each.matches(".skip, p:not([class]) > a:not([class])"))
    .map((each) => [each, (each.closest("label, .chip") ?? each).getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) > 1)
    .filter(([, box]) => Math.min(box.width, box.height) < 43.5)
    .map(([each, box]) => `${each.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""


def test_themes_differ_in_colours_alone() -> None:
    """What `faults` leaves out in the dark rests on it."""
    sheets = [path for path in (BASE_DIR / "static").rglob("*") if path.suffix in {".css", ".js"}]
    assert sheets
    assert [path.name for path in sheets if "prefers-color-scheme" in path.read_text()] == []


@pytest.fixture(scope="module")
def runs(stack: Stack) -> dict[str, str]:
    """Erin's generations, one for each state a tile can be in."""
    made = ask(stack, f"show_every_state({NAME!r})")
    return dict(zip(STATES, made, strict=True))


@pytest.fixture(scope="module")
def erin_state(stack: Stack, runs: dict[str, str]) -> Any:
    return signed_in(stack, NAME)


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
    expect(page.locator("picture-viewer")).to_be_visible()
    assert faults(page) == []
    erin.page.goto(f"{page.url}trash/")
    assert faults(page) == []


@pytest.mark.parametrize("path", INSIDE)
def test_page_of_somebody_new(visit: Visit, stranger_state: Any, path: str) -> None:
    assert faults(visit(storage_state=stranger_state).open(path)) == []


@pytest.fixture(scope="module")
def stranger_state(stack: Stack) -> Any:
    """Somebody whose gallery is empty."""
    ask(stack, "add_user('frank')")
    return signed_in(stack, "frank")


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


@pytest.fixture(scope="module")
def kept_by_gus(stack: Stack) -> dict[str, str]:
    """A picture in an album with a tag, one in the trash, a search, a template; links to the album,
    one of them behind a password."""
    kept: dict[str, str] = ask(stack, "keep_everything('gus')")
    album = f"'gus', {kept['album']!r}"
    locked = ask(stack, f"share_album({album}, 'open sesame')")
    return kept | ask(stack, f"share_album({album})") | {"locked": locked["shared"]}


def wrong_on_a_phone(somebody: Visitor, paths: Iterable[str]) -> dict[str, list[str]]:
    page = somebody.page
    page.set_viewport_size({"width": 390, "height": 844})
    found = {}
    for path in paths:
        somebody.open(path)
        found[path] = faults(page) + page.evaluate(SMALL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("wider than the screen")
    return {path: wrong for path, wrong in found.items() if wrong}


def test_every_page_on_a_phone(visit: Visit, stack: Stack, kept_by_gus: dict[str, str]) -> None:
    gus = visit(storage_state=signed_in(stack, "gus"), has_touch=True, is_mobile=True)
    assert wrong_on_a_phone(gus, [path.format(**kept_by_gus) for path in FULL]) == {}


def test_budget_nearly_used_up_on_a_phone(visit: Visit, stack: Stack) -> None:
    ask(stack, "add_user('thea')")
    ask(stack, "use_budget('thea', limit=10, spent=8)")
    thea = visit(storage_state=signed_in(stack, "thea"), has_touch=True, is_mobile=True)
    assert wrong_on_a_phone(thea, ["/usage/"]) == {}
    thea.page.get_by_role("button", name="Dismiss").click()
    expect(thea.page.locator("#budget-notices > *")).to_have_count(0)


def test_desk_on_a_phone(visit: Visit, stack: Stack, runs: dict[str, str]) -> None:
    state = signed_in(stack, stack.username)
    operator = visit(storage_state=state, has_touch=True, is_mobile=True)
    assert wrong_on_a_phone(operator, ["/usage/?of=all", "/desk/", UNKNOWN]) == {}
