"""What a person does with generations: quick, one transaction, the ring on commit."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone

from generations import bell, ledger, lifecycle, policy, wording
from generations.errors import Conflict, GalleryError
from generations.models import Attempt, AttemptState, CatalogModel, Generation, User
from generations.transactions import writing

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
        return hashlib.sha256(json.dumps(material, sort_keys=True).encode()).hexdigest()


def submit_generation(
    owner: User, request: Request, *, submit_token: str, parent: Generation | None = None
) -> Generation:
    """The generation of this form; the very one made before if the same form was sent before."""
    digest = request.digest(parent)
    same = Generation.objects.filter(owner=owner, submit_token=submit_token, fields_hash=digest)
    if found := same.first():
        return found
    try:
        with writing():
            return _create(owner, request, submit_token=submit_token, digest=digest, parent=parent)
    except IntegrityError:
        if found := same.first():  # the same form, a moment earlier, in another thread
            return found
        raise


def _create(
    owner: User, request: Request, *, submit_token: str, digest: str, parent: Generation | None
) -> Generation:
    quoted = ledger.quote(request.model, size=request.size, quality=request.quality)
    if quoted is None and settings.UNKNOWN_PRICE == "refuse":
        raise GalleryError(UNPRICED, code="price_unknown")
    width, height = wording.dimensions(request.size) or (0, 0)
    generation = Generation.objects.create(
        owner=owner,
        parent=parent,
        submit_token=submit_token,
        fields_hash=digest,
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
        created_at=timezone.now(),
    )
    attempts = lifecycle.make_attempts(
        generation, slots_per_call=request.model.images_per_call or 1
    )
    bell.ring_on_commit(bell.RUN_ATTEMPT, [attempt.pk for attempt in attempts])
    return generation


def cancel_generation(generation: Generation) -> int:
    """Cancel what has not been sent; how many pictures were already on their way.

    What was sent is kept when it comes: it may have been charged.
    """
    with writing():
        Generation.objects.filter(pk=generation.pk, cancel_requested_at=None).update(
            cancel_requested_at=Now()
        )
        lifecycle.cancel_unsent(generation)
    return generation.attempts.filter(
        state__in=[AttemptState.SENDING, AttemptState.ACCEPTED]
    ).count()


def run_again(owner: User, generation: Generation, *, submit_token: str, n: int = 1) -> Generation:
    """A new generation beside the old one, with the same wishes at today's price."""
    model = policy.usable_models(owner).filter(model_id=generation.model_id).first()
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
    )
    return submit_generation(owner, request, submit_token=submit_token, parent=generation)


def dismiss_tile(generation: Generation, *, slot: int) -> None:
    """Take an ended tile without a picture out of the gallery; its attempt stays on record."""
    attempt = _attempt_at(generation, slot)
    if attempt is None:
        return
    if attempt.state not in lifecycle.ENDS:
        raise Conflict("This picture is still on its way.")
    Attempt.objects.filter(pk=attempt.pk, state=attempt.state).update(is_vacant=False)


def _attempt_at(generation: Generation, slot: int) -> Attempt | None:
    vacant = generation.attempts.filter(is_vacant=True, first_slot__lte=slot)
    return next((attempt for attempt in vacant if slot in attempt.slots), None)
