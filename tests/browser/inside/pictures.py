"""Runs and pictures, as the pipeline would have left them."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone
from PIL import Image as Pillow

from generations import storage
from generations.imaging.derive import Derived, Deriver
from generations.models import (
    FINAL_STATES,
    Attempt,
    AttemptState,
    Generation,
    Image,
    User,
    shape_of,
)
from generations.models.generation import new_submit_token, sort_key
from generations.storage import keys

S = AttemptState
SIZE = (1536, 1024)
FAR = timedelta(hours=3)
PRICE_MICROS = 42_000

# Each tile state that a page knows, by what an attempt has to be for it.
STATES: dict[str, dict[str, Any]] = {
    "waiting": {"state": S.READY},
    "held": {"state": S.HELD, "code": "quota_wait"},
    "working": {"state": S.ACCEPTED},
    "saving": {"state": S.RECEIVED},
    "failed": {"state": S.CHARGED_UNUSABLE, "code": "empty", "cost_micros": PRICE_MICROS},
    "blocked": {"state": S.REJECTED_FREE, "code": "blocked", "message": "Not this one."},
    "unknown": {"state": S.UNKNOWN, "code": "connection_lost"},
    "canceled": {"state": S.CANCELED},
}
UNSENT = {S.READY, S.HELD, S.CANCELED, S.REJECTED_FREE}


@dataclass(frozen=True, slots=True)
class Painted:
    """One picture's bytes, which any number of rows may show."""

    original: bytes
    previews: dict[int, bytes]
    derived: Derived


def hang_pictures(username: str, count: int) -> list[str]:
    """A person with so many finished pictures, ten to a day; the generations, newest first."""
    owner = User.objects.create_user(username)
    painted = _painted()
    made = []
    now = timezone.now().replace(hour=12)
    for number in range(count):
        when = now - timedelta(days=1 + number // 10, minutes=number)
        prompt = f"Picture {number}: boats in a quiet harbour, painted on linen"
        made.append(_finished(owner, prompt, when, painted))
    return [str(generation.pk) for generation in made]


def show_every_state(
    username: str, password: str | None = None, width: int = SIZE[0], height: int = SIZE[1]
) -> list[str]:
    """A person with a tile of this size in each state, and a picture; the generations by state."""
    owner = User.objects.create_user(username, password=password)
    now, size = timezone.now(), (width, height)
    made = [
        _vacant(owner, f"A tile that is {name}", now - timedelta(seconds=number), size, **fields)
        for number, (name, fields) in enumerate(STATES.items())
    ]
    picture = _finished(owner, "A picture that is done", now - timedelta(minutes=1), _painted())
    return [str(generation.pk) for generation in [*made, picture]]


def show_unknown(username: str) -> None:
    """A tile of this person's whose outcome nobody knows."""
    owner = User.objects.get(username=username)
    _vacant(owner, "A fox that was lost", timezone.now(), SIZE, **STATES["unknown"])


def keep_aside(username: str) -> str:
    """A run with a picture in the gallery, one kept out of it and one still out; its id."""
    generation = _finished(
        User.objects.get(username=username), "Boats kept aside", timezone.now(), _painted()
    )
    Image.objects.filter(generation=generation).update(is_hidden=True)
    fields = {"first_slot": 1, "is_hidden": True, "lease_until": timezone.now() + FAR}
    _attempt(generation, S.ACCEPTED, **fields)
    return str(generation.pk)


def pretend_sent(generation_id: str) -> int:
    """The first picture of a run is with the provider, for hours; its slot."""
    attempt = Attempt.objects.filter(generation=generation_id).order_by("first_slot")[0]
    now = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(
        state=S.ACCEPTED, sent_at=now, accepted_at=now, lease_until=now + FAR
    )
    return attempt.first_slot


def spread_over_days(username: str, runs_a_day: Sequence[int]) -> None:
    """Move a person's runs into the past, newest first: so many to a day, from yesterday back."""
    runs = Generation.objects.filter(owner__username=username).order_by("-created_at")
    ages = [age for age, count in enumerate(runs_a_day, start=1) for _ in range(count)]
    for generation, age in zip(runs, ages, strict=True):
        days = timedelta(days=age)
        generation.created_at -= days
        generation.save(update_fields=["created_at"])
        for attempt in generation.attempts.all():
            attempt.sort_key = sort_key(generation.created_at, attempt.first_slot)
            attempt.save(update_fields=["sort_key"])
            for name in ("sent_at", "received_at", "finished_at"):
                Attempt.objects.filter(pk=attempt.pk).update(
                    **{name: getattr(attempt, name) - days}
                )
        for image in generation.images.all():
            image.sort_key = sort_key(generation.created_at, image.slot)
            image.save(update_fields=["sort_key"])


def stored(image_id: str) -> dict[str, Any]:
    """What the books say of a picture."""
    image = Image.objects.select_related("attempt").get(pk=image_id)
    return {
        "key": image.key,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
        "revised_prompt": image.revised_prompt,
        "usage": image.attempt.usage,
        "cost_micros": image.attempt.cost_micros,
    }


def attempts_of(generation_id: str) -> list[list[str]]:
    """Every request ever permitted for a run: its id and what became of it, in order."""
    rows = Attempt.objects.filter(generation=generation_id).order_by("tries", "first_slot")
    return [[str(attempt.pk), attempt.state] for attempt in rows]


def _generation(
    owner: User, prompt: str, when: datetime, size: tuple[int, int] = SIZE
) -> Generation:
    return Generation.objects.create(
        owner=owner,
        submit_token=new_submit_token(),
        fields_hash="0" * 64,
        prompt=prompt,
        model_id="openai/gpt-image-1",
        n=1,
        size=f"{size[0]}x{size[1]}",
        width=size[0],
        height=size[1],
        quote_micros=PRICE_MICROS,
        created_at=when,
    )


def _attempt(generation: Generation, state: AttemptState, **fields: Any) -> Attempt:
    when = generation.created_at
    times: dict[str, Any] = {"created_at": when, "state_since": when, "not_before": when}
    if state not in UNSENT:
        times |= {"sent_at": when, "accepted_at": when}
    if state in FINAL_STATES:
        times["finished_at"] = when
    slot = fields.setdefault("first_slot", 0)
    return Attempt.objects.create(
        generation=generation,
        owner=generation.owner,
        sort_key=sort_key(when, slot),
        state=state,
        reserved_micros=PRICE_MICROS,
        **times | fields,
    )


def _vacant(
    owner: User, prompt: str, when: datetime, size: tuple[int, int], **fields: Any
) -> Generation:
    """Nobody takes it up: not before a time that is far off, on a lease that runs as long."""
    generation = _generation(owner, prompt, when, size)
    later = timezone.now() + FAR
    is_late = fields["state"] in {S.READY, S.HELD}
    not_before = {"not_before": later} if is_late else {}
    _attempt(generation, lease_until=later, **fields | not_before)
    return generation


def _finished(owner: User, prompt: str, when: datetime, painted: Painted) -> Generation:
    generation = _generation(owner, prompt, when)
    attempt = _attempt(generation, S.STORED, is_vacant=False, received_at=when, finished_at=when)
    digest = hashlib.sha256(painted.original).hexdigest()
    key = keys.original_key(generation.pk, attempt.pk, 0, digest, "png")
    _store(key, painted, digest)
    derived = painted.derived
    Image.objects.create(
        generation=generation,
        attempt=attempt,
        owner=owner,
        index=0,
        slot=0,
        sort_key=sort_key(when, 0),
        key=key,
        sha256=digest,
        size_bytes=len(painted.original),
        mime="image/png",
        extension="png",
        model_id=generation.model_id,
        width=derived.width,
        height=derived.height,
        shape=shape_of(derived.width, derived.height),
        edges=[[file.edge, file.width, file.height] for file in derived.files],
        placeholder=derived.placeholder,
        color=derived.color,
        sizes_done=True,
        created_at=when,
    )
    return generation


@cache
def _painted() -> Painted:
    file = io.BytesIO()
    Pillow.radial_gradient("L").resize(SIZE).convert("RGB").save(file, "PNG")
    with TemporaryDirectory() as folder:
        path = Path(folder, "original.png")
        path.write_bytes(file.getvalue())
        deriver = Deriver()
        derived = deriver.derive(path)
        deriver.close()
        previews = {made.edge: made.webp for made in derived.files}
    return Painted(file.getvalue(), previews, derived)


def _store(key: str, painted: Painted, digest: str) -> None:
    store = storage.get_store()
    store.put_new(key, painted.original, sha256=digest, content_type="image/png")
    for file in painted.derived.files:
        store.put_new(
            keys.derived_key(key, file.edge),
            painted.previews[file.edge],
            sha256=file.sha256,
            content_type="image/webp",
        )
