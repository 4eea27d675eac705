"""Everything the page of one picture shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.urls import reverse

from generations import wording
from generations.models import Attempt, CatalogModel, Generation, Image
from generations.queries.cards import data_uri
from generations.queries.word_diff import Words, word_diff
from generations.ratios import ratio_class

FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WebP"}


@dataclass(frozen=True, slots=True)
class Run:
    """How long the run waited, drew and stored; percents of the whole for a bar."""

    waited_text: str
    drawn_text: str
    stored_text: str
    waited: int
    stored: int
    at: str


@dataclass(frozen=True, slots=True)
class Picture:
    id: UUID
    src_1600: str
    src_640: str
    srcset: str
    width: int
    height: int
    ratio_class: str
    alt: str
    placeholder: str
    problem: str
    prompt: str
    title: str
    revised_prompt: str
    diff: Sequence[Words] | None
    parameters: Sequence[tuple[str, str]]
    usage: Sequence[tuple[str, str]]
    price_text: str
    run: Run | None
    request_id: str
    filename: str
    created: datetime
    generation_url: str
    original_url: str
    original_text: str
    remix_url: str
    alt_text: str
    hidden: bool = False
    deletable: bool = True


def picture(image: Image) -> Picture:
    """`image` with its generation and attempt selected."""
    attempt, generation = image.attempt, image.generation
    url = reverse("image", args=[image.pk])
    edges = {edge: (width, height) for edge, width, height in image.edges}
    best = max(edges, default=0)
    return Picture(
        id=image.pk,
        src_1600=f"{url}{best}" if best else "",
        src_640=f"{url}{min(best, 640)}" if best else "",
        srcset=", ".join(f"{url}{edge} {width}w" for edge, (width, _) in edges.items()),
        width=image.width,
        height=image.height,
        ratio_class=ratio_class(image.width, image.height),
        alt=image.alt_text or wording.one_line(generation.prompt)[:200],
        placeholder=data_uri(bytes(image.placeholder)),
        problem=image.problem,
        prompt=generation.prompt,
        title=wording.one_line(generation.prompt),
        revised_prompt=image.revised_prompt,
        diff=word_diff(generation.prompt, image.revised_prompt) if image.revised_prompt else None,
        parameters=_parameters(image, generation, attempt),
        usage=usage_rows(attempt.usage or {}),
        price_text="" if image.is_copy else price_text(attempt),
        run=_run(attempt),
        request_id=attempt.request_id,
        filename=image.filename,
        created=generation.created_at,
        generation_url=reverse("generation", args=[generation.pk]),
        original_url=f"{url}original",
        original_text=_file_text(image),
        alt_text=image.alt_text,
        remix_url=f"{reverse('gallery')}?remix={generation.pk}",
        hidden=image.is_hidden,
    )


def model_name(model_id: str) -> str:
    row = CatalogModel.objects.filter(model_id=model_id).only("name").first()
    return row.name if row else model_id


def asked_for(generation: Generation, *, shows_cost: bool) -> list[tuple[str, str]]:
    """A generation's parameters, those that were set."""
    rows = [
        ("Model", generation.model_id),
        ("Pictures", str(generation.n)),
        ("Size", wording.picture_size(generation.size)),
        ("Quality", generation.quality.capitalize()),
        ("Format", FORMATS.get(generation.output_format, "")),
        ("Album", generation.album.name if generation.album else ""),
        ("Price", _quoted(generation) if shows_cost else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _quoted(generation: Generation) -> str:
    if generation.quote_micros is None:
        return "not known beforehand"
    return f"about {wording.usd(generation.quote_micros * generation.n)}"


def _parameters(image: Image, generation: Generation, attempt: Attempt) -> list[tuple[str, str]]:
    answered = attempt.answered
    rows = [
        ("Model", generation.model_id),
        ("Size", _size_text(image, generation)),
        ("Quality", _asked_and_got(generation.quality, answered.get("quality"))),
        ("Background", str(answered.get("background") or "")),
        ("File", _file_text(image)),
        *(
            (key.replace("_", " ").capitalize(), str(value))
            for key, value in generation.parameters.items()
        ),
    ]
    return [(label, value) for label, value in rows if value]


def _file_text(image: Image) -> str:
    name = FORMATS.get(image.extension, image.extension)
    return f"{name}, {wording.file_size(image.size_bytes)}"


def _size_text(image: Image, generation: Generation) -> str:
    got = f"{image.width} × {image.height}"
    asked = wording.dimensions(generation.size)
    if asked is None:
        return got
    as_asked = abs(asked[0] * image.height - asked[1] * image.width) * 50 <= image.width * asked[1]
    is_pixels = "x" in generation.size
    same = asked == (image.width, image.height) if is_pixels else as_asked
    return (
        f"{got}, as asked" if same else f"{got}, asked for {wording.picture_size(generation.size)}"
    )


def _asked_and_got(asked: str, got: Any) -> str:
    if got and asked and asked != "auto" and got != asked:
        return f"{got}, asked for {asked}"
    return str(got or asked)


def usage_rows(usage: dict[str, Any]) -> list[tuple[str, str]]:
    names = {
        "prompt_tokens": "Prompt tokens",
        "completion_tokens": "Picture tokens",
        "total_tokens": "Tokens in all",
    }
    return [
        (label, f"{usage[key]:,}")
        for key, label in names.items()
        if isinstance(usage.get(key), int)
    ]


def price_text(attempt: Attempt) -> str:
    quoted, cost = attempt.reserved_micros, attempt.cost_micros
    if quoted == 0 and not cost:
        return "free"
    if cost is None:
        return "not known" if quoted is None else f"quoted {wording.usd(quoted)}"
    if quoted is None:
        return f"charged {wording.usd(cost)}"
    return f"quoted {wording.usd(quoted)}, charged {wording.usd(cost)}"


def _run(attempt: Attempt) -> Run | None:
    marks = [
        attempt.generation.created_at,
        attempt.sent_at,
        attempt.received_at,
        attempt.finished_at,
    ]
    if not all(marks):
        return None
    spans = [
        max(0.0, (end - start).total_seconds()) for start, end in pairwise(marks) if start and end
    ]
    whole = sum(spans) or 1.0
    parts = [round(span * 100 / whole) for span in spans]
    waited, drawn, stored = (wording.duration(span) for span in spans)
    at = wording.moment(attempt.generation.created_at)
    return Run(waited, drawn, stored, parts[0], parts[2], at)
