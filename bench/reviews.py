"""G13: how soon the next picture of a review is painted after a verdict's key, in a real browser.

One curator decides about two hundred pictures, one after the other, with a person's pause between.
Painted is the second frame that has the next picture, decoded, in the page.
"""

import tempfile
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from bench.rows import Row
from tests.browser.rows import ask, signed_in
from tests.browser.visitor import FLAGS
from tests.support.stack import Stack

REVIEWS, PAUSE_MS = 200, 300
MOST_MS = 150.0
NOTE = """
window.took = [];
const idOf = () => document.querySelector(".review-one[data-ready]")?.dataset.id;
addEventListener("keydown", ({ timeStamp }) => {
  const before = idOf();
  const look = () => {
    const picture = document.querySelector("[data-image]");
    if (idOf() === before || !idOf() || !picture.complete) return requestAnimationFrame(look);
    requestAnimationFrame(() => took.push(performance.now() - timeStamp));
  };
  requestAnimationFrame(look);
}, true);
"""


def run() -> list[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="mesh-reviews-") as folder,
        Stack(Path(folder, "var")) as stack,
        sync_playwright() as playwright,
    ):
        ask(stack, f"hang_for_review('cleo', 'vic', {REVIEWS + 1})")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(storage_state=signed_in(stack, "cleo"))
        page = context.new_page()
        page.add_init_script(NOTE)
        page.goto(f"{stack.url}/review/")
        page.wait_for_selector(".review-one[data-ready]")
        page.wait_for_timeout(1000)
        took = _decide(page)
        browser.close()
    late = quantiles(took, n=20)[-1]
    context_text = f"median {median(took):.0f} ms, longest {max(took):.0f} ms"
    what = f"key to next picture painted, 95th percentile of {len(took)} verdicts"
    return [Row("G13", what, late, MOST_MS, "ms", context_text)]


def _decide(page: Page) -> list[float]:
    for number in range(REVIEWS):
        page.keyboard.press("a")
        page.wait_for_function("(most) => took.length > most", arg=number)
        page.wait_for_timeout(PAUSE_MS)
    took: list[float] = page.evaluate("took")
    return took


if __name__ == "__main__":
    from bench import table

    table.show(run())
