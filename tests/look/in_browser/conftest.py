"""One browser for the folder; Playwright's loop is gone before other tests use the database."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.look.in_browser.stage import FLAGS, Stage


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    stage = Stage(page)
    yield stage
    page.unroute_all(behavior="ignoreErrors")
    page.close()
    assert stage.complaints == []
