"""Pictures of the product: `python -m tests.browser.screenshots FOLDER`.

Starts a stack of its own with the sandbox at its usual pace, fills a gallery, and writes each page
at three widths, light and dark. `--docs` writes what the README shows, small enough for it.
"""

import argparse
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.rows import ask
from tests.browser.visitor import FLAGS, GPT_IMAGE, Visitor
from tests.support.stack import Stack

DEMO_PASSWORD = "the-demo-password"
OTHERS_PASSWORD = "somebodys-own-password"
HEIGHTS = {390: 844, 820: 1180, 1440: 900}
MOST_BYTES = 700_000
ESTIMATE_MS = 31_000  # how long the server remembers that it knew no usual time
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


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
NEXT = Wish("A watercolour of a fox in a snowy forest, low winter sun", size="1024x1024", n=4)
SHAPES = {"wide": (1536, 1024), "square": (1024, 1024), "tall": (1024, 1536)}


@dataclass
class Studio:
    """A full gallery, and a browser that takes its pictures."""

    browser: Browser
    stack: Stack
    folder: Path

    def fill(self) -> None:
        with self.visitor() as demo:
            demo.sign_in(self.stack.username, DEMO_PASSWORD)
            sent = [(submit(demo, wish), wish.n) for wish in WISHES]
            for generation, n in sent:
                demo.wait_for_pictures(generation, n=n)
        ask(self.stack, f"spread_over_days({self.stack.username!r}, {RUNS_A_DAY!r})")
        with self.visitor() as demo:
            demo.sign_in(self.stack.username, DEMO_PASSWORD)
            demo.wait_for_pictures(submit(demo, LATEST), n=LATEST.n)
            demo.page.wait_for_timeout(ESTIMATE_MS)
        for shape, (width, height) in SHAPES.items():
            ask(self.stack, f"show_every_state({shape!r}, {OTHERS_PASSWORD!r}, {width}, {height})")

    def visitor(self, *, width: int = 1440, scheme: Scheme = "light") -> Visitor:
        is_phone = width < 600
        visitor = Visitor(
            self.browser,
            self.stack.url,
            color_scheme=scheme,
            has_touch=is_phone,
            device_scale_factor=2 if is_phone else 1,
        )
        visitor.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        return visitor

    def take_everything(self) -> None:
        for width in HEIGHTS:
            for scheme in SCHEMES:
                self.take_round(width, scheme)

    def take_round(self, width: int, scheme: Scheme) -> None:
        name = f"{width}-{scheme}"
        with self.visitor(width=width, scheme=scheme) as visitor:
            visitor.open("/accounts/login/")
            self.save(visitor, f"login-{name}")
            visitor.sign_in(self.stack.username, DEMO_PASSWORD)
            run = order_next(visitor)
            self.save(visitor, f"gallery-{name}")
            visitor.page.evaluate("scrollTo({top: 700, behavior: 'instant'})")
            visitor.page.wait_for_timeout(400)
            self.save(visitor, f"scrolled-{name}")
            visitor.open(f"/generations/{run}/")
            self.save(visitor, f"run-{name}")
            visitor.wait_for_pictures(run, n=NEXT.n)
            visitor.tiles.first.locator("a").click()
            visitor.page.wait_for_url("**/images/**")
            self.save(visitor, f"viewer-{name}", full_page=width < 900)
        for shape in SHAPES:
            with self.visitor(width=width, scheme=scheme) as visitor:
                visitor.sign_in(shape, OTHERS_PASSWORD)
                self.save(visitor, f"states-{shape}-{name}", full_page=True)

    def take_docs(self) -> None:
        """A run on its way in both themes, its first picture, and a phone."""
        with self.visitor() as visitor:
            visitor.page.set_viewport_size({"width": 1440, "height": 1000})
            visitor.sign_in(self.stack.username, DEMO_PASSWORD)
            run = order_next(visitor)
            for scheme in SCHEMES:
                visitor.page.emulate_media(color_scheme=scheme)
                self.save(visitor, f"gallery-{scheme}")
            visitor.wait_for_pictures(run, n=NEXT.n)
            visitor.page.set_viewport_size({"width": 1440, "height": 900})
            visitor.tiles.first.locator("a").first.click()
            visitor.page.wait_for_url("**/images/**")
            self.save(visitor, "viewer-dark")
        with self.visitor(width=390) as visitor:
            visitor.sign_in(self.stack.username, DEMO_PASSWORD)
            self.save(visitor, "phone")

    def save(self, visitor: Visitor, name: str, *, full_page: bool = False) -> None:
        page = visitor.page
        for picture in page.locator("img[data-image]").all()[:24]:
            picture.evaluate("(image) => {image.loading = 'eager'; return image.decode()}")
        page.evaluate("document.activeElement.blur()")
        page.mouse.move(0, 0)
        page.wait_for_timeout(900)
        shot = page.screenshot(full_page=full_page)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.png").write_bytes(lighter(shot))


def submit(visitor: Visitor, wish: Wish) -> str:
    visitor.choose("model", wish.model)
    if wish.size:
        visitor.choose("size", wish.size)
    return visitor.submit(wish.prompt, n=wish.n, model=wish.model)


def order_next(visitor: Visitor) -> str:
    """A run that has been drawn at for a moment."""
    run = submit(visitor, NEXT)
    visitor.page.wait_for_timeout(2500)
    return run


def lighter(png: bytes) -> bytes:
    """The same picture, with 256 dithered colours where it would be too heavy for a README."""
    if len(png) < MOST_BYTES:
        return png
    image = Image.open(io.BytesIO(png)).convert("RGB")
    palette = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1)
    file = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="screenshots", description="Pictures of the product.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", action="store_true", help="only what the README shows")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="mesh-shots-") as folder,
        Stack(Path(folder, "var"), {"DEMO_PASSWORD": DEMO_PASSWORD}) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        studio = Studio(browser, stack, chosen.folder)
        studio.fill()
        studio.take_docs() if chosen.docs else studio.take_everything()
        browser.close()


if __name__ == "__main__":
    main()
