"""Pictures of the product: `python -m tests.browser.screenshots FOLDER`.

Starts a stack of its own with the sandbox at its usual pace, fills a gallery, and writes each scene
of `scenes.py` at three widths, light and dark. `--only WORD` takes those whose name holds the word;
`--docs` writes what the README and the guide show, small enough for them.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Error, Route, sync_playwright

from tests.browser import scenes
from tests.browser.rows import ask, signed_in
from tests.browser.scenes import Scene
from tests.browser.visitor import FLAGS, GPT_IMAGE, Visitor
from tests.support.stack import BASE_DIR, Stack

HEIGHTS = {390: 844, 820: 1180, 1440: 900}
SCHEMES = ("light", "dark")
SEEDED = 600
DOCS_QUALITY = 78
ESTIMATE_MS = 31_000  # how long the server remembers that it knew no usual time
REVIEWER = "rita"
SHAPES = {"wide": (1536, 1024), "square": (1024, 1024), "tall": (1024, 1536)}
RENDER = """
import json
from django.template.loader import render_to_string
names = ["400.html", "403.html", "500.html", "503.html"]
print(json.dumps({name: render_to_string(name) for name in names}))
"""


@dataclass(frozen=True, slots=True)
class Wish:
    prompt: str
    model: str = GPT_IMAGE
    size: str = ""
    n: int = 1


# Oldest first; so many runs to a day, from yesterday back.
WISHES = (
    Wish("Sailing boats in a harbour at dawn, soft mist over the water", size="1536x1024"),
    Wish("A lighthouse on a stormy coast, autumn evening", "vertex/imagen-3", "3:4"),
    Wish("Lavender fields at sunset with a small stone house", n=2),
    Wish("A desert with cactus under a night full of stars", "openai/dall-e-3", "1792x1024"),
    Wish("Hot air balloons over green hills on a clear summer morning", size="1024x1024"),
    Wish("Northern lights above a cabin by a frozen lake", "vertex/imagen-4-fast", "16:9"),
    Wish("Cherry blossoms and a small castle in spring", size="1536x1024"),
    Wish("A stag in an autumn forest, golden light", size="1024x1536"),
    Wish("Neon city in the rain, late at night", "black-forest-labs/flux-1.1-pro"),
    Wish("A red planet with rings above a rocky plain", "vertex/imagen-3", "4:3"),
    Wish("An owl in moonlight, pine trees in the mist", "bytedance/seedream-4.0"),
    Wish("Palm beach, turquoise sea, a single sail", "vertex/imagen-4-fast", "16:9", n=2),
    Wish("Snowy alps with a tiny tent and a campfire at dusk", size="1536x1024"),
    Wish("A whale off a quiet coast at sunrise", "vertex/imagen-3", "9:16"),
)
RUNS_A_DAY = (3, 5, 6)
LATEST = Wish("A lighthouse and a sailing boat on a golden evening", size="1536x1024")
IDS = """(all) => all.map((image) =>
    [image.closest(".tile").dataset.generation, image.dataset.image])"""
TEMPLATE = ("Mornings", "A {season: spring | winter} morning in {place: Oslo | Rome}, {mood}")
SEARCHES = {"Lakes in winter": "q=lake+winter", "Tall favourites": "shape=portrait&fav=1"}


@dataclass
class Studio:
    """Full and empty galleries, and a browser that takes their pictures."""

    browser: Browser
    stack: Stack
    folder: Path
    only: str = ""
    names: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def fill(self) -> None:
        with self.signed_in(1440) as demo:
            sent = [(submit(demo, wish), wish.n) for wish in WISHES]
            demo.open()
            for generation, n in sent:
                demo.wait_for_pictures(generation, n=n)
        ask(self.stack, f"spread_over_days({self.stack.username!r}, {RUNS_A_DAY!r})")
        self.manage("seed_demo", "--images", str(SEEDED), "--user", self.stack.username, "--seed=3")
        with self.signed_in(1440) as demo:
            demo.wait_for_pictures(submit(demo, LATEST), n=LATEST.n)
            demo.page.wait_for_timeout(ESTIMATE_MS)
            self.keep_words(demo)
            self.names = addresses(demo)
        self.share(self.names["album"].split("/")[2])

    def share(self, album: str) -> None:
        whose = f"{self.stack.username!r}, {album!r}"
        self.names |= ask(self.stack, f"share_album({whose})")
        locked = ask(self.stack, f"share_album({whose}, 'open sesame')")
        self.names |= {"locked": locked["shared"], "album_id": album}

    def fill_others(self) -> None:
        ask(self.stack, "add_user('new')")
        ask(self.stack, "add_user('thrifty')")
        ask(self.stack, "use_budget('thrifty', limit=50, spent=43)")
        ask(self.stack, f"ask_for_reviews({self.stack.username!r}, {REVIEWER!r}, 14)")
        for shape, (width, height) in SHAPES.items():
            ask(self.stack, f"show_every_state({shape!r}, None, {width}, {height})")
        ask(self.stack, "hang_pictures('mira', 8)")
        owner = self.stack.username
        ask(self.stack, f"make_team({owner!r}, 'Night shift', mira='contributor', new='viewer')")
        ask(self.stack, "give_to_team('mira', 'night-shift')")
        said = self.manage("shell", "-v0", "-c", RENDER)
        self.made = json.loads(said.splitlines()[-1])

    def keep_words(self, demo: Visitor) -> None:
        """A template and two saved searches."""
        page = demo.open("/prompts/")
        page.fill("main [name=name]", TEMPLATE[0])
        page.fill("main [name=text]", TEMPLATE[1])
        page.get_by_role("button", name="Save the template").click()
        for name, query in SEARCHES.items():
            demo.open(f"/searches/?{query}").fill("#search-name", name)
            page.get_by_role("button", name="Save", exact=True).click()
            page.wait_for_load_state()

    def manage(self, *words: str) -> str:
        command = [sys.executable, str(BASE_DIR / "manage.py"), *words]
        done = subprocess.run(
            command, cwd=BASE_DIR, env=self.stack.env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def visitor(self, width: int, **options: Any) -> Visitor:
        is_phone = width < 600
        visitor = Visitor(
            self.browser,
            self.stack.url,
            has_touch=width < 1000,
            is_mobile=is_phone,
            device_scale_factor=2 if is_phone else 1,
            reduced_motion="reduce",
            **options,
        )
        visitor.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        visitor.page.route("**/made/*", self.serve_made)
        return visitor

    def signed_in(self, width: int, name: str = "") -> Visitor:
        state = signed_in(self.stack, name or self.stack.username)
        visitor = self.visitor(width, storage_state=state)
        visitor.open()
        return visitor

    def serve_made(self, route: Route) -> None:
        """A page that only a fault would show."""
        page = self.made[route.request.url.rpartition("/")[2]]
        route.fulfill(body=page, content_type="text/html; charset=utf-8")

    def take_everything(self) -> None:
        for width in HEIGHTS:
            with self.visitor(width) as somebody:
                self.take(somebody, width, scenes.STRANGER)
            with self.signed_in(width, "new") as newcomer:
                self.take(newcomer, width, scenes.NEWCOMER)
            with self.signed_in(width, "thrifty") as thrifty:
                self.take(thrifty, width, scenes.THRIFTY)
            for shape in SHAPES:
                with self.signed_in(width, shape) as each:
                    self.take(each, width, scenes.EVERY_STATE, suffix=f"-{shape}")
            with self.signed_in(width, REVIEWER) as rita:
                self.take(rita, width, scenes.REVIEWER)
        for width in HEIGHTS:
            with self.signed_in(width) as owner:
                self.take_owner(owner, width)
        self.take_closed_gate()

    def take_owner(self, owner: Visitor, width: int) -> None:
        owner.open().click("#comfortable")
        self.take(owner, width, scenes.OWNER)
        owner.open().click("#comfortable")

    def take_docs(self) -> None:
        known = {scene.name: scene for scene in (*scenes.OWNER, *scenes.REVIEWER)}
        reviewed = {scene.name for scene in scenes.REVIEWER}
        for name, scene, (width, height), scheme in scenes.DOCS:
            with self.signed_in(width, REVIEWER if scene in reviewed else "") as owner:
                owner.page.set_viewport_size({"width": width, "height": height})
                owner.page.emulate_media(color_scheme=scheme)
                owner.open(known[scene].path.format(**self.names))
                known[scene].act(owner)
                self.save(owner, name, quality=DOCS_QUALITY)

    def take_closed_gate(self) -> None:
        """At the end: it wakes what else would wait."""
        ask(self.stack, "close_gate('account', 'unauthorized')")
        for width in HEIGHTS:
            with self.signed_in(width) as owner:
                self.take(owner, width, scenes.GATE_CLOSED)
        ask(self.stack, "open_gate('account')")

    def take(
        self, visitor: Visitor, width: int, wanted: Iterable[Scene], *, suffix: str = ""
    ) -> None:
        for scene in wanted:
            if self.only not in scene.name or width not in scene.widths:
                continue
            with visitor.expecting(scene.complaint or "^$"):
                self.take_scene(visitor, scene, f"{scene.name}{suffix}-{width}")

    def take_scene(self, visitor: Visitor, scene: Scene, name: str) -> None:
        """What goes wrong on the way is said, and doesn't keep the next scene from its picture."""
        if scene.path:
            visitor.open(scene.path.format(**self.names))
        try:
            scene.act(visitor)
        except Error as error:
            visitor.complaints.append(str(error))
        for scheme in SCHEMES:
            visitor.page.emulate_media(color_scheme=scheme)
            self.save(visitor, f"{name}-{scheme}", full_page=scene.full_page)
        for complaint in visitor.complaints:
            print(f"{name}: {complaint}", file=sys.stderr)
        visitor.complaints.clear()

    def save(
        self, visitor: Visitor, name: str, *, full_page: bool = False, quality: int = 86
    ) -> None:
        settle(visitor, full_page=full_page)
        self.folder.mkdir(parents=True, exist_ok=True)
        shot = Image.open(io.BytesIO(visitor.page.screenshot(full_page=full_page)))
        shot.convert("RGB").save(self.folder / f"{name}.webp", quality=quality, method=6)


def settle(visitor: Visitor, *, full_page: bool) -> None:
    """Until every picture that will be seen is painted."""
    visitor.page.evaluate(
        """async (everywhere) => {
            const isSeen = (image) => everywhere || image.getBoundingClientRect().top < innerHeight;
            const wanted = [...document.querySelectorAll("img")].filter(isSeen);
            wanted.forEach((image) => (image.loading = "eager"));
            await Promise.allSettled(wanted.map((image) => image.decode()));
        }""",
        full_page,
    )
    visitor.page.wait_for_timeout(350)


def submit(visitor: Visitor, wish: Wish) -> str:
    visitor.choose("model", wish.model)
    if wish.size:
        visitor.choose("size", wish.size)
    return visitor.submit(wish.prompt, n=wish.n, model=wish.model)


def addresses(demo: Visitor) -> dict[str, str]:
    """What stands in the scenes' braces: each the first of its kind."""
    page = demo.open()
    pictures = page.locator("[data-image]").evaluate_all(IDS)
    run = next(run for (run, _), (after, _) in pairwise(pictures) if run == after)
    a, b = [image for each, image in pictures if each == run]
    return {
        "a": a,
        "b": b,
        "image": f"/images/{pictures[0][1]}/",
        "run": f"/generations/{run}/",
        "album": href(demo, "/albums/", ".cover"),
        "tag_delete": href(demo, "/tags/", ".tag-rows a[href$='/delete/']"),
        "trashed": href(demo, "/trash/", ".tile > a"),
        "template": href(demo, "/prompts/", ".prompts-list a"),
        "month": href(demo, "/months/", ".year:last-child a"),
    }


def href(visitor: Visitor, path: str, selector: str) -> str:
    return visitor.open(path).locator(selector).first.get_attribute("href") or ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="screenshots", description="Pictures of the product.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="scenes whose name holds this")
    parser.add_argument("--docs", action="store_true", help="what the README and the guide show")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="mesh-shots-") as folder,
        Stack(Path(folder, "var")) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        studio = Studio(browser, stack, chosen.folder, chosen.only)
        studio.fill()
        studio.fill_others()
        studio.take_docs() if chosen.docs else studio.take_everything()
        browser.close()


if __name__ == "__main__":
    main()
