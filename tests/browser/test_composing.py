"""Writing prompts: what one wrote before, templates, several models, and being told."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME = "walt"
FIELD = "#id_prompt"


@pytest.fixture
def walt(visit: Visit, stack: Stack, request: pytest.FixtureRequest) -> Visitor:
    """Somebody who has asked for nothing yet."""
    name = f"{NAME}-{request.node.name[-30:]}"
    ask(stack, f"add_user({name!r})")
    visitor = visit(storage_state=signed_in(stack, name))
    visitor.open()
    return visitor


def save_template(visitor: Visitor, name: str, text: str) -> None:
    page = visitor.open("/prompts/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Prompt", exact=True).fill(text)
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("link", name=name).first).to_be_visible()


def test_alt_arrows_walk_through_what_one_wrote_before(walt: Visitor) -> None:
    page = walt.page
    for prompt in ("one [[fixture=60kB]]", "two [[fixture=60kB]]"):
        walt.submit(prompt)
    page.fill(FIELD, "a draft")
    field = page.locator(FIELD)
    for key, shown in (
        ("Alt+ArrowUp", "two [[fixture=60kB]]"),
        ("Alt+ArrowUp", "one [[fixture=60kB]]"),
        ("Alt+ArrowUp", "one [[fixture=60kB]]"),
        ("Alt+ArrowDown", "two [[fixture=60kB]]"),
        ("Alt+ArrowDown", "a draft"),
        ("Alt+ArrowDown", "a draft"),
    ):
        field.press(key)
        expect(field).to_have_value(shown)
    field.blur()
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_timeout(200)
    expect(field).to_have_value("a draft")


def test_template_is_filled_in_over_the_page(walt: Visitor) -> None:
    save_template(walt, "Mornings", "A {season: spring | autumn} morning in {place}")
    page = walt.open()
    page.get_by_role("link", name="Prompts", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Prompts")
    dialog.get_by_role("link", name="Mornings").first.click()
    dialog.get_by_label("Season").select_option("autumn")
    dialog.get_by_role("button", name="Put it in the form").click()
    assert dialog.is_visible()  # the browser asks for what is missing
    dialog.get_by_role("textbox", name="Place").fill("Oslo")
    dialog.get_by_role("button", name="Put it in the form").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(FIELD)).to_have_value("A autumn morning in Oslo")
    expect(page.locator(FIELD)).to_be_focused()
    assert re.fullmatch(r"\d+\.1", page.input_value("[name=template]"))


def test_recent_prompt_comes_back_into_the_form(walt: Visitor) -> None:
    walt.submit("a fox to come back to [[fixture=60kB]]")
    page = walt.open()
    page.get_by_role("link", name="Prompts", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("link", name="a fox to come back to").click()
    expect(page.locator(FIELD)).to_have_value("a fox to come back to [[fixture=60kB]]")


def test_template_without_a_script(visit: Visit, stack: Stack, walt: Visitor) -> None:
    state = walt.context.storage_state()
    plain = visit(storage_state=state, java_script_enabled=False)
    save_template(plain, "Mornings", "A morning in {place}")
    page = plain.open()
    page.get_by_role("link", name="Prompts", exact=True).first.click()
    page.wait_for_url(f"{stack.url}/prompts/")
    page.get_by_role("link", name="Mornings").first.click()
    page.get_by_role("textbox", name="Place").fill("Rome")
    page.get_by_role("button", name="Put it in the form").click()
    assert page.input_value(FIELD) == "A morning in Rome"
    page.click("#generate")
    page.wait_for_url(re.compile(r"/generations/[0-9a-f-]{36}/$"))


def test_several_models_draw_one_prompt(walt: Visitor) -> None:
    page = walt.page
    walt.choose("model", "openai/gpt-image-1")
    expect(page.locator("#generate small")).to_have_text("$0.04")
    page.get_by_role("button", name="Other models, too").click()
    sheet = page.get_by_role("group", name="Draw it with other models, too")
    for name, total in (("DALL·E 3", "$0.08"), ("Imagen 3", "$0.11")):
        sheet.get_by_label(name).check()
        expect(page.locator("#generate small")).to_have_text(total)
        expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="and 2 more")).to_be_visible()
    page.fill(FIELD, "a fox three times [[fixture=60kB]]")
    page.click("#generate")
    expect(walt.tiles).to_have_count(3)
    expect(page.locator("img[data-image]")).to_have_count(3, timeout=60_000)


def test_question_mark_lists_every_key(walt: Visitor) -> None:
    page = walt.page
    page.locator(FIELD).press("?")
    expect(page.locator(FIELD)).to_have_value("?")
    page.locator(FIELD).blur()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog.get_by_text("To the trash, with undo")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_keeps_anybody_from_prompts(walt: Visitor, width: int) -> None:
    walt.page.set_viewport_size({"width": width, "height": 900})
    save_template(walt, "Mornings", "A morning in {place}")
    for path in ("/prompts/", "/keys/"):
        walt.open(path)
        assert faults(walt.page) == []
    page = walt.open()
    page.get_by_role("link", name="Prompts", exact=True).first.click()
    expect(page.get_by_role("dialog", name="Prompts").get_by_text("Templates")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Other models, too").click()
    assert faults(page) == []


HIDDEN_MS = 20_000  # the pause between two polls of a tab that nobody sees
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
NOTICES = """
window.notices = [];
window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title, { body }) { notices.push([title, body]); }
    addEventListener() {}
};
"""


def test_hidden_tab_tells_what_came(walt: Visitor, stack: Stack) -> None:
    page = walt.page
    page.add_init_script(NOTICES)
    page.clock.install()
    walt.open()
    page.locator(".menu > summary").click()
    page.get_by_role("button", name="Notify me of pictures").click()
    expect(page.get_by_role("button", name="Notify me of pictures")).to_be_hidden()
    page.locator(".menu > summary").click()
    run = walt.submit("told of [[slow=2]][[fixture=60kB]]", n=2)
    page.evaluate(HIDE, True)
    while {state for _, state in ask(stack, f"attempts_of({run!r})")} != {"stored"}:
        page.wait_for_timeout(50)
    page.clock.fast_forward(HIDDEN_MS)
    expect(page).to_have_title("(2) Gallery · Mesh Gallery", timeout=60_000)
    assert page.evaluate("notices") == [["2 pictures are ready", ""]]
    page.evaluate(HIDE, False)
    expect(page).to_have_title("Gallery · Mesh Gallery")


def test_hidden_tab_asks_rarely(walt: Visitor) -> None:
    page = walt.page
    page.clock.install()
    walt.open()
    walt.submit("not looked at [[slow=6]][[fixture=60kB]]")
    page.evaluate(HIDE, True)

    def polls_after(milliseconds: int) -> int:
        page.clock.fast_forward(milliseconds)
        page.wait_for_timeout(500)  # for the server's answer, too
        return walt.polls()

    before = polls_after(HIDDEN_MS)  # whatever was to be asked just before
    assert polls_after(HIDDEN_MS - 2000) == before
    assert polls_after(2000) == before + 1
    page.evaluate(HIDE, False)
    expect(page.locator("img[data-image]")).to_have_count(1, timeout=60_000)
