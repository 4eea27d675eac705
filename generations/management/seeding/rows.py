"""Generations with their attempts and pictures, as rows for both databases."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from generations.management.seeding.bulk import Table
from generations.management.seeding.models import Motif, Motifs
from generations.management.seeding.people import Owners
from generations.management.seeding.pool import PoolPicture
from generations.management.seeding.prompts import new_prompt, revised
from generations.models import Attempt, AttemptState, Generation, Image
from generations.models.generation import SLOTS

S = AttemptState
SECOND = 1_000_000  # everything here counts microseconds
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1)  # UTC, as texts without a zone are read
TOKEN = "seed-"  # noqa: S105  # what a seeded generation's submit token begins with
NEVER = "2100-01-01 00:00:00"  # nobody sends what waits for this day

COUNTS = ((1, 50), (2, 20), (3, 10), (4, 20))  # pictures of a run, and how often
# How a slot ends without a picture: state, code, was it sent, how often in 10,000 slots.
OTHER_ENDS = (
    (S.REJECTED_FREE, "blocked", True, 90),
    (S.CHARGED_UNUSABLE, "empty", True, 30),
    (S.UNKNOWN, "connection_lost", True, 25),
    (S.CANCELED, "", False, 40),
    (S.READY, "", False, 3),
)
DISMISSED_SHARE = 0.6
HIDDEN_SHARE, TRASHED_SHARE, ALT_SHARE = 0.003, 0.012, 0.01
TRASH_DAYS = 25

GENERATIONS = Table(
    Generation,
    *("id", "owner_id", "submit_token", "fields_hash", "prompt", "model_id", "n", "size"),
    *("quality", "output_format", "width", "height", "created_at", "imported_at"),
)
ATTEMPTS = Table(
    Attempt,
    *("id", "generation_id", "owner_id", "first_slot", "sort_key", "is_vacant", "state", "code"),
    *("created_at", "state_since", "not_before", "sent_at", "received_at", "finished_at", "usage"),
)
IMAGES = Table(
    Image,
    *("id", "generation_id", "attempt_id", "owner_id", "slot", "sort_key", "model_id", "quality"),
    *("shape", "key", "sha256", "size_bytes", "mime", "extension", "width", "height", "edges"),
    *("placeholder", "color", "revised_prompt", "alt_text", "is_hidden", "trashed_at"),
    "created_at",
    index=0,
    sizes_done=True,
)


@dataclass(slots=True)
class Batch:
    """Rows that go into the database together."""

    generations: list[tuple[Any, ...]] = field(default_factory=list)
    attempts: list[tuple[Any, ...]] = field(default_factory=list)
    images: list[tuple[Any, ...]] = field(default_factory=list)
    hanging: list[tuple[int, str, int]] = field(default_factory=list)  # owner, image, sort key

    def insert(self) -> None:
        GENERATIONS.insert(self.generations)
        ATTEMPTS.insert(self.attempts)
        IMAGES.insert(self.images)


def text_of(micros: int) -> str:
    """A moment as both databases read it."""
    return str(EPOCH + timedelta(microseconds=micros))


def new_id(chance: Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:12]}4{digits[13:16]}a{digits[17:]}"


class Maker:
    """Makes runs of pictures, one after the other."""

    def __init__(self, chance: Random, *, owners: Owners, motifs: Motifs, now: int) -> None:
        self._chance = chance
        self._owners = owners
        self._motifs = motifs
        self._now = now
        self._now_text = text_of(now)
        self._token = f"{TOKEN}{chance.getrandbits(48):012x}-"
        self._made = 0
        self._edges: dict[str, str] = {}
        self._endings = [None, *OTHER_ENDS]
        others = sum(often for *_, often in OTHER_ENDS)
        self._often = [10_000 - others, *(often for *_, often in OTHER_ENDS)]

    def run_at(self, moment: int, into: Batch, *, most: int) -> None:
        """One generation with up to `most` slots."""
        chance, motif = self._chance, self._motifs.pick(self._chance)
        counts, often = zip(*COUNTS, strict=True)
        n = min(chance.choices(counts, often)[0], len(motif.pictures), most)
        owner, generation = self._owners.pick(chance), new_id(chance)
        prompt = new_prompt(chance, motif.theme)
        quality = chance.choice(motif.model.qualities) if motif.model.qualities else ""
        width, height = motif.pictures[0].size
        self._made += 1
        into.generations.append(
            (
                *(generation, owner, f"{self._token}{self._made}", "", prompt),
                *(motif.model.id, n, motif.size_name, quality, ""),
                *(width, height, text_of(moment), self._now_text),
            )
        )
        pictures = chance.sample(motif.pictures, n)
        run = _Run(generation, owner, moment, motif, prompt, quality)
        for slot, picture in enumerate(pictures):
            self._fill(run, slot, picture, into)

    def _fill(self, run: "_Run", slot: int, picture: PoolPicture, into: Batch) -> None:
        ending = self._chance.choices(self._endings, self._often)[0]
        attempt, sort_key = new_id(self._chance), run.moment * SLOTS + SLOTS - 1 - slot
        into.attempts.append(self._attempt(run, slot, attempt, sort_key, ending))
        if ending is None:
            into.images.append(self._image(run, slot, attempt, sort_key, picture))
            *_, hidden, trashed, _ = into.images[-1]
            if not hidden and not trashed:
                into.hanging.append((run.owner, into.images[-1][0], sort_key))

    def _attempt(
        self, run: "_Run", slot: int, attempt: str, sort_key: int, ending: Any
    ) -> tuple[Any, ...]:
        state, code, is_sent, _ = ending or (S.STORED, "", True, 0)
        low, high = run.motif.model.seconds
        sent = run.moment + int(self._chance.uniform(0.05, 2) * SECOND)
        received = sent + int(self._chance.uniform(low, high) * SECOND)
        finished = received + 150_000
        is_over = state != S.READY
        is_vacant = ending is not None and self._chance.random() > DISMISSED_SHARE * is_over
        created = text_of(run.moment)
        return (
            *(attempt, run.generation, run.owner, slot, sort_key, is_vacant, state.value, code),
            *(created, text_of(finished) if is_over else created, created if is_over else NEVER),
            text_of(sent) if is_sent else None,
            text_of(received) if is_sent and state != S.UNKNOWN else None,
            text_of(finished) if is_over else None,
            self._usage(run.motif) if state == S.STORED else None,
        )

    def _usage(self, motif: Motif) -> str | None:
        if not motif.model.has_usage:
            return None
        read, drawn = self._chance.randrange(9, 60), self._chance.choice((272, 1056, 4160))
        return json.dumps(
            {"prompt_tokens": read, "completion_tokens": drawn, "total_tokens": read + drawn}
        )

    def _image(
        self, run: "_Run", slot: int, attempt: str, sort_key: int, picture: PoolPicture
    ) -> tuple[Any, ...]:
        chance, model = self._chance, run.motif.model
        edges = self._edges.setdefault(picture.key, json.dumps(picture.edges))
        thrown = self._now - int(chance.random() * TRASH_DAYS * DAY)
        is_trashed = chance.random() < TRASHED_SHARE and thrown > run.moment
        return (
            *(new_id(chance), run.generation, attempt, run.owner, slot, sort_key),
            *(model.id, run.quality, picture.shape, picture.key, picture.sha256),
            *(picture.size_bytes, picture.mime, picture.extension, *picture.size, edges),
            *(picture.placeholder, picture.color),
            revised(chance, run.prompt) if model.revises else "",
            run.prompt.capitalize() if chance.random() < ALT_SHARE else "",
            chance.random() < HIDDEN_SHARE,
            text_of(thrown) if is_trashed else None,
            text_of(run.moment),
        )


@dataclass(frozen=True, slots=True)
class _Run:
    generation: str
    owner: int
    moment: int
    motif: Motif
    prompt: str
    quality: str
