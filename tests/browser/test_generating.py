"""From a prompt to pictures in the page, as one person sees it."""

import hashlib
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, expect

from tests.browser.conftest import PASSWORD, Visit
from tests.browser.rows import ask
from tests.browser.visitor import GPT_IMAGE, Visitor
from tests.support.sandbox import Sandbox
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PROMPT = "a fox in the snow"
SHORTEST_SECONDS = 0.45  # what the server ever says between two polls


def bytes_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_four_pictures_come_one_by_one_without_a_reload(
    visit: Visit, stack: Stack, provider: Sandbox
) -> None:
    visitor = visit()
    billed = provider.ledger()["images"]
    page = visitor.sign_in(stack.username, PASSWORD)
    page.evaluate("window.stayed = 'the same page'")
    visitor.choose("model", GPT_IMAGE)
    visitor.choose("n", "4")
    assert page.inner_text("#generate").split() == ["Generate", "$0.17"]
    generation = visitor.submit(PROMPT, n=4)
    tiles = page.evaluate("notebook.tilesAfterMs")
    print(f"four tiles after {tiles:.0f} ms")
    assert tiles < 3000
    assert visitor.places()[:4] == [(generation, f"{slot}") for slot in range(4)]
    visitor.wait_for_pictures(generation, n=4)
    assert page.evaluate("window.stayed") == "the same page"
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    assert visitor.places()[:4] == [(generation, f"{slot}") for slot in range(4)]
    assert provider.ledger()["images"] - billed == 4


def test_page_polls_once_at_a_time_and_stops_at_the_end(visitor: Visitor) -> None:
    began = time.monotonic()
    generation = visitor.submit("a slow fox [[slow=1.5]][[fixture=60kB]]", n=4)
    visitor.wait_for_pictures(generation, n=4)
    visitor.page.wait_for_timeout(300)
    seconds = time.monotonic() - began  # a busy machine draws slowly, and is asked for longer
    asked = visitor.polls()
    print(f"{asked} polls in {seconds:.1f} s, at most {visitor.most_polls_at_once} at a time")
    assert 1 <= asked <= 1 + seconds / SHORTEST_SECONDS
    assert visitor.most_polls_at_once == 1
    visitor.page.wait_for_timeout(3000)
    assert visitor.polls() == asked
    assert visitor.page.locator("poll-watch").count() == 0
    status = visitor.page.locator("ready-status p").inner_text()
    assert re.fullmatch(r"[1-4] pictures? (is|are) ready\.", status)


def test_two_submissions_share_one_poll(visitor: Visitor) -> None:
    first = visitor.submit("one fox [[slow=1.5]][[fixture=60kB]]", n=2)
    second = visitor.submit("another fox [[slow=1.5]][[fixture=60kB]]", n=2)
    assert [place[0] for place in visitor.places()[:4]] == [second, second, first, first]
    visitor.wait_for_pictures(first, n=2)
    visitor.wait_for_pictures(second, n=2)
    assert visitor.most_polls_at_once == 1


def test_picture_page_tells_all_and_hands_over_the_stored_bytes(
    visitor: Visitor, stack: Stack
) -> None:
    image = visitor.wait_for_pictures(visitor.submit(PROMPT), n=1)[0]
    row = ask(stack, f"stored({image!r})")
    page = visitor.page
    page.locator(f"a:has([data-image='{image}'])").click()
    page.wait_for_url(f"{stack.url}/images/{image}/")
    assert page.inner_text("#prompt") == PROMPT
    assert row["revised_prompt"]
    assert drawn_words(visitor) == row["revised_prompt"].split()
    terms, details = (page.locator(name).all_inner_texts() for name in ("dt", "dd"))
    facts = dict(zip(terms, details, strict=True))
    assert facts["Model"] == GPT_IMAGE
    assert facts["Prompt tokens"] == f"{row['usage']['prompt_tokens']:,}"
    assert facts["Picture tokens"] == f"{row['usage']['completion_tokens']:,}"
    assert facts["Tokens in all"] == f"{row['usage']['total_tokens']:,}"
    assert facts["Price"] == "quoted $0.04, charged $0.04"
    visitor.wait_until_painted(page.locator(".frame [data-image]"))
    with page.expect_download() as download:
        page.keyboard.press("Shift+D")
    content = bytes_of(download.value)
    assert download.value.suggested_filename == f"mesh-{image.replace('-', '')[:12]}.png"
    assert content == (stack.var_dir / "pictures" / row["key"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]


def drawn_words(visitor: Visitor) -> list[str]:
    """The revised prompt, read from the diff: what was dropped is not part of it."""
    script = """(diff) => [...diff.childNodes].filter((node) => node.nodeName !== "DEL")
        .map((node) => node.textContent).join(" ")"""
    text: str = visitor.page.locator(".diff").evaluate(script)
    return text.split()


def test_nothing_moves_while_pictures_arrive(visitor: Visitor) -> None:
    visitor.wait_for_pictures(visitor.submit("a fox [[fixture=60kB]]", n=4), n=4)
    generation = visitor.submit("a hare [[slow=1]][[fixture=60kB]]", n=3)
    before = boxes(visitor)
    visitor.forget_moves()
    visitor.wait_for_pictures(generation, n=3)
    visitor.page.wait_for_timeout(800)  # the picture's own fading in
    assert visitor.moved() == []
    assert boxes(visitor) == before


def boxes(visitor: Visitor) -> list[Any]:
    script = """(tiles) => tiles.map((tile) => {
        const box = tile.getBoundingClientRect();
        return [box.x, box.y + scrollY, box.width, box.height].map(Math.round);
    })"""
    found: list[Any] = visitor.tiles.evaluate_all(script)
    return found


def test_gallery_is_still_while_it_loads(visitor: Visitor) -> None:
    visitor.wait_for_pictures(visitor.submit("a fox [[fixture=60kB]]", n=4), n=4)
    page = visitor.open()
    visitor.wait_until_painted(page.locator("img[data-image]").first)
    page.wait_for_timeout(500)
    moved = sum(shift["value"] for shift in visitor.moved())
    assert moved < 0.02, visitor.moved()


def test_wrong_input_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.page
    page.fill("#id_prompt", "x" * 4001)
    with visitor.expecting("422", "Response Status Error Code 422"):
        page.click("#generate")
        expect(page.locator("#composer-errors")).to_have_text(
            "The prompt has 4001 characters; 4000 are the most."
        )
    assert page.input_value("#id_prompt") == "x" * 4001


def test_sign_out_elsewhere_leads_a_polling_page_to_sign_in(visit: Visit, stack: Stack) -> None:
    visitor = visit()
    visitor.sign_in(stack.username, PASSWORD)
    visitor.submit("a fox for later [[slow=8]][[fixture=60kB]]")
    other = visitor.context.new_page()
    other.goto(f"{stack.url}/")
    with visitor.expecting("401"):
        other.locator(".menu > summary").click()
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url(f"{stack.url}/accounts/login/")
        began = time.monotonic()
        visitor.page.wait_for_url(f"{stack.url}/accounts/login/")
        print(f"led to sign-in after {time.monotonic() - began:.1f} s")
    visitor.page.wait_for_load_state()
    asked = visitor.polls()
    visitor.page.wait_for_timeout(1200)
    assert visitor.polls() == asked
