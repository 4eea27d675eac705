"""A tile as a page shows it, made of rows alone: no query here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pybase64
from django.urls import reverse
from django.utils import timezone

from generations import outcomes, wording
from generations.models import Attempt, AttemptState, Image
from generations.models.generation import IN_FLIGHT_STATES
from generations.ratios import ratio_class

S = AttemptState
BLOCKED = "blocked"  # what generations.mesh calls every moderation code
ROW_PX = 232  # a comfortable row's height: what the browser chooses a picture's size by

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


@dataclass(frozen=True, slots=True)
class Card:
    """One tile. `state` is one of the nine that a page knows."""

    generation_id: UUID
    slot: int
    state: str
    sort_key: int
    ratio_class: str
    prompt: str
    url: str
    # a picture
    image_id: UUID | None = None
    width: int = 0
    height: int = 0
    src: str = ""
    srcset: str = ""
    sizes: str = ""
    placeholder: str = ""
    alt: str = ""
    hidden: bool = False
    # no picture
    attempt_id: UUID | None = None
    attempt_state: str = ""
    title: str = ""
    sentence: str = ""
    money: Money | None = None
    since: datetime | None = None
    elapsed_seconds: int = 0
    estimate_seconds: int | None = None
    attempt_no: int = 1
    waits_until: datetime | None = None
    actions: tuple[Action, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


def tile_state(state: str, code: str) -> str:
    """What a tile calls an attempt's state."""
    if state == S.REJECTED_FREE and code == BLOCKED:
        return "blocked"
    return TILE_STATES[state]


def image_card(image: Image, *, prompt: str) -> Card:
    """A finished picture; without a preview it says why and offers the original."""
    url = reverse("image", args=[image.pk])
    outcome = outcomes.sentence_for(image.problem) if image.problem else None
    edges = [tuple(edge) for edge in image.edges]
    address = f"{url}{{}}".format
    return Card(
        generation_id=image.generation_id,
        slot=image.slot,
        state="done",
        sort_key=image.sort_key,
        ratio_class=ratio_class(image.width, image.height),
        prompt=prompt,
        url=url,
        image_id=image.pk,
        width=image.width,
        height=image.height,
        src=address(edges[0][0]) if edges else "",
        srcset=", ".join(f"{address(edge)} {width}w" for edge, width, _ in edges[:2]),
        sizes=f"{math.ceil(ROW_PX * image.width / max(image.height, 1))}px",
        placeholder=data_uri(bytes(image.placeholder)),
        alt=prompt[:200],
        hidden=image.is_hidden,
        title=outcome.title if outcome else "",
        sentence=outcome.sentence if outcome else "",
    )


def data_uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{pybase64.b64encode_as_string(webp)}" if webp else ""


def attempt_card(
    attempt: Attempt, *, slot: int, submit_token: str, typical_seconds: float | None = None
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
        url=reverse("generation", args=[generation.pk]),
        attempt_id=attempt.pk,
        attempt_state=attempt.state,
        title=title,
        sentence=sentence,
        money=_money(attempt, state),
        since=began,
        elapsed_seconds=max(0, int((timezone.now() - began).total_seconds())),
        estimate_seconds=math.ceil(typical_seconds) if typical_seconds else None,
        attempt_no=attempt.tries,
        waits_until=attempt.not_before if attempt.not_before > timezone.now() else None,
        actions=_actions(attempt, slot, state, submit_token),
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
    outcome = outcomes.sentence_for(attempt.code, message=attempt.message)
    return outcome.title, outcome.sentence


def _money(attempt: Attempt, state: str) -> Money | None:
    whole = attempt.reserved_micros
    amount = None if whole is None else whole // attempt.slot_count
    known = "" if amount is None else f" {wording.usd(amount)}"
    if amount == 0 and state in {"unknown", "failed", "blocked"}:
        return Money("free model", "free")
    if state == "unknown":
        return Money(f"may have cost{known or ' money'}", "risk")
    if attempt.state in {S.REJECTED_FREE, S.CANCELED, S.RESOLVED_FREE}:
        return Money("nothing charged", "free")
    if state == "failed":
        return Money(f"charged{known}" if known else "may have been charged", "charged")
    return None


def _actions(attempt: Attempt, slot: int, state: str, submit_token: str) -> tuple[Action, ...]:
    generation = attempt.generation
    this = {"slot": str(slot)}
    if state in {"waiting", "held"}:
        return (Action("Cancel", reverse("cancel_generation", args=[generation.pk])),)
    if state in UNFINISHED:
        return ()
    again = Action(
        _again_label(attempt, state),
        reverse("run_again", args=[generation.pk]),
        fields={**this, "submit_token": submit_token},
        tone="accent",
    )
    edit = Action(
        "Edit prompt", f"{reverse('gallery')}?remix={generation.pk}", "get", tone="accent"
    )
    dismiss = Action("Dismiss", reverse("dismiss_tile", args=[generation.pk]), fields=this)
    return (edit if state == "blocked" else again, dismiss)


def _again_label(attempt: Attempt, state: str) -> str:
    if attempt.reserved_micros and state in {"unknown", "failed"}:
        return f"Run again, {wording.usd(attempt.reserved_micros // attempt.slot_count)}"
    return "Try again" if state == "failed" else "Run again"
