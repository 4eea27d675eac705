"""A person in front of a real browser, on the real stack."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    WebError,
    expect,
)

# The last word on features replaces Playwright's own, so its own are said again.
FEATURES_OFF = (
    # Each window would start a renderer for the popup under an address bar that nobody sees.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades"),
    *("LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES_OFF)}",
)
PATIENCE_MS = 60_000
TILE = "[data-generation][data-slot][data-state]"
GPT_IMAGE = "openai/gpt-image-1"

# Before any script of the page: how much things moved by themselves, and when tiles came.
NOTEBOOK = """
window.notebook = {moved: [], sentAt: null, tilesAfterMs: null};
new PerformanceObserver((list) => list.getEntries().forEach((shift) =>
  notebook.moved.push({value: shift.value, at: shift.startTime,
    what: shift.sources.map(({node}) => node?.outerHTML?.slice(0, 120))})
)).observe({type: "layout-shift", buffered: true});
addEventListener("submit", (event) => {
  if (event.target.id === "prompt-form") notebook.sentAt = performance.now();
}, true);
new MutationObserver((changes) => {
  if (notebook.sentAt === null || notebook.tilesAfterMs !== null) return;
  const added = changes.flatMap((change) => [...change.addedNodes]);
  if (!added.some((node) => node.matches?.(".tile") || node.querySelector?.(".tile"))) return;
  requestAnimationFrame(() => (notebook.tilesAfterMs = performance.now() - notebook.sentAt));
}).observe(document, {childList: true, subtree: true});
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a tile without a picture says."""

    state: str
    title: str
    sentence: str
    money: str
    tone: str
    offers: tuple[str, ...]


class Visitor:
    """One person's browser: its pages, what it asked for, and everything it complained about."""

    def __init__(
        self, browser: Browser, url: str, *, origins: Sequence[str] = (), **options: Any
    ) -> None:
        self.url = url
        self.origins = {url, *origins}
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        self.polling: set[Request] = set()
        self.most_polls_at_once = 0
        self._expected: list[str] = []
        size = {"width": 1280, "height": 900}
        self.context: BrowserContext = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(NOTEBOOK)
        self._listen()
        self.page: Page = self.context.new_page()

    def _listen(self) -> None:
        self.context.on("console", self._on_console)
        self.context.on("weberror", self._on_error)
        self.context.on("request", self._on_request)
        self.context.on("requestfinished", self._on_end)
        self.context.on("requestfailed", self._on_end)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complain(message.text)

    def _on_error(self, error: WebError) -> None:
        self._complain(str(error.error))

    def _complain(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self._expected):
            self.complaints.append(text)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"data", "blob", "about"}:
            return
        self.requests.append(request)
        if f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.complaints.append(f"asked a stranger: {request.url}")
        if parts.path == "/poll/":
            self.polling.add(request)
            self.most_polls_at_once = max(self.most_polls_at_once, len(self.polling))

    def _on_end(self, request: Request) -> None:
        self.polling.discard(request)

    @contextmanager
    def expecting(self, *patterns: str) -> Iterator[None]:
        """Complaints that match one of these are part of the story."""
        self._expected += patterns
        yield
        self.page.wait_for_timeout(50)  # a message may still be on its way
        self._expected = [known for known in self._expected if known not in patterns]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.context.close()
        if kind is None:
            assert not self.complaints, "\n".join(self.complaints)

    # What a person does

    def open(self, path: str = "/") -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def sign_in(self, username: str, password: str) -> Page:
        page = self.open("/")
        assert urlsplit(page.url).path == "/accounts/login/"
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.url}/")
        return page

    def choose(self, field: str, value: str) -> None:
        """Pick an option as a person does, and wait for the form that follows from it."""
        if self.page.input_value(f"#id_{field}") == value:
            return
        with self.page.expect_response(re.compile("/composer/")):
            self.page.select_option(f"#id_{field}", value)
        expect(self.page.locator("#composer-options:not(.htmx-request)")).to_be_visible()
        expect(self.page.locator(f"#id_{field}")).to_have_value(value)

    def submit(self, prompt: str, *, n: int = 1, model: str = GPT_IMAGE) -> str:
        """Send the form on the gallery; the new generation's id, its tiles being on the page."""
        self.choose("model", model)
        self.choose("n", str(n))
        self.page.fill("#id_prompt", prompt)
        with self.page.expect_response(re.compile("/generations/$")) as answer:
            self.page.click("#generate")
            if self.page.locator("#generate[data-ask]").count():
                self.page.get_by_role("button", name="Run it").click()
        found = re.search(r'data-generation="([0-9a-f-]{36})"', answer.value.text())
        assert found, answer.value.text()
        expect(self.tiles_of(found[1])).to_have_count(n)
        return found[1]

    # What a person sees

    @property
    def tiles(self) -> Locator:
        return self.page.locator(TILE)

    def tiles_of(self, generation: str) -> Locator:
        return self.page.locator(f'[data-generation="{generation}"][data-slot][data-state]')

    def places(self) -> list[tuple[str, str]]:
        """Generation and slot of every tile, in the page's order."""
        script = "(tiles) => tiles.map(({dataset: {generation, slot}}) => [generation, slot])"
        return [(generation, slot) for generation, slot in self.tiles.evaluate_all(script)]

    def wait_for_pictures(self, generation: str, *, n: int) -> list[str]:
        """The ids of its pictures, each really painted."""
        tiles = self.tiles_of(generation)
        pictures = tiles.and_(self.page.locator('[data-state="done"]')).locator("img[data-image]")
        expect(pictures).to_have_count(n, timeout=PATIENCE_MS)
        for number in range(n):
            self.wait_until_painted(pictures.nth(number))
        return [
            str(each) for each in pictures.evaluate_all("(all) => all.map(i => i.dataset.image)")
        ]

    def wait_until_painted(self, picture: Locator) -> None:
        picture.scroll_into_view_if_needed()
        picture.evaluate("(image) => image.decode()")  # rejects for a picture that didn't come
        assert picture.evaluate("(image) => image.naturalWidth") > 0

    def said_by(self, tile: Locator) -> Said:
        pill = tile.locator(".pill")
        has_pill = pill.count() > 0
        tones = (pill.get_attribute("class") or "").split() if has_pill else []
        sentence = tile.locator(".note > p")
        return Said(
            state=tile.get_attribute("data-state") or "",
            title=tile.locator(".note-link").inner_text(),
            sentence=sentence.inner_text() if sentence.count() else "",
            money=pill.inner_text() if has_pill else "",
            tone=next((t.removeprefix("pill-") for t in tones if t.startswith("pill-")), ""),
            offers=tuple(tile.locator(".note-acts").locator("a, button").all_inner_texts()),
        )

    def polls(self) -> int:
        return sum(urlsplit(request.url).path == "/poll/" for request in self.requests)

    def moved(self) -> list[dict[str, Any]]:
        """Every layout shift that the browser saw since the last `forget_moves`."""
        shifts: list[dict[str, Any]] = self.page.evaluate("notebook.moved")
        return shifts

    def forget_moves(self) -> None:
        """What moved until now doesn't count. A move is told a frame after it is painted."""
        self.page.evaluate(
            """async () => {
                const frame = () => new Promise((done) => requestAnimationFrame(done));
                for (let count = 0; count < 3; count++) await frame();
                await new Promise((done) => setTimeout(done));
                notebook.moved.length = 0;
            }"""
        )
