"""What a person does with generations: quick, one transaction, the ring on commit."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone

from generations import bell, ledger, lifecycle, policy, wording
from generations.errors import Conflict, GalleryError, NotAllowed
from generations.models import (
    SENT_STATES,
    Album,
    Attempt,
    CatalogModel,
    Generation,
    PromptTemplate,
    Team,
    User,
)
from generations.services.team import hold_place
from generations.transactions import writing

BATCHES = UUID("5d7c4f0e-3a55-4f7e-9f1b-6f2a3b7f8f10")  # a namespace of our own
ALBUM_GONE = "This album isn’t there any more, or you can’t put pictures into it. Choose another."
UNPRICED = "This model's price isn't known, and this gallery only runs what is priced."


@dataclass(frozen=True, slots=True)
class Request:
    """A cleaned form: what is to be made."""

    prompt: str
    model: CatalogModel
    n: int = 1
    size: str = ""
    quality: str = ""
    output_format: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    team: Team | None = None  # for whose gallery; none: the owner's own
    album: Album | None = None  # of that gallery, in which they are to hang
    template: PromptTemplate | None = None  # where the prompt comes from; not part of the wish

    def digest(self, parent: Generation | None) -> str:
        material = [
            self.prompt,
            self.model.model_id,
            self.n,
            self.size,
            self.quality,
            self.output_format,
            dict(self.parameters),
            str(parent.pk) if parent else "",
        ]
        if self.team:
            material.append(self.team.pk)
        if self.album:
            material.append({"album": str(self.album.pk)})
        return hashlib.sha256(json.dumps(material, sort_keys=True).encode()).hexdigest()


def prices_of(requests: Sequence[Request]) -> list[int | None]:
    """What one picture of each costs today, in micro-dollars; None where that isn't known."""
    wishes = [(each.model.model_id, each.size, each.quality) for each in requests]
    found = ledger.quotes([each.model for each in requests], wishes)
    return [found.get(wish) for wish in wishes]


def total_price(requests: Sequence[Request]) -> int | None:
    """What they cost together today, in micro-dollars; None if one's price isn't known."""
    prices = prices_of(requests)
    known = [price for price in prices if price is not None]
    if len(known) < len(prices):
        return None
    return sum(price * each.n for price, each in zip(known, requests, strict=True))


def submit_batch(
    owner: User, requests: Sequence[Request], *, submit_token: str
) -> list[Generation]:
    """One form's wish for several models: a generation for each, all of them or none."""
    if len(requests) == 1:
        return [submit_generation(owner, requests[0], submit_token=submit_token)]
    batch = uuid.uuid5(BATCHES, f"{owner.pk} {submit_token}")  # the same form's is the same
    with writing():
        # The newest stands first in a gallery: what was asked for first is to.
        made = [
            submit_generation(owner, each, submit_token=submit_token, batch=batch)
            for each in reversed(requests)
        ]
    return made[::-1]


def submit_generation(
    owner: User,
    request: Request,
    *,
    submit_token: str,
    parent: Generation | None = None,
    batch: UUID | None = None,
) -> Generation:
    """The generation of this form; the very one made before if the same form was sent before."""
    digest = request.digest(parent)
    same = Generation.objects.filter(owner=owner, submit_token=submit_token, fields_hash=digest)
    if found := same.first():
        return found
    try:
        with writing():
            return _create(
                owner,
                request,
                submit_token=submit_token,
                fields_hash=digest,
                parent=parent,
                batch=batch,
            )
    except IntegrityError:
        if found := same.first():  # the same form, a moment earlier, in another thread
            return found
        raise


def _create(owner: User, request: Request, **fields: Any) -> Generation:
    _require_allowed(request)
    if request.team:
        hold_place(owner, request.team)
    _hold_album(owner, request)
    quoted = ledger.quote(request.model, size=request.size, quality=request.quality)
    if quoted is None and settings.UNKNOWN_PRICE == "refuse":
        raise GalleryError(UNPRICED, code="price_unknown")
    width, height = wording.dimensions(request.size) or (0, 0)
    generation = Generation.objects.create(
        owner=owner,
        team=request.team,
        prompt=request.prompt,
        model_id=request.model.model_id,
        n=request.n,
        size=request.size,
        quality=request.quality,
        output_format=request.output_format,
        parameters=dict(request.parameters),
        width=width,
        height=height,
        quote_micros=quoted,
        template=request.template,
        template_version=request.template.version if request.template else None,
        album=request.album,
        created_at=timezone.now(),
        **fields,
    )
    attempts = lifecycle.make_attempts(
        generation, slots_per_call=request.model.images_per_call or 1
    )
    bell.ring_on_commit(bell.RUN_ATTEMPT, [attempt.pk for attempt in attempts])
    return generation


def _require_allowed(request: Request) -> None:
    allowed = request.team.allowed_models if request.team else []
    if allowed and request.model.model_id not in allowed:
        raise NotAllowed(f"{request.model.name} isn’t among the models this team uses.")


def _hold_album(owner: User, request: Request) -> None:
    """Whoever deletes it waits until the rows that name it are written."""
    if request.album is None:
        return
    albums = policy.albums_to_fill(owner, _slug(request.team)).select_for_update(no_key=True)
    if albums.filter(pk=request.album.pk).first() is None:
        raise Conflict(ALBUM_GONE)


def _slug(team: Team | None) -> str:
    return team.slug if team else ""


def cancel_generation(generation: Generation) -> int:
    """Cancel what has not been sent; how many pictures were already on their way.

    What was sent is kept when it comes: it may have been charged.
    """
    with writing():  # committed by itself: from here on nothing follows a refusal
        Generation.objects.filter(pk=generation.pk, cancel_requested_at=None).update(
            cancel_requested_at=Now()
        )
    lifecycle.cancel_unsent(generation)
    return count_sent(generation)


def count_sent(generation: Generation) -> int:
    """How many pictures of it the provider is at work on, and somebody waits for."""
    sent = generation.attempts.filter(state__in=SENT_STATES, is_hidden=False)
    return sum(sent.values_list("slot_count", flat=True))


def run_again(owner: User, generation: Generation, *, submit_token: str, n: int = 1) -> Generation:
    """A new generation beside the old one, with the same wishes at today's price."""
    team = _slug(generation.team)
    model = policy.usable_models(owner, team).filter(model_id=generation.model_id).first()
    if model is None:
        raise GalleryError(
            "This model is not available any more. Choose another.", code="model_gone"
        )
    request = Request(
        prompt=generation.prompt,
        model=model,
        n=n,
        size=generation.size,
        quality=generation.quality,
        output_format=generation.output_format,
        parameters=generation.parameters,
        team=policy.team_to_fill(owner, team),
        album=policy.albums_to_fill(owner, team).filter(pk__in=[generation.album_id]).first(),
    )
    return submit_generation(owner, request, submit_token=submit_token, parent=generation)


def dismiss_tile(generation: Generation, *, slot: int) -> None:
    """Take an ended tile without a picture out of the gallery; its attempt stays on record."""
    attempt = _attempt_at(generation, slot)
    if attempt and not lifecycle.dismiss(attempt, slot):
        raise Conflict("This picture is still on its way.")


def stop_waiting(generation: Generation, *, slot: int | None = None) -> list[int]:
    """The slots whose pictures, if they come, are now kept out of the gallery; one, or all sent.

    The calls go on: they may be charged, and nothing paid for is thrown away.
    """
    vacant = generation.attempts.filter(is_vacant=True, is_hidden=False)
    if slot is None:
        wanted = list(vacant)
    else:
        wanted = [attempt for attempt in vacant if slot in attempt.slots]
    stopped = [attempt for attempt in wanted if _stop(attempt, slot)]
    return [place for attempt in stopped for place in attempt.slots]


def _stop(attempt: Attempt, slot: int | None) -> bool:
    if slot is not None and lifecycle.cancel(attempt):  # refused meanwhile, and in line again
        return False
    return lifecycle.hide(attempt)


def _attempt_at(generation: Generation, slot: int) -> Attempt | None:
    vacant = generation.attempts.filter(is_vacant=True, first_slot__lte=slot)
    return next((attempt for attempt in vacant if slot in attempt.slots), None)
