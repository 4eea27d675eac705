"""A page in a browser, under the real policy, against answers made here.

No server and no database: every request of the page is answered by `Stage`.
"""

import re
import time
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Page, Request, Route

from tests.look.test_tiles import card, finished

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
            "user": SimpleNamespace(
                is_authenticated=True, is_staff=False, username="alice", _memberships={}
            ),
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
            days=[day(*cards)],
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
    return SimpleNamespace(label=label, date=when, summary="", newest=1, cards=cards)


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
