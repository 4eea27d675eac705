"""One browser and one stack for the whole folder.

Their scope is the package: Playwright's loop must be gone before other tests use the database.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visitor import FLAGS, Visitor
from tests.support.sandbox import Sandbox
from tests.support.stack import Stack

SPEED = 30  # a picture takes about a quarter of a second, and its drawing
PASSWORD = "the-demo-password"

Visit = Callable[..., Visitor]


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
def stack(
    tmp_path_factory: pytest.TempPathFactory, settings_of_stack: dict[str, str]
) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("browser") / "var", settings_of_stack) as running:
        yield running


@pytest.fixture(scope="package")
def demo_state(browser: Browser, stack: Stack) -> Any:
    """The cookies of the demo account, signed in once."""
    with Visitor(browser, stack.url) as visitor:
        visitor.sign_in(stack.username, stack.password)
        return visitor.context.storage_state()


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
