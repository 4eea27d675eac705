"""What a tile says when no picture comes, and what one can do about it."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.rows import ask
from tests.browser.visitor import PATIENCE_MS, Said, Visitor
from tests.support.sandbox import Sandbox
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

AGAIN, DISMISS = "Run again, $0.04", "Dismiss"
LOST = "The connection ended before the provider answered."
NOT_REPEATED = "It is not repeated by itself; you can run it again."
FAULTS = {
    "a fox nobody may see [[blocked]]": Said(
        state="blocked",
        title="Blocked by moderation",
        sentence="The provider declined this prompt; rewrite it and submit again."
        " The provider says: “Your request was rejected by the safety system.”",
        money="nothing charged",
        tone="free",
        offers=("Edit prompt", DISMISS),
    ),
    "a fox that was refused [[status=400]]": Said(
        state="failed",
        title="Not accepted",
        sentence="The provider refused these settings; change them and submit again."
        " The provider says: “The request is not valid.”",
        money="nothing charged",
        tone="free",
        offers=(AGAIN, DISMISS),
    ),
    "a fox that was lost [[rst]]": Said(
        state="unknown",
        title="Outcome unknown",
        sentence=f"{LOST} {NOT_REPEATED}",
        money="may have cost $0.04",
        tone="risk",
        offers=(AGAIN, DISMISS),
    ),
    "a fox that broke off [[cut=half]]": Said(
        state="unknown",
        title="Outcome unknown",
        sentence=f"The answer broke off before a picture was complete. {NOT_REPEATED}",
        money="may have cost $0.04",
        tone="risk",
        offers=(AGAIN, DISMISS),
    ),
    "a fox that is nowhere [[empty]]": Said(
        state="failed",
        title="No picture",
        sentence="The provider answered without a picture; you can run it again.",
        money="charged $0.04",
        tone="charged",
        offers=(AGAIN, DISMISS),
    ),
    "a fox that is no picture [[html_image]]": Said(
        state="failed",
        title="Unreadable picture",
        sentence="What came is not a picture we can read; it is kept for support.",
        money="charged $0.04",
        tone="charged",
        offers=(AGAIN, DISMISS),
    ),
}


def ended(visitor: Visitor, generation: str, state: str) -> Said:
    tile = visitor.tiles_of(generation)
    expect(tile).to_have_attribute("data-state", state, timeout=PATIENCE_MS)
    return visitor.said_by(tile)


def test_each_fault_says_what_happened_and_what_it_cost(
    visitor: Visitor, provider: Sandbox
) -> None:
    before = provider.ledger()["billed"]
    sent = {prompt: visitor.submit(prompt) for prompt in FAULTS}
    found = {
        prompt: ended(visitor, generation, FAULTS[prompt].state)
        for prompt, generation in sent.items()
    }
    assert found == FAULTS
    billed = provider.ledger()["billed"] - before
    assert billed == sum(said.money != "nothing charged" for said in found.values()) == 4


def test_more_runs_than_one_poll_asks_about_all_end(visitor: Visitor, stack: Stack) -> None:
    """Four end in one answer, without a watch: the others go on being asked about."""
    polls = re.compile("/poll/")
    visitor.page.route(polls, lambda route: route.abort())
    sent = [visitor.submit(f"fox {number} of ten [[status=400]]") for number in range(10)]
    ends_by = time.monotonic() + PATIENCE_MS / 1000
    while any(ask(stack, f"attempts_of({one!r})")[0][1] != "rejected_free" for one in sent):
        assert time.monotonic() < ends_by
    visitor.page.unroute(polls)
    for generation in sent:
        assert ended(visitor, generation, "failed").title == "Not accepted"


def test_model_without_a_price_never_says_zero(visitor: Visitor) -> None:
    visitor.choose("model", "luma/photon-preview")
    assert "unknown" in visitor.page.inner_text("#generate")
    generation = visitor.submit("a lost fox [[rst]]", model="luma/photon-preview")
    said = ended(visitor, generation, "unknown")
    assert (said.money, said.tone) == ("may have cost money", "risk")
    assert said.offers == ("Run again, price unknown", DISMISS)


def test_rate_limit_is_held_and_goes_on_by_itself(
    visitor: Visitor, stack: Stack, provider: Sandbox
) -> None:
    generation = visitor.submit("a fox in a queue [[times=1]][[status=429]][[retry_after=8]]")
    held = ended(visitor, generation, "held")
    assert held.title == "Provider is busy"
    assert held.sentence == "The provider asked us to wait; it is tried again by itself."
    assert (held.money, held.offers) == ("", ("Cancel",))
    assert visitor.tiles_of(generation).locator("time").count() == 1
    visitor.page.wait_for_timeout(2100)  # whole pages may show what was so two seconds ago
    banner = visitor.open().locator(".line-warn")
    expect(banner).to_contain_text(f"{held.title}. {held.sentence} Since ")
    visitor.wait_for_pictures(generation, n=1)
    sent = ask(stack, f"attempts_of({generation!r})")
    assert [state for _, state in sent] == ["rejected_free", "stored"]
    calls = provider.ledger()["by_request_id"]
    assert [(calls[name]["requests"], calls[name]["billed"]) for name, _ in sent] == [
        (1, 0),
        (1, 1),
    ]
    visitor.open()
    expect(banner).to_have_count(0)


def test_run_again_makes_a_new_tile_beside_the_old_one(visitor: Visitor) -> None:
    lost = visitor.submit("a fox worth a second try [[times=1]][[rst]]")
    assert ended(visitor, lost, "unknown").offers[0] == AGAIN
    places = visitor.places()
    visitor.tiles_of(lost).get_by_role("button", name=AGAIN).click()
    expect(visitor.tiles).to_have_count(len(places) + 1)
    again = visitor.places()[0]
    assert visitor.places()[1:] == places
    assert again[0] != lost
    visitor.wait_for_pictures(again[0], n=1)
    assert ended(visitor, lost, "unknown").money == "may have cost $0.04"


def test_dismiss_takes_the_tile_away_for_good(visitor: Visitor) -> None:
    generation = visitor.submit("a fox to forget [[blocked]]")
    ended(visitor, generation, "blocked")
    places = visitor.places()
    visitor.tiles_of(generation).get_by_role("button", name=DISMISS).click()
    expect(visitor.tiles_of(generation)).to_have_count(0)
    assert visitor.places() == places[1:]
    visitor.open()
    assert visitor.places()[: len(places) - 1] == places[1:]
    visitor.open(f"/generations/{generation}/")
    assert visitor.tiles.count() == 0


def test_edit_prompt_brings_the_words_back_to_the_form(visitor: Visitor) -> None:
    generation = visitor.submit("a fox to be reworded [[blocked]]")
    ended(visitor, generation, "blocked")
    visitor.tiles_of(generation).get_by_role("link", name="Edit prompt").click()
    visitor.page.wait_for_url(re.compile(r"/\?remix="))
    assert visitor.page.input_value("#id_prompt") == "a fox to be reworded [[blocked]]"
