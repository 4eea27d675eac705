"""The whole journey in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Visit
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PROMPT = "a fox on paper [[slow=1]][[fixture=60kB]]"


def test_prompt_to_picture_to_trash_without_a_script(visit: Visit, stack: Stack) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.sign_in(stack.username, PASSWORD)
    page.fill("#id_prompt", PROMPT)
    page.click("#generate")
    page.wait_for_url(re.compile(r"/generations/[0-9a-f-]{36}/$"))
    generation = page.url.split("/")[-2]
    assert visitor.places() == [(generation, "0")]
    assert page.inner_text("h1") == PROMPT
    refreshed = 0
    while page.locator("img[data-image]").count() == 0:
        assert refreshed < 60
        page.wait_for_timeout(200)
        page.get_by_role("link", name="Refresh").click()
        refreshed += 1
    assert page.get_by_role("link", name="Refresh").count() == 0
    image = visitor.wait_for_pictures(generation, n=1)[0]
    page.locator(".tile > a").click()
    page.wait_for_url(f"{stack.url}/images/{image}/")
    assert page.inner_text("#prompt") == PROMPT
    page.get_by_role("link", name="Move to the trash").click()
    page.wait_for_url(f"{stack.url}/images/{image}/trash/")
    expect(page.locator("h1")).to_have_text("Move this picture to the trash?")
    page.get_by_role("button", name="Move to the trash").click()
    page.wait_for_url(f"{stack.url}/")
    assert page.inner_text(".line-success p") == "1 picture moved to the trash."
    assert page.locator(f"[data-image='{image}']").count() == 0
    assert visitor.context.request.get(f"{stack.url}/images/{image}/320").status == 404


def test_faults_are_acted_on_without_a_script(
    visit: Visit, stack: Stack, demo_state: object
) -> None:
    visitor = visit(java_script_enabled=False, storage_state=demo_state)
    page = visitor.open()
    page.fill("#id_prompt", "a paper fox nobody may see [[status=400]]")
    page.click("#generate")
    page.wait_for_url(re.compile(r"/generations/"))
    address = page.url
    for _ in range(60):
        if visitor.tiles.get_attribute("data-state") == "failed":
            break
        page.wait_for_timeout(200)
        page.reload()
    page.get_by_role("button", name=re.compile("Run again")).click()
    page.wait_for_url(lambda url: "/generations/" in url and url != address)
    assert visitor.tiles.count() == 1
    page.goto(address)
    page.get_by_role("button", name="Dismiss").click()
    expect(visitor.tiles).to_have_count(0)
    assert page.url == address


def test_wrong_input_keeps_what_was_typed_without_a_script(
    visit: Visit, demo_state: object
) -> None:
    visitor = visit(java_script_enabled=False, storage_state=demo_state)
    page = visitor.open()
    page.fill("#id_prompt", "y" * 4001)
    with visitor.expecting("422"):
        page.click("#generate")
        expect(page.locator("#composer-errors")).to_have_text(
            "The prompt has 4001 characters; 4000 are the most."
        )
    assert page.input_value("#id_prompt") == "y" * 4001
