"""A tile as a page shows it, made of rows alone: no query here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

import pybase64
from django.urls import reverse
from django.utils import timezone

from generations import lifecycle, outcomes, wording
from generations.models import Attempt, AttemptState, Image
from generations.models.accounts import Density
from generations.models.generation import IN_FLIGHT_STATES, SENT_STATES
from generations.queries.again import Again
from generations.queries.estimates import Usual
from generations.ratios import ratio_class

S = AttemptState
# What generations.mesh calls every moderation code, and our own check's.
BLOCKED_CODES = frozenset({"blocked", outcomes.BLOCKED_HERE})
# A row's height on a wide screen, and how many of a picture's sizes are offered for it.
ROWS: dict[str, tuple[int, int]] = {
    Density.COMPACT: (170, 2),
    Density.COMFORTABLE: (232, 2),
    Density.LARGE: (320, 3),
}

TILE_STATES: dict[str, str] = {
    S.READY: "waiting",
    S.HELD: "held",
    S.CLAIMED: "working",
    S.SENDING: "working",
    S.ACCEPTED: "working",
    S.RECEIVED: "saving",
    S.FETCHING: "saving",
    S.STORED: "done",
    S.CANCELED: "canceled",
    S.UNKNOWN: "unknown",
    S.REJECTED_FREE: "failed",
    S.CHARGED_UNUSABLE: "failed",
    S.RESOLVED_CHARGED: "failed",
    S.RESOLVED_FREE: "failed",
}
END_CODES: dict[AttemptState, str] = {
    S.RESOLVED_CHARGED: "resolved_charged",
    S.RESOLVED_FREE: "resolved_free",
}
STOP_TITLE = (
    "It was sent and may be charged. If it comes, it is kept on the run's page, not in the gallery."
)
UNFINISHED = {"waiting", "held", "working", "saving"}


@dataclass(frozen=True, slots=True)
class Money:
    text: str
    tone: str  # free, risk or charged


@dataclass(frozen=True, slots=True)
class Action:
    label: str
    url: str
    method: str = "post"
    fields: Mapping[str, str] = field(default_factory=dict)
    tone: str = "plain"
    title: str = ""  # what happens, for who hesitates
    question: str = ""  # asked before it is done


@dataclass(slots=True)  # not frozen: sixty are made for a page, and that would double their cost
class Card:
    """One tile. `state` is one of the nine that a page knows."""

    generation_id: UUID
    slot: int
    state: str
    sort_key: int
    ratio_class: str
    prompt: str
    url: str
    model_id: str = ""
    # a picture
    image_id: UUID | None = None
    width: int = 0
    height: int = 0
    src: str = ""
    srcset: str = ""
    sizes: str = ""
    placeholder: str = ""
    alt: str = ""
    is_favorite: bool = False
    hidden: bool = False  # not in the gallery: an open page takes the tile away
    is_set_aside: bool = False  # shown where hidden ones are listed
    # no picture
    attempt_id: UUID | None = None
    attempt_state: str = ""
    title: str = ""
    sentence: str = ""
    money: Money | None = None
    since: datetime | None = None
    elapsed_seconds: int = 0
    estimate_seconds: int | None = None
    soonest_seconds: float | None = None  # polls become dense from then on
    waits_until: datetime | None = None
    actions: tuple[Action, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED and not self.hidden


def tile_state(state: str, code: str) -> str:
    """What a tile calls an attempt's state."""
    if state == S.REJECTED_FREE and code in BLOCKED_CODES:
        return "blocked"
    return TILE_STATES[state]


class HungImage(NamedTuple):
    """What a tile needs of a picture's row, without the row's weight."""

    pk: UUID
    generation_id: UUID
    slot: int
    sort_key: int
    model_id: str
    edges: list[list[int]]
    placeholder: bytes
    width: int
    height: int
    problem: str
    is_hidden: bool
    alt_text: str


def image_card(
    image: Image | HungImage,
    *,
    prompt: str,
    density: str = Density.COMFORTABLE,
    is_favorite: bool = False,
) -> Card:
    """A finished picture; without a preview it says why and offers the original."""
    url = _image_address().format(image.pk)
    outcome = outcomes.sentence_for(image.problem) if image.problem else None
    edges = image.edges
    row_px, most_sizes = ROWS[density]
    return Card(
        generation_id=image.generation_id,
        slot=image.slot,
        state="done",
        sort_key=image.sort_key,
        ratio_class=ratio_class(image.width, image.height),
        prompt=prompt,
        url=url,
        model_id=image.model_id,
        image_id=image.pk,
        width=image.width,
        height=image.height,
        src=f"{url}{edges[0][0]}" if edges else "",
        srcset=", ".join([f"{url}{edge} {width}w" for edge, width, _ in edges[:most_sizes]]),
        sizes=f"{math.ceil(row_px * image.width / max(image.height, 1))}px",
        placeholder=data_uri(bytes(image.placeholder)),
        alt=image.alt_text or wording.one_line(prompt)[:200],
        is_favorite=is_favorite,
        hidden=image.is_hidden,
        title=outcome.title if outcome else "",
        sentence=outcome.sentence if outcome else "",
        actions=(Action("Keep in gallery", f"{url}keep/", tone="accent"),)
        if image.is_hidden
        else (),
    )


@cache
def _image_address() -> str:
    nobody = UUID(int=0)
    return reverse("image", args=[nobody]).replace(str(nobody), "{}")


def data_uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{pybase64.b64encode_as_string(webp)}" if webp else ""


def attempt_card(
    attempt: Attempt,
    *,
    slot: int,
    submit_token: str,
    usual: Usual | None = None,
    again: Again | None = None,
) -> Card:
    """A slot without a picture: where it stands, what it may have cost, what one can do."""
    generation = attempt.generation
    state = tile_state(attempt.state, attempt.code)
    if state == "done":  # answered with fewer pictures than asked for
        state = "failed"
    title, sentence = _words(attempt, state)
    began = attempt.sent_at or attempt.created_at if state == "working" else attempt.created_at
    return Card(
        generation_id=generation.pk,
        slot=slot,
        state=state,
        sort_key=attempt.sort_key - (slot - attempt.first_slot),
        ratio_class=ratio_class(generation.width or 1, generation.height or 1),
        prompt=generation.prompt,
        model_id=generation.model_id,
        url=reverse("generation", args=[generation.pk]),
        attempt_id=attempt.pk,
        attempt_state=attempt.state,
        title=title,
        sentence=sentence,
        money=_money(attempt, state),
        since=began,
        elapsed_seconds=max(0, int((timezone.now() - began).total_seconds())),
        estimate_seconds=math.ceil(usual.seconds) if usual else None,
        soonest_seconds=usual.soonest if usual else None,
        waits_until=attempt.not_before if attempt.not_before > timezone.now() else None,
        hidden=attempt.is_hidden,
        actions=_actions(attempt, slot, state, _again(attempt, slot, submit_token, again)),
    )


def _words(attempt: Attempt, state: str) -> tuple[str, str]:
    if state == "working":
        return ("Drawing", "") if attempt.state in IN_FLIGHT_STATES[1:] else ("Starting", "")
    if state == "saving" and attempt.code:
        outcome = outcomes.sentence_for(attempt.code)
        return outcome.title, outcome.sentence
    if state == "saving":
        return "Saving", "The picture is here and safe; it is being put in the gallery."
    if state == "canceled":
        return "Canceled", "It was canceled before it was sent."
    if attempt.state == S.STORED:
        return "Fewer pictures than asked", "The provider answered without this one."
    if state == "waiting" and not attempt.code:
        return "Waiting", "It starts as soon as a worker is free."
    outcome = outcomes.sentence_for(
        END_CODES.get(S(attempt.state), attempt.code),
        message=attempt.message,
        is_over=attempt.state == S.REJECTED_FREE,
    )
    return outcome.title, outcome.sentence


def _money(attempt: Attempt, state: str) -> Money | None:
    quoted = _for_one(attempt, attempt.reserved_micros)
    if attempt.state in lifecycle.FREE_ENDS and attempt.cost_micros:
        return _charged(attempt)  # a refusal may cost the tokens that were read
    if quoted == 0 and state in {"unknown", "failed", "blocked"}:
        return Money("free model", "free")
    if state == "unknown":
        return Money(f"may have cost {wording.usd(quoted) if quoted else 'money'}", "risk")
    if attempt.state in lifecycle.FREE_ENDS:
        return Money("nothing charged", "free")
    return _charged(attempt) if state == "failed" else None


def _charged(attempt: Attempt) -> Money:
    cost = _for_one(attempt, attempt.cost_micros)
    if cost is None or attempt.state == S.STORED:  # the cost is that of the pictures that came
        return Money("may have been charged", "charged")
    return Money(f"charged {wording.usd(cost)}", "charged")


def _for_one(attempt: Attempt, micros: int | None) -> int | None:
    return None if micros is None else micros // attempt.slot_count


def _actions(attempt: Attempt, slot: int, state: str, again: Action) -> tuple[Action, ...]:
    generation = attempt.generation
    this = {"slot": str(slot)}
    if state in {"waiting", "held"}:
        return (Action("Cancel", reverse("cancel_generation", args=[generation.pk])),)
    if attempt.state in SENT_STATES and not attempt.is_hidden:
        url = reverse("stop_waiting", args=[generation.pk])
        return (Action("Stop waiting", url, fields=this, title=STOP_TITLE),)
    if state in UNFINISHED:
        return ()
    dismiss = Action("Dismiss", reverse("dismiss_tile", args=[generation.pk]), fields=this)
    return (again, dismiss)


def _again(attempt: Attempt, slot: int, submit_token: str, again: Again | None) -> Action:
    """The one thing to do about an ended tile: run it again, or change what can't be run."""
    generation = attempt.generation
    if again is None or tile_state(attempt.state, attempt.code) == "blocked":
        url = f"{reverse('gallery')}?remix={generation.pk}"
        return Action("Edit prompt", url, "get", tone="accent")
    return Action(
        again.label,
        reverse("run_again", args=[generation.pk]),
        fields={"slot": str(slot), "submit_token": submit_token},
        tone="accent",
        question=again.question,
    )
