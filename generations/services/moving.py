"""Pictures that go from one gallery into another, or hang in another too."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from generations import policy, watch
from generations.models import (
    AlbumImage,
    Image,
    ImageTag,
    ModerationCheck,
    ReviewState,
    Team,
    User,
)
from generations.models.team import space_of
from generations.queries.moderation import suspected
from generations.services.changes import Change, Copied, batches_of
from generations.transactions import writing

# What was decided elsewhere says nothing here; what the automatic check found is in the picture.
UNREVIEWED = {"review_state": ReviewState.PENDING, "queued_at": None, "held_until": None}


def move_images(user: User, ids: Sequence[UUID], into: Team | None) -> Change:
    """Into a team's gallery, or with no team into the person's own; with their hearts.

    Tags and albums are a gallery's own: they come off. Who saw the pictures only where they hung
    doesn't from now on. What hangs there already stays where it is. May run twice.
    """
    whole = Change()
    for batch in batches_of(user, ids):
        with writing():
            found = _held(user, batch, into)
            lacking = _lacking(found, user, into)
            moved = {image.pk: image.space for image in lacking}
            ImageTag.objects.filter(image__in=list(moved)).delete()
            AlbumImage.objects.filter(image__in=list(moved)).delete()
            owner = {} if into else {"owner": user}
            images = Image.objects.filter(pk__in=list(moved))
            images.update(team=into, **UNREVIEWED, **owner)
            _flag_suspects(images)
            watch.bump_on_commit({*moved.values(), _goal(user, into)})
        whole += Change(len(moved), len(found) - len(moved), len(batch) - len(found))
    return whole


def copy_images(user: User, ids: Sequence[UUID], into: Team | None) -> Change:
    """Hang them in a team's gallery, or with no team in the person's own, too.

    The copy is that gallery's: it has tags, albums, hearts and verdicts of its own, and it stays
    whatever becomes of the picture. Nothing is paid for it. May run twice.
    """
    moment, whole = timezone.now(), Change()
    for batch in batches_of(user, ids):
        with writing():
            found = _held(user, batch, into)
            lacking = _lacking(found, user, into)
            _make_room(lacking, user, into)
            copies = {image.pk: _copy(image, user, into, moment) for image in lacking}
            Image.objects.bulk_create(copies.values())
            _copy_checks(copies)
            _flag_suspects(Image.objects.filter(pk__in=[copy.pk for copy in copies.values()]))
            watch.bump_on_commit({_goal(user, into)})
        whole += Change(len(lacking), len(found) - len(lacking), len(batch) - len(found))
    return replace(whole, undo=Copied(moment.isoformat()) if whole.done else None)


def _goal(user: User, into: Team | None) -> int:
    return space_of(user.pk, into.pk if into else None)


def _held(user: User, ids: Sequence[UUID], into: Team | None) -> list[Image]:
    """Nobody throws them away, and nobody else copies them, until the transaction ends."""
    found = policy.movable_images(user, into).filter(pk__in=ids)
    return list(found.select_for_update(no_key=True).order_by("pk"))


def _lacking(images: Sequence[Image], user: User, into: Team | None) -> list[Image]:
    """Those of which that gallery has neither the picture nor a copy; of several, the first."""
    there = set(_in_goal(images, user, into, trashed_at=None).values_list("attempt", "index"))
    lacking = {(image.attempt_id, image.index): image for image in reversed(images)}
    return [image for place, image in reversed(lacking.items()) if place not in there]


def _in_goal(images: Sequence[Image], user: User, into: Team | None, **having: Any) -> Any:
    attempts = [image.attempt_id for image in images]
    return Image.objects.filter(space=_goal(user, into), attempt__in=attempts, **having)


def _make_room(images: Sequence[Image], user: User, into: Team | None) -> None:
    """A copy in that gallery's trash would be a second one if somebody had it back."""
    thrown = _in_goal(images, user, into, copied_at__isnull=False, trashed_at__isnull=False)
    wanted = {(image.attempt_id, image.index) for image in images}
    rows = thrown.values_list("pk", "attempt", "index")
    ids = [pk for pk, *place in rows if tuple(place) in wanted]
    Image.objects.filter(pk__in=ids).update(trashed_at=policy.GIVEN_UP)


def _copy(image: Image, user: User, into: Team | None, moment: datetime) -> Image:
    """Whoever made it stays its maker in a team; in one's own gallery it is one's own."""
    columns = [each.attname for each in Image._meta.concrete_fields if not each.generated]
    fields = {name: getattr(image, name) for name in columns}
    fields |= {"id": uuid.uuid4(), "team_id": into.pk if into else None, "is_hidden": False}
    fields |= UNREVIEWED | {"review_holder_id": None}
    fields |= {"copied_by_id": user.pk, "copied_at": moment}
    return Image(**fields | ({} if into else {"owner_id": user.pk}))


def _copy_checks(copies: Mapping[UUID, Image]) -> None:
    """What the automatic check found holds for the copy; what is still unchecked is for both."""
    checks = list(ModerationCheck.objects.filter(image__in=list(copies)))
    for check in checks:
        check.image = copies[check.image_id]  # type: ignore[index]
        check.pk = uuid.uuid4()
    ModerationCheck.objects.bulk_create(checks)


def _flag_suspects(images: QuerySet[Image]) -> None:
    images.filter(suspected()).update(review_state=ReviewState.FLAGGED, queued_at=timezone.now())


def retract_copies(user: User, moment: datetime) -> int:
    """Take back one copying; how many went. One that has become the only one stays."""
    held = Image.objects.filter(attempt=OuterRef("attempt"), index=OuterRef("index"))
    others = held.exclude(pk=OuterRef("pk")).exclude(trashed_at=policy.GIVEN_UP)
    made = policy.retractable_copies(user).filter(Exists(others), copied_at=moment)
    left = made.exclude(trashed_at=policy.GIVEN_UP)
    with writing():
        watch.bump_on_commit(set(left.values_list("space", flat=True).distinct()))
        return left.update(trashed_at=policy.GIVEN_UP)
