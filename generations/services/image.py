"""Keeping, throwing away and having back pictures, one or ten thousand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from generations import policy, watch
from generations.models import Image, User
from generations.services.changes import Change, Trashed, batches_of
from generations.transactions import writing


def trash_images(user: User, ids: Sequence[UUID]) -> Change:
    """Out of every list at once; their bytes go thirty days later. May run twice."""
    moment = timezone.now()
    whole = Change()
    for batch in batches_of(user, ids):
        with writing():
            done = policy.changeable_images(user).filter(pk__in=batch).update(trashed_at=moment)
            there = policy.restorable_images(user).filter(pk__in=batch).count()
        whole += Change(done, there - done, len(batch) - there)
    return replace(whole, undo=Trashed(moment.isoformat()) if whole.done else None)


def restore_images(user: User, ids: Sequence[UUID]) -> Change:
    """Back to where they hung, their hearts, tags and albums with them. May run twice."""
    whole = Change()
    for batch in batches_of(user, ids):
        with writing():
            done = policy.restorable_images(user).filter(pk__in=batch).update(trashed_at=None)
            there = policy.changeable_images(user).filter(pk__in=batch).count()
        whole += Change(done, there - done, len(batch) - there)
    return whole


def delete_images(user: User, ids: Sequence[UUID]) -> Change:
    """Out of the trash for good: nobody sees them again, and the worker removes their bytes.

    Only what is in the trash; anything else counts as not found.
    """
    whole = Change()
    for batch in batches_of(user, ids):
        with writing():
            done = (
                policy.restorable_images(user)
                .filter(pk__in=batch)
                .update(trashed_at=policy.GIVEN_UP)
            )
        whole += Change(done, 0, len(batch) - done)
    return whole


def restore_trashed_at(user: User, moment: datetime) -> int:
    """Take back one throwing away; how many of its pictures were still in the trash."""
    with writing():
        return policy.restorable_images(user).filter(trashed_at=moment).update(trashed_at=None)


def describe_image(image: Image, *, alt_text: str) -> None:
    """What the picture shows, for who can't see it; empty: the prompt speaks. May run twice."""
    with writing():
        Image.objects.filter(pk=image.pk).update(alt_text=alt_text)


def keep_in_gallery(image: Image) -> None:
    """A picture that came after one had stopped waiting takes its place. May run twice."""
    with writing():
        Image.objects.filter(pk=image.pk, is_hidden=True).update(is_hidden=False)
        watch.bump_on_commit([image.space])
