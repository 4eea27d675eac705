"""What is known of a picture to be imported: from the sheet beside it, or from its own file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from generations import wording
from generations.imaging.embedded import Embedded
from generations.imaging.embedded.recipe import MAX_PROMPT, bounded, clean
from generations.management.transfer.report import LeftOut
from generations.management.transfer.sources import Entry
from generations.models.generation import SLOTS
from generations.queries.provenance import SCHEMA

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_MARKS = 200  # tags or albums of one picture
MOST_PICTURES = 10  # of one run
MOST_KINDS = 8  # of tokens
FURTHEST = 2**40  # a place in an album
_SAID_ELSEWHERE = {"model", "prompt", "n", "size", "quality", "output_format"}


class _Image(msgspec.Struct):
    id: UUID
    sha256: str
    slot: int = 0
    alt_text: str | None = None


class _Generation(msgspec.Struct):
    id: UUID
    created_at: datetime
    batch_id: UUID | None = None
    pictures: int = 1


class _Attempt(msgspec.Struct):
    request_id: str | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    finished_at: datetime | None = None


class _Response(msgspec.Struct):
    revised_prompt: str | None = None
    settings: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None


class Place(msgspec.Struct):
    name: str
    position: int = 0


class Marks(msgspec.Struct):
    """What its owner made of a picture."""

    created_at: datetime | None = None
    is_favorite: bool = False
    tags: list[str] = []
    albums: list[Place] = []
    is_hidden: bool = False
    is_trashed: bool = False


class _Sheet(msgspec.Struct):
    schema: str
    image: _Image
    generation: _Generation
    request: dict[str, Any] = {}
    attempt: _Attempt = msgspec.field(default_factory=_Attempt)
    response: _Response = msgspec.field(default_factory=_Response)
    gallery: Marks = msgspec.field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class Origin:
    """Cleaned: everything fits its column. Ids are those elsewhere; a loose picture has none."""

    created_at: datetime
    prompt: str
    model: str
    image_id: UUID | None = None
    sha256: str = ""  # as told; the bytes are compared with it
    generation_id: UUID | None = None
    batch_id: UUID | None = None
    n: int = 1
    slot: int = 0
    size: str = ""
    quality: str = ""
    output_format: str = ""
    parameters: Mapping[str, Any] | None = None
    revised_prompt: str = ""
    alt_text: str = ""
    request_id: str = ""
    answered: Mapping[str, Any] | None = None
    usage: Mapping[str, Any] | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    finished_at: datetime | None = None
    marks: Marks = field(default_factory=Marks)


def is_sheet(content: bytes) -> bool:
    """Whether a JSON file beside a picture is one of ours; other programs put theirs there too."""
    return SCHEMA.encode() in content[:4096]


def origin_from_sheet(content: bytes) -> Origin:
    """Raises `LeftOut` where it isn't what a sheet is."""
    try:
        said = msgspec.json.decode(content, type=_Sheet)
    except (msgspec.DecodeError, RecursionError, OverflowError) as error:
        raise LeftOut("has a JSON file beside it that can't be read") from error
    created = said.gallery.created_at or said.generation.created_at
    if said.schema != SCHEMA or not _is_moment(created):
        raise LeftOut("has a JSON file beside it that says nothing usable")
    slot = min(max(said.image.slot, 0), SLOTS - 1)
    wanted = said.request
    return Origin(
        created_at=created,
        prompt=clean(wanted.get("prompt"), MAX_PROMPT),
        model=clean(wanted.get("model"), 200),
        image_id=said.image.id,
        sha256=said.image.sha256,
        generation_id=said.generation.id,
        batch_id=said.generation.batch_id,
        n=min(max(said.generation.pictures, 1), MOST_PICTURES),
        slot=slot,
        size=clean(wanted.get("size"), 20),
        quality=clean(wanted.get("quality"), 20),
        output_format=clean(wanted.get("output_format"), 10),
        parameters=_parameters(wanted, slot),
        revised_prompt=clean(said.response.revised_prompt, MAX_PROMPT),
        alt_text=clean(said.image.alt_text, 500),
        request_id=clean(said.attempt.request_id, 200),
        answered=bounded(said.response.settings or {}),
        usage=_counts(said.response.usage or {}) or None,
        sent_at=_later(said.attempt.sent_at, created),
        received_at=_later(said.attempt.received_at, created),
        finished_at=_later(said.attempt.finished_at, created),
        marks=_cleaned(said.gallery),
    )


def origin_from_picture(entry: Entry, embedded: Embedded) -> Origin:
    """A loose picture: by its own words, else by its name and its file's date."""
    recipe = embedded.recipe
    when = embedded.taken_at if _is_moment(embedded.taken_at) else entry.changed_at
    return Origin(
        created_at=when if when and _is_moment(when) else timezone.now(),
        prompt=recipe.prompt or clean(_words_of(entry.stem), MAX_PROMPT) or "Imported picture",
        model=recipe.model,
        parameters=dict(recipe.parameters),
        answered={"program": recipe.program} if recipe.program else None,
    )


def _words_of(stem: str) -> str:
    """“fox_in-snow” is a prompt with its blanks filled in."""
    return " ".join(stem.replace("_", " ").replace("-", " ").split())


def _is_moment(when: datetime | None) -> bool:
    return bool(when and when.tzinfo and EARLIEST <= when <= timezone.now() + timedelta(days=1))


def _later(when: datetime | None, created: datetime) -> datetime | None:
    """Nothing of a run happened before it was asked for."""
    return max(when, created) if when and _is_moment(when) else None


def _parameters(wanted: Mapping[str, Any], slot: int) -> dict[str, Any]:
    """The rarer ones; a sheet tells the seed as it was sent for this very slot."""
    rarer = {name: value for name, value in wanted.items() if name not in _SAID_ELSEWHERE}
    seed = rarer.get("seed")
    if wanted.get("n") == 1 and isinstance(seed, int) and seed >= slot:
        rarer["seed"] = seed - slot
    return bounded(rarer)


def _counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens by kind, and the kinds of kinds."""
    kinds = {name: bounded(value) for name, value in usage.items() if isinstance(value, dict)}
    return {**bounded(usage), **dict(islice(kinds.items(), MOST_KINDS))}


def name_on_one_line(text: str, most: int) -> str:
    """As a form takes it."""
    return clean(wording.one_line(text), most)


def _cleaned(marks: Marks) -> Marks:
    names = (name_on_one_line(name, 50) for name in marks.tags[:MOST_MARKS])
    places = [
        Place(name_on_one_line(each.name, 100), each.position) for each in marks.albums[:MOST_MARKS]
    ]
    return Marks(
        is_favorite=marks.is_favorite,
        tags=[name for name in names if name],
        albums=[each for each in places if each.name and 0 <= each.position < FURTHEST],
        is_hidden=marks.is_hidden,
        is_trashed=marks.is_trashed,
    )
