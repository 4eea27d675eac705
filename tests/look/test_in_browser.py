"""The pages' scripts in a real browser, under the real policy, against answers made here.

No server and no database: every request of the page is answered by `Stage`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from tests.look.test_tiles import card, finished

pytestmark = pytest.mark.browser

HOST = "http://gallery.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
TODAY = date(2026, 11, 21)


class PromptForm(forms.Form):
    prompt = forms.CharField()
    model = forms.ChoiceField(choices=[("a", "Painter"), ("b", "Etcher")])
    n = forms.ChoiceField(label="Pictures", choices=[("1", "1"), ("4", "4")])
    size = forms.ChoiceField(choices=[("1:1", "Square")])
    quality = forms.ChoiceField(choices=[("", "")], widget=forms.HiddenInput)
    output_format = forms.ChoiceField(label="Format", choices=[("png", "PNG")])
    submit_token = forms.CharField(widget=forms.HiddenInput)


def run_of(number: int, *, state: str = "waiting", n: int = 1) -> list[SimpleNamespace]:
    generation = UUID(int=number)
    make = finished if state == "done" else card
    return [make(generation_id=generation, slot=slot, state=state) for slot in range(n)]


class Stage:
    """Answers a page's requests and remembers them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.days: list[SimpleNamespace] = []
        self.watch: SimpleNamespace | None = None
        self.next_url: str | None = None
        self.asked: list[Request] = []
        self.complaints: list[str] = []
        self.on_post: Callable[[Request], dict[str, Any]] = lambda request: {"status": 503}
        self.on_poll: Callable[[Request], dict[str, Any]] = lambda request: {"status": 204}
        self.on_more: Callable[[Request], dict[str, Any]] = lambda request: {"status": 204}
        page.on("console", lambda message: self.hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self.answer)

    def hear(self, kind: str, text: str) -> None:
        # htmx and the browser tell of each refused request; refusals here are meant.
        if kind == "error" and not re.search("Failed to load resource|Response Status", text):
            self.complaints.append(text)

    def context(self, **more: Any) -> dict[str, Any]:
        token = f"token-{len(self.asked):04}"
        return {
            "user": SimpleNamespace(is_authenticated=True, is_staff=False, username="alice"),
            "form": PromptForm(initial={"submit_token": token, "n": "4"}),
            "quote": {"total_text": "$0.16"},
            "days": self.days,
            "watch": self.watch,
            "next_url": self.next_url,
            "first_run": not self.days,
            **more,
        }

    def answer(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/")))
        elif path.startswith("/images/") and request.resource_type == "image":
            route.fulfill(body=PIXEL, content_type="image/gif")
        else:
            self.asked.append(request)
            route.fulfill(**self.text(request, path))

    def text(self, request: Request, path: str) -> dict[str, Any]:
        if request.method == "POST":
            return self.on_post(request)
        if path == "/poll/":
            return self.on_poll(request)
        if path == "/composer/":
            return self.html("gallery/index.html#options", quote={"total_text": "$0.99"})
        if "after" in urlsplit(request.url).query:
            return self.on_more(request)
        return self.html("gallery/index.html") | {
            "headers": {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
        }

    def html(self, template: str, *, status: int = 200, **context: Any) -> dict[str, Any]:
        body = render_to_string(template, self.context(**context))
        return {"status": status, "body": body, "headers": {"Content-Type": "text/html"}}

    def submitted(
        self, cards: list[SimpleNamespace], watch: SimpleNamespace | None = None
    ) -> dict[str, Any]:
        return self.html(
            "gallery/index.html#submitted",
            cards=cards,
            watch=watch,
            day_label="Today",
            day_key=TODAY,
        )

    def polled(
        self, cards: list[SimpleNamespace], watch: SimpleNamespace | None = None
    ) -> dict[str, Any]:
        return self.html("generation/poll.html", cards=cards, watch=watch)

    def open(self) -> Page:
        self.page.goto(f"{HOST}/")
        return self.page

    def count(self, path: str) -> int:
        return sum(urlsplit(request.url).path == path for request in self.asked)


def day(*cards: SimpleNamespace, label: str = "Today", when: date = TODAY) -> SimpleNamespace:
    return SimpleNamespace(label=label, date=when, count_text="", cards=cards)


def watching(token: str) -> SimpleNamespace:
    return SimpleNamespace(token=token, delay_seconds=0.05)


def until(page: Page, check: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come about"
        page.wait_for_timeout(30)


def states(page: Page) -> list[str]:
    script = "[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.state)"
    found: list[str] = page.evaluate(script)
    return found


@pytest.fixture(scope="module")
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


def test_polls_swap_changed_tiles_and_end(stage: Stage) -> None:
    stage.days = [day(*run_of(1, n=2))]
    stage.watch = watching("first")
    answers = [
        {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}},
        stage.polled([finished(generation_id=UUID(int=1), slot=1)], watching("second")),
        {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}},
        stage.polled([finished(generation_id=UUID(int=1), slot=0)]),
    ]
    stage.on_poll = lambda request: answers[stage.count("/poll/") - 1]
    page = stage.open()
    until(page, lambda: states(page) == ["done", "done"])
    page.wait_for_timeout(400)
    tokens = [parse_qs(urlsplit(r.url).query)["token"] for r in stage.asked if "/poll/" in r.url]
    assert tokens == [["first"], ["first"], ["second"], ["second"]]
    until(page, lambda: "ready" in page.inner_text("ready-status p"))


def test_polls_go_on_after_the_server_was_away(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("only")
    answers = [{"status": 503}, stage.polled(run_of(1, state="done"))]
    stage.on_poll = lambda request: answers[stage.count("/poll/") - 1]
    page = stage.open()
    until(page, lambda: states(page) == ["done"])


def test_polls_stop_when_told(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("old")
    stage.on_poll = lambda request: {"status": 400, "headers": {"X-Poll-Stop": "1"}}
    page = stage.open()
    until(page, lambda: stage.count("/poll/") == 1)
    page.wait_for_timeout(1500)
    assert stage.count("/poll/") == 1


def test_later_submission_shares_the_one_poll(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = watching("early")
    stage.on_post = lambda request: stage.submitted(run_of(2), watching("late"))
    asked: list[list[str]] = []

    def poll(request: Request) -> dict[str, Any]:
        asked.append(parse_qs(urlsplit(request.url).query)["token"])
        if "late" in asked[-1]:
            return stage.polled(run_of(2, state="done"), watching("both"))
        if "both" in asked[-1]:
            return stage.polled(run_of(1, state="done"))
        return {"status": 204, "headers": {"X-Poll-Seconds": "0.05"}}

    stage.on_poll = poll
    page = stage.open()
    page.fill("textarea", "A heron")
    page.click("#generate")
    until(page, lambda: states(page) == ["done", "done"])
    assert asked[-2:] == [["early", "late"], ["both"]]
    page.wait_for_timeout(300)
    assert asked[-1] == ["both"]


def test_focus_stays_on_a_tile_that_is_swapped(stage: Stage) -> None:
    stage.days = [day(*run_of(1))]
    stage.watch = SimpleNamespace(token="only", delay_seconds=0.5)
    stage.on_poll = lambda request: stage.polled(run_of(1, state="done"))
    page = stage.open()
    page.focus(".note-link")
    until(page, lambda: states(page) == ["done"])
    assert page.evaluate("document.activeElement.closest('.tile')?.dataset.state") == "done"


def test_next_page_comes_by_itself_and_continues_the_day(stage: Stage) -> None:
    stage.days = [day(*run_of(1, state="done", n=3))]
    stage.next_url = "?after=1"
    stage.on_more = lambda request: stage.html(
        "gallery/index.html#page",
        days=[
            day(*run_of(2, state="done", n=2)),
            day(*run_of(3, state="done"), label="Yesterday", when=date(2026, 11, 20)),
        ],
        next_url=None,
    )
    page = stage.open()
    until(page, lambda: len(states(page)) == 6)
    assert page.locator(".day h2").all_inner_texts() == ["Today", "Yesterday"]
    assert page.locator(".older").count() == 0


def test_hover_offers_a_remix(stage: Stage) -> None:
    stage.days = [day(*run_of(7, state="done"))]
    page = stage.open()
    page.hover(".tile")
    link = page.get_by_role("link", name="Remix")
    assert link.get_attribute("href") == f"/?remix={UUID(int=7)}"


def test_arrow_keys_walk_between_tiles(stage: Stage) -> None:
    stage.days = [day(*run_of(1, state="done", n=3))]
    page = stage.open()
    page.focus(".tile > a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.closest('.tile').dataset.slot") == "1"


def test_composer_shrinks_when_scrolled_away_and_nothing_jumps(stage: Stage) -> None:
    stage.days = [day(*run_of(number, state="done", n=10)) for number in range(1, 6)]
    page = stage.open()
    height = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo({top: 900, behavior: 'instant'})")
    until(page, lambda: page.locator("prompt-composer[data-compact]").count() == 1)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    until(page, lambda: page.locator("prompt-composer[data-compact]").count() == 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_keeps_anybody_out(browser: Browser, scheme: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    stage = Stage(page)
    money = SimpleNamespace(text="may have cost $0.04", tone="risk")
    troubled = ["waiting", "held", "saving", "failed", "blocked", "unknown", "canceled"]
    stage.days = [
        day(
            *run_of(1, state="done", n=2),
            card(state="working", title="Drawing", elapsed_seconds=3, estimate_seconds=9),
            *(card(slot=3 + at, state=each, money=money) for at, each in enumerate(troubled)),
        )
    ]
    stage.open()
    found = Axe().run(page).response["violations"]
    assert json.dumps([(each["id"], each["nodes"][0]["html"]) for each in found]) == "[]"
    page.close()
    assert stage.complaints == []
