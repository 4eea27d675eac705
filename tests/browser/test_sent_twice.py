"""A form sent again by double click or reload is the same run; one that was edited isn't."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

RUN = re.compile(r"/generations/[0-9a-f-]{36}/$")


def test_double_click_is_one_run(visitor: Visitor) -> None:
    page = visitor.page
    before = visitor.tiles.count()
    page.fill("#id_prompt", "a fox clicked twice [[fixture=60kB]]")
    with page.expect_response(re.compile("/generations/$")):
        page.dblclick("#generate")
    expect(visitor.tiles).to_have_count(before + 1)
    page.wait_for_timeout(400)
    visitor.open()
    expect(visitor.tiles).to_have_count(before + 1)


def test_reload_and_back_without_scripts(visit: Visit, stack: Stack, demo_state: object) -> None:
    visitor = visit(java_script_enabled=False, storage_state=demo_state)
    page = visitor.open()

    def send(prompt: str) -> str:
        page.fill("#id_prompt", prompt)
        page.click("#generate")
        page.wait_for_url(RUN)
        return page.url

    first = send("a fox sent by Back [[fixture=60kB]]")
    page.reload()
    assert page.url == first
    page.go_back()  # the form is made anew: sending it is a wish of its own
    assert send("a hare sent by Back [[fixture=60kB]]") != first
