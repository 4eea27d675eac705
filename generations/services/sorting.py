"""Hearts, tags and albums: marks that pictures carry, put on and taken off many at a time.

Every function takes ids as they came from outside: each picture is looked up among those the
person may see, in batches, and what isn't there is only counted.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from generations import policy
from generations.errors import Conflict
from generations.models import Album, AlbumImage, Favorite, Image, ImageTag, Tag, User
from generations.models.sorting import PLACE_STEP
from generations.models.team import space_of
from generations.services.changes import (
    BATCH,
    MOST_TAKEN_BACK,
    Added,
    Change,
    Removed,
    batches_of,
)
from generations.transactions import writing


@dataclass(frozen=True, slots=True)
class Mark:
    """A heart (its holder is the person), a tag or an album."""

    holder: User | Tag | Album

    @property
    def kind(self) -> str:
        if isinstance(self.holder, User):
            return "favorite"
        return "tag" if isinstance(self.holder, Tag) else "album"

    @property
    def rows(self) -> "QuerySet[Any]":
        if isinstance(self.holder, User):
            return Favorite.objects.filter(user=self.holder)
        if isinstance(self.holder, Tag):
            return ImageTag.objects.filter(tag=self.holder)
        return AlbumImage.objects.filter(album=self.holder)

    @property
    def is_shared(self) -> bool:
        return not isinstance(self.holder, User) and self.holder.team_id is not None

    def fitting(self, user: User) -> QuerySet[Image]:
        """The pictures that this person may put it on: any they see a heart, those of the same
        gallery that they may change a tag or an album."""
        if isinstance(self.holder, User):
            return policy.visible_images(user)
        space = space_of(self.holder.owner_id, self.holder.team_id)
        return policy.changeable_images(user).filter(space=space)

    def row(self, image_id: UUID, key: int, place: int) -> Favorite | ImageTag | AlbumImage:
        if isinstance(self.holder, User):
            return Favorite(user=self.holder, image_id=image_id, sort_key=key)
        if isinstance(self.holder, Tag):
            return ImageTag(tag=self.holder, image_id=image_id, sort_key=key)
        return AlbumImage(album=self.holder, image_id=image_id, sort_key=key, position=place)

    def lock(self) -> None:
        """Who changes the same mark waits: what is counted and numbered here stays true."""
        model: Any = self.holder._meta.model
        if (
            not model._default_manager.select_for_update(no_key=True)
            .filter(pk=self.holder.pk)
            .first()
        ):
            raise Conflict("It was deleted in the meantime.")

    def last_place(self) -> int:
        if not isinstance(self.holder, Album):
            return 0
        return self.rows.aggregate(last=Max("position"))["last"] or 0

    def touch(self) -> None:
        if isinstance(self.holder, Album):
            Album.objects.filter(pk=self.holder.pk).update(updated_at=timezone.now())


def put_on(mark: Mark, user: User, ids: Sequence[UUID]) -> Change:
    """The mark on these pictures, in this order. May run twice."""
    whole, spans = Change(), []
    for batch in batches_of(user, ids):
        with writing():
            change, span = _put_on(mark, user, batch)
        whole += change
        spans += [span] if span else []
    undo = Added(mark.kind, str(mark.holder.pk), tuple(spans)) if spans else None
    return replace(whole, undo=undo)


def _put_on(mark: Mark, user: User, ids: Sequence[UUID]) -> tuple[Change, tuple[int, int] | None]:
    mark.lock()
    keys = dict(mark.fitting(user).filter(pk__in=ids).values_list("pk", "sort_key"))
    has = set(mark.rows.filter(image__in=list(keys)).values_list("image_id", flat=True))
    lacking = [pk for pk in ids if pk in keys and pk not in has]
    change = Change(len(lacking), len(has), len(ids) - len(keys))
    if not lacking:
        return change, None
    last = mark.last_place()
    rows = [
        mark.row(pk, keys[pk], last + PLACE_STEP * number)
        for number, pk in enumerate(lacking, start=1)
    ]
    made = [row.pk for row in mark.rows.model.objects.bulk_create(rows)]
    mark.touch()
    return change, (min(made), max(made))


def take_off(mark: Mark, user: User, ids: Sequence[UUID]) -> Change:
    """These pictures without the mark. May run twice."""
    whole, places = Change(), []
    for batch in batches_of(user, ids):
        with writing():
            change, gone = _take_off(mark, user, batch)
        whole += change
        places += gone
    can_undo = 0 < len(places) <= MOST_TAKEN_BACK
    undo = Removed(mark.kind, str(mark.holder.pk), tuple(places)) if can_undo else None
    return replace(whole, undo=undo)


def _take_off(mark: Mark, user: User, ids: Sequence[UUID]) -> tuple[Change, list[tuple[UUID, int]]]:
    mark.lock()
    seen = set(mark.fitting(user).filter(pk__in=ids).values_list("pk", flat=True))
    place = "position" if mark.kind == "album" else "sort_key"
    carried = mark.rows.filter(image__in=seen)
    gone = list(carried.order_by("pk").values_list("image_id", place))
    if gone:
        carried.delete()
        mark.touch()
    return Change(len(gone), len(seen) - len(gone), len(ids) - len(seen)), gone


def delete_holder(mark: Mark) -> None:
    """The tag or the album goes, its pictures stay. Who puts one in meanwhile finds it gone.

    May run twice.
    """
    with suppress(Conflict), writing():
        mark.lock()
        mark.holder.delete()


def take_back_added(mark: Mark, user: User, added: Added) -> int:
    """How many of the rows that one change made were still there to be deleted, and the person's
    to delete."""
    count = 0
    with writing():
        mark.lock()
        for first, last in added.spans:
            rows = mark.rows.filter(pk__gte=first, pk__lte=last)
            if mark.is_shared:  # one's role may have changed since
                rows = rows.filter(image__in=mark.fitting(user))
            count += rows.delete()[0]
        mark.touch()
    return count


def put_back_removed(mark: Mark, user: User, removed: Removed) -> int:
    """How many of the pictures that lost the mark by one change carry it again, at their place."""
    places = dict(removed.places)
    with writing():
        mark.lock()
        seen = mark.fitting(user).filter(pk__in=places)
        has = set(mark.rows.filter(image__in=list(places)).values_list("image_id", flat=True))
        rows = [
            mark.row(pk, key, places[pk])
            for pk, key in seen.values_list("pk", "sort_key")
            if pk not in has
        ]
        mark.rows.model.objects.bulk_create(rows, batch_size=BATCH)
        mark.touch()
    return len(rows)


def marked(mark: Mark, images: Iterable[Image]) -> set[UUID]:
    """Which of these pictures carry it."""
    found: set[UUID] = set(
        mark.rows.filter(image__in=[image.pk for image in images]).values_list(
            "image_id", flat=True
        )
    )
    return found
