"""One browser and one stack for the whole folder.

Their scope is the package: Playwright's loop must be gone before other tests use the database.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.rows import ask, signed_in
from tests.browser.visitor import FLAGS, Visitor
from tests.support.memory import quick_folder
from tests.support.sandbox import Sandbox
from tests.support.stack import Stack

SPEED = 30  # a picture takes about a quarter of a second, and its drawing
PASSWORD = "the-demo-password"

PICTURES_OF_VERA = 70  # more than a page

Visit = Callable[..., Visitor]
Sorter = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def provider() -> Iterator[Sandbox]:
    with Sandbox(speed=SPEED) as server:
        yield server
        calls = server.ledger()["by_request_id"]
    # Each permission to send has an id of its own: whatever happened, none was used twice.
    assert {name: call for name, call in calls.items() if call["requests"] > 1} == {}


@pytest.fixture(scope="package")
def settings_of_stack(provider: Sandbox) -> dict[str, str]:
    return {"DEMO_PASSWORD": PASSWORD, "SANDBOX_URL": provider.url, "SWEEP_SECONDS": "1"}


@pytest.fixture(scope="package")
def stack(settings_of_stack: dict[str, str]) -> Iterator[Stack]:
    with (
        quick_folder("mesh-browser-") as folder,
        Stack(folder / "var", settings_of_stack) as running,
    ):
        yield running


@pytest.fixture(scope="package")
def demo_state(stack: Stack) -> Any:
    return signed_in(stack, stack.username)


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Somebody comes to the gallery. Whatever their browsers complain of fails the test."""
    with ExitStack() as visits:
        yield lambda **options: visits.enter_context(
            Visitor(browser, options.pop("url", stack.url), **options)
        )


@pytest.fixture
def visitor(visit: Visit, demo_state: Any) -> Visitor:
    """The demo account in front of its gallery."""
    demo = visit(storage_state=demo_state)
    demo.open()
    return demo


@pytest.fixture
def sorter(visit: Visit, stack: Stack) -> Sorter:
    """Somebody new with so many pictures, in front of the gallery."""

    def come(pictures: int, **options: Any) -> Visitor:
        name = f"sorter-{secrets.token_hex(4)}"
        ask(stack, f"hang_pictures({name!r}, {pictures})")
        visitor = visit(storage_state=signed_in(stack, name), **options)
        visitor.open()
        expect(visitor.tiles).to_have_count(min(pictures, 60))
        return visitor

    return come


@pytest.fixture(scope="package")
def vera_state(stack: Stack) -> Any:
    """Somebody with runs of one picture each; who changes one of them gives it back."""
    ask(stack, f"hang_pictures('vera', {PICTURES_OF_VERA})")
    return signed_in(stack, "vera")


@pytest.fixture
def vera(visit: Visit, vera_state: Any) -> Visitor:
    visitor = visit(storage_state=vera_state)
    visitor.open()
    return visitor
