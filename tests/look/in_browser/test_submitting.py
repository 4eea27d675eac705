"""A prompt is sent, and its tiles come into the page."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Request

from tests.look.in_browser.stage import HOST, PromptForm, Stage, day, run_of, states, until
from tests.look.test_tiles import card

pytestmark = pytest.mark.browser


def test_first_submission_fills_an_empty_gallery(stage: Stage) -> None:
    stage.on_post = lambda request: stage.submitted(run_of(1, n=4))
    page = stage.open()
    page.get_by_role("button", name="A watercolour of a fox").click()
    before = page.input_value("#id_submit_token")
    page.keyboard.press("Control+Enter")
    until(page, lambda: states(page) == ["waiting"] * 4)
    assert page.is_hidden(".first-run")
    assert page.input_value("#id_submit_token") != before
    assert page.input_value("textarea").startswith("A watercolour of a fox")
    picked = "(({selectionStart: a, selectionEnd: b, value: v}) => v.slice(a, b))"
    assert page.evaluate(f"{picked}(document.activeElement)") == page.input_value("textarea")


def test_new_tiles_join_today_before_the_older_ones(stage: Stage) -> None:
    stage.days = [day(*run_of(1, state="done", n=2))]
    stage.on_post = lambda request: stage.submitted(run_of(2, n=3))
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    until(page, lambda: states(page) == ["waiting"] * 3 + ["done"] * 2)
    assert page.locator(".day").count() == 1


def test_joined_tiles_have_working_buttons(stage: Stage) -> None:
    again = SimpleNamespace(
        label="Dismiss",
        url=f"/generations/{UUID(int=2)}/dismiss/",
        method="post",
        fields={"slot": "0"},
        tone="plain",
    )
    fresh = card(generation_id=UUID(int=2), slot=0, state="failed", actions=(again,))
    stage.days = [day(*run_of(1, state="done", n=2))]
    stage.on_post = lambda request: (
        {"status": 200, "body": ""} if "dismiss" in request.url else stage.submitted([fresh])
    )
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    page.get_by_role("button", name="Dismiss").click()
    until(page, lambda: states(page) == ["done", "done"])
    assert page.url == f"{HOST}/"


def test_tiles_that_are_there_already_are_not_doubled(stage: Stage) -> None:
    stage.on_post = lambda request: stage.submitted(run_of(1, n=2))
    page = stage.open()
    page.fill("textarea", "A heron")
    for sent in (1, 2):
        page.click("#generate")
        until(page, lambda sent=sent: stage.count("/generations/") == sent)
        page.wait_for_timeout(100)
    assert states(page) == ["waiting", "waiting"]


def test_double_click_is_one_order(stage: Stage) -> None:
    stage.on_post = lambda request: stage.submitted(run_of(len(stage.asked)))
    page = stage.open()
    page.fill("textarea", "A heron")
    page.dblclick("#generate")
    until(page, lambda: states(page) == ["waiting"])
    page.wait_for_timeout(200)
    assert stage.count("/generations/") == 1


def test_wrong_input_comes_back_with_the_reason_and_what_was_typed(stage: Stage) -> None:
    def refuse(request: Request) -> dict[str, Any]:
        sent = {key: values[0] for key, values in parse_qs(request.post_data or "").items()}
        form = PromptForm(sent)
        form.add_error(None, "The budget has $0.02 left.")
        return stage.html("gallery/index.html#composer", status=422, form=form)

    stage.on_post = refuse
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    until(page, lambda: "The budget has $0.02 left." in page.inner_text("#composer-errors"))
    assert page.input_value("textarea").strip() == "A heron"
    assert page.evaluate("document.activeElement.id") == "id_prompt"


def test_server_away_keeps_the_prompt_and_says_so(stage: Stage) -> None:
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    until(page, lambda: page.is_visible("[data-offline]"))
    assert page.input_value("textarea") == "A heron"


def test_changing_an_option_asks_for_the_price_without_the_prompt(stage: Stage) -> None:
    page = stage.open()
    page.fill("textarea", "A secret heron")
    page.select_option("#id_model", "b")
    until(page, lambda: "$0.99" in page.inner_text("#generate"))
    asked = parse_qs(urlsplit(stage.asked[-1].url).query)
    assert asked == {"model": ["b"], "n": ["4"], "size": ["1:1"], "output_format": ["png"]}
    assert page.input_value("textarea") == "A secret heron"
