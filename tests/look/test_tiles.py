"""Each tile by itself, made of plain values: what a page, a poll and a script rely on."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.template import engines
from django.template.loader import render_to_string

from generations.queries.cards import Card

GENERATION = UUID("11111111-2222-4333-8444-555555555555")
IMAGE = UUID("99999999-8888-4777-8666-555555555555")


def card(**values: Any) -> Card:
    plain: dict[str, Any] = {
        "generation_id": GENERATION,
        "sort_key": 0,
        "slot": 2,
        "state": "waiting",
        "ratio_class": "ar-150",
        "prompt": "A fox <in> the snow",
        "url": f"/generations/{GENERATION}/",
        "src": "",
        "hidden": False,
        "title": "Waiting",
        "sentence": "",
        "money": None,
        "elapsed_seconds": 0,
        "estimate_seconds": None,
        "waits_until": None,
        "actions": (),
    }
    return Card(**plain | values)


def finished(**values: Any) -> Card:
    address = f"/images/{IMAGE}/"
    plain = {
        "state": "done",
        "url": address,
        "image_id": IMAGE,
        "width": 1536,
        "height": 1024,
        "src": f"{address}320",
        "srcset": f"{address}320 320w, {address}640 640w",
        "sizes": "348px",
        "placeholder": "data:image/webp;base64," + "A" * 80,
        "alt": "A quiet kitchen in morning light, oranges in a blue bowl, oil on linen",
    }
    return card(**plain | values)


TILE = engines["django"].from_string("{% load tiles %}{% tiles cards oob=oob %}")


def tile(one: Card, *, oob: bool = False) -> str:
    return TILE.render({"cards": [one], "oob": oob})


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_tile_names_its_place_and_state() -> None:
    opening = tile(card())[: tile(card()).index(">") + 1]
    assert opening == (
        f'<article class="tile ar-150" id="tile-{GENERATION}-2" data-generation="{GENERATION}"'
        ' data-slot="2" data-state="waiting">'
    )


@pytest.mark.parametrize(
    "state", ["waiting", "held", "working", "saving", "failed", "blocked", "unknown", "canceled"]
)
def test_tile_without_a_picture_links_to_its_run(state: str) -> None:
    html = tile(card(state=state, title="What it is", sentence="Why it is so."))
    assert f'data-state="{state}"' in html
    assert f'<a class="note-link" href="/generations/{GENERATION}/"' in html
    assert ">What it is</a>" in html
    assert "<p>Why it is so.</p>" in html
    assert "<img" not in html


def test_finished_tile_is_a_link_around_its_picture() -> None:
    html = tile(finished())
    assert re.search(rf'<a href="/images/{IMAGE}/">.*<img data-image="{IMAGE}"', html)
    assert 'width="1536" height="1024"' in html
    assert 'sizes="auto, 348px"' in html
    assert 'loading="lazy"' in html
    assert html.count("<img") == 2


def test_finished_tile_is_lean() -> None:
    assert len(tile(finished()).encode()) < 900


def test_finished_tile_without_a_placeholder_has_one_picture() -> None:
    assert tile(finished(placeholder="")).count("<img") == 1


def test_finished_picture_without_a_preview_says_why() -> None:
    html = tile(finished(src="", title="Too large to preview", sentence="Download it."))
    assert "<img" not in html
    assert f'href="/images/{IMAGE}/"' in html
    assert "Too large to preview" in html


def test_hidden_tile_stays_in_place_unseen() -> None:
    assert re.match(r"<article [^>]*\shidden>", tile(finished(hidden=True)))


def test_swapped_tile_is_out_of_band() -> None:
    html = tile(finished(), oob=True)
    assert re.match(r'<article class="tile ar-150 fresh"[^>]*hx-swap-oob="true">', html)


def test_working_tile_counts_against_the_usual_time() -> None:
    html = tile(card(state="working", title="Drawing", elapsed_seconds=14, estimate_seconds=23))
    assert '<elapsed-time class="elapsed" seconds="14" usual="23">' in html
    assert '<progress max="23" value="14"' in html
    assert words(html) == "Drawing 14 s of about 23 s"


def test_working_tile_without_an_estimate_only_counts() -> None:
    html = tile(card(state="working", title="Drawing", elapsed_seconds=14))
    assert "<progress" not in html
    assert words(html) == "Drawing 14 s"


def test_waiting_tile_says_until_when() -> None:
    until = datetime(2026, 11, 21, 12, 3, tzinfo=UTC)
    assert '<time datetime="2026-11-21T12:03:00+00:00">12:03</time>' in tile(
        card(waits_until=until)
    )


def test_money_is_told_with_its_tone() -> None:
    money = SimpleNamespace(text="may have cost $0.04", tone="risk")
    html = tile(card(state="unknown", money=money))
    assert '<span class="pill pill-risk num">may have cost $0.04</span>' in html


def test_actions_post_their_fields_and_links_are_links() -> None:
    again = SimpleNamespace(
        label="Run again, $0.04",
        url=f"/generations/{GENERATION}/run-again/",
        method="post",
        fields={"slot": "2"},
        tone="accent",
    )
    edit = SimpleNamespace(
        label="Edit prompt", url="/?remix=1&x=2", method="get", fields={}, tone="plain"
    )
    html = tile(card(state="failed", actions=(again, edit)))
    assert f'<form method="post" action="/generations/{GENERATION}/run-again/"' in html
    assert '<input type="hidden" name="slot" value="2">' in html
    assert '<button class="text-button act-accent">Run again, $0.04</button>' in html
    assert '<a class="text-button act-plain" href="/?remix=1&amp;x=2">Edit prompt</a>' in html


def test_only_dismissing_takes_the_tile_away() -> None:
    def swap(address: str) -> str:
        action = SimpleNamespace(label="x", url=address, method="post", fields={}, tone="plain")
        found = re.search(r'hx-swap="(\w+)"', tile(card(state="failed", actions=(action,))))
        return found[1] if found else ""

    assert swap(f"/generations/{GENERATION}/dismiss/") == "delete"
    assert swap(f"/generations/{GENERATION}/run-again/") == "none"
    assert swap(f"/generations/{GENERATION}/cancel/") == "none"


@pytest.mark.parametrize("field", ["prompt", "title", "sentence"])
def test_what_people_and_providers_wrote_is_escaped(field: str) -> None:
    html = tile(card(state="failed", **{field: "<script>alert(1)</script>"}))
    assert "<script" not in html


def test_poll_answer_swaps_tiles_and_brings_its_own_watch() -> None:
    watch = SimpleNamespace(token="to.ken", delay_seconds=0.5)
    html = render_to_string("generation/poll.html", {"cards": [finished()], "watch": watch})
    assert html.count('hx-swap-oob="true"') == 1
    assert '<poll-watch token="to.ken" delay="0.5" url="/poll/"></poll-watch>' in html


def test_last_poll_answer_leaves_no_watch() -> None:
    html = render_to_string("generation/poll.html", {"cards": [finished()], "watch": None})
    assert "poll-watch" not in html
