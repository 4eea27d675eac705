"""A run's pictures in the album that was chosen when they were asked for."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from generations.models import Album, AlbumImage, Attempt, Image
from generations.models.generation import SLOTS
from generations.models.sorting import PLACE_STEP
from generations.models.team import space_of

SLOT_STEP = PLACE_STEP // SLOTS  # a run's pictures come in any order, and hang in that of its slots


def held_album(attempt: Attempt) -> Album | None:
    """The chosen album, if it is still one of the gallery that the pictures come into.

    It is held until the transaction ends: nobody deletes it meanwhile, and places stay true. To be
    called before anything else is written; whoever submits holds it before their budgets, too.
    """
    chosen = attempt.generation.album_id
    if chosen is None:
        return None
    album = Album.objects.select_for_update(no_key=True).filter(pk=chosen).first()
    if album is None:
        return None
    here = space_of(attempt.owner_id, attempt.team_id)
    return album if space_of(album.owner_id, album.team_id) == here else None


def hang(album: Album, images: Sequence[Image]) -> None:
    """At the album's end, beside what came of the same run before. May run twice."""
    places = AlbumImage.objects.filter(album=album)
    beside = places.filter(image__generation=images[0].generation_id)
    slot, place = beside.values_list("image__slot", "position").first() or (
        0,
        (places.aggregate(last=Max("position"))["last"] or 0) + PLACE_STEP,
    )
    rows = [
        AlbumImage(
            album=album,
            image=image,
            position=place + (image.slot - slot) * SLOT_STEP,
            sort_key=image.sort_key,
        )
        for image in images
    ]
    AlbumImage.objects.bulk_create(rows, ignore_conflicts=True)
    Album.objects.filter(pk=album.pk).update(updated_at=timezone.now())
