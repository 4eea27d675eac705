"""The rows of an imported picture: made elsewhere, so nothing of it moves money here."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import IntegrityError
from django.utils import timezone

from generations import policy
from generations.errors import GalleryError
from generations.imaging.embedded.recipe import clean
from generations.management.transfer.report import LeftOut
from generations.management.transfer.sheet import Marks, Origin, name_on_one_line
from generations.management.transfer.sources import Source
from generations.models import (
    AlbumImage,
    Attempt,
    AttemptState,
    Favorite,
    Generation,
    Image,
    ImageTag,
    User,
)
from generations.models.generation import sort_key
from generations.pipeline.stored import StoredPicture, image_of
from generations.queries.exports import GALLERY
from generations.queries.names import named
from generations.services.album import album_named
from generations.services.tag import tag_named
from generations.transactions import writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(StoredPicture):
    """Its original and its sizes are in the store."""

    generation_id: UUID
    attempt_id: UUID
    image_id: UUID


def hang(owner: User, origin: Origin, arrived: Arrived) -> bool:
    """Whether it was hung now; False if another import was quicker."""
    try:
        with writing():
            generation = _generation(owner, origin, arrived)
            image = _image(_attempt(generation, origin, arrived), origin, arrived)
            _mark(image, owner, origin.marks)
    except IntegrityError:
        if Image.objects.filter(pk=arrived.image_id).exists():
            return False
        raise
    except GalleryError as error:
        raise LeftOut(f"can't be sorted as it was: {error.sentence}") from error
    return True


def _generation(owner: User, origin: Origin, arrived: Arrived) -> Generation:
    """One for all pictures of a run, whichever of them comes first."""
    return Generation.objects.get_or_create(
        pk=arrived.generation_id,
        defaults={
            "owner": owner,
            "batch": origin.batch_id,
            "submit_token": f"import-{arrived.generation_id.hex}",
            "prompt": origin.prompt,
            "model_id": origin.model,
            "n": origin.n,
            "size": origin.size,
            "quality": origin.quality,
            "output_format": origin.output_format,
            "parameters": dict(origin.parameters or {}),
            "width": arrived.width,
            "height": arrived.height,
            "imported_at": timezone.now(),
            "created_at": origin.created_at,
        },
    )[0]


def _attempt(generation: Generation, origin: Origin, arrived: Arrived) -> Attempt:
    created = generation.created_at
    return Attempt.objects.create(
        pk=arrived.attempt_id,
        generation=generation,
        owner_id=generation.owner_id,
        first_slot=origin.slot,
        sort_key=sort_key(created, origin.slot),
        is_vacant=False,
        is_hidden=origin.marks.is_hidden,
        state=AttemptState.STORED,
        state_since=timezone.now(),
        not_before=created,
        created_at=created,
        sent_at=origin.sent_at or created,
        received_at=origin.received_at,
        finished_at=origin.finished_at or created,
        request_id=origin.request_id,
        answered=dict(origin.answered or {}),
        usage=dict(origin.usage) if origin.usage else None,
    )


def _image(attempt: Attempt, origin: Origin, arrived: Arrived) -> Image:
    image = image_of(attempt, arrived, slot=origin.slot)
    image.pk = arrived.image_id
    image.revised_prompt = origin.revised_prompt
    image.alt_text = origin.alt_text
    image.sizes_done = True
    image.trashed_at = timezone.now() if origin.marks.is_trashed else None  # its days begin anew
    image.save(force_insert=True)
    return image


def _mark(image: Image, owner: User, marks: Marks) -> None:
    key = image.sort_key
    if marks.is_favorite:
        Favorite.objects.create(user=owner, image=image, sort_key=key)
    for name in dict.fromkeys(marks.tags):
        ImageTag.objects.get_or_create(
            tag=tag_named(owner, name), image=image, defaults={"sort_key": key}
        )
    for place in marks.albums:
        AlbumImage.objects.get_or_create(
            album=album_named(owner, place.name),
            image=image,
            defaults={"sort_key": key, "position": place.position},
        )


class _Album(msgspec.Struct):
    name: str
    description: str = ""
    cover: UUID | None = None


class _Gallery(msgspec.Struct):
    albums: list[_Album] = []


def describe_albums(source: Source, owner: User, *, image_id: Callable[[UUID], UUID]) -> None:
    """Descriptions and covers, where the albums here have none yet. Nobody misses them if not."""
    note = source.note(GALLERY)
    try:
        said = msgspec.json.decode(note.content(), type=_Gallery) if note else _Gallery()
    except (LeftOut, msgspec.DecodeError, RecursionError):
        return
    for told in said.albums:
        albums = named(policy.visible_albums(owner), name_on_one_line(told.name, 100))
        albums.filter(description="").update(description=clean(told.description, 500))
        if told.cover:
            covers = Image.objects.filter(pk=image_id(told.cover), owner=owner)
            albums.filter(cover=None, album_images__image__in=covers).update(cover=covers.first())
