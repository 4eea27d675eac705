"""Forgets somebody who asked for it, step by step; each may be cut off, and run twice at once.

A picture's row goes only after its objects: `empty_trash` does that to what is given up here. Money
keeps its rows, and what a team was given stays the team's.
"""

import time

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from generations import lifecycle, policy
from generations.models import (
    Album,
    AlbumImage,
    Attempt,
    DismissedNotice,
    Erasure,
    Favorite,
    Generation,
    Image,
    ImageTag,
    ModerationCheck,
    PromptTemplate,
    SavedSearch,
    ShareLink,
    Tag,
    User,
)
from generations.models.generation import UNFINISHED
from generations.transactions import writing

BATCH = 200
SECONDS = 10.0


def go_on() -> None:
    """Bounded in time: the next turn goes on."""
    until = time.monotonic() + SECONDS
    for erasure in Erasure.objects.filter(ended_at=None).select_related("user"):
        while time.monotonic() < until and _step(erasure.user):
            pass
        if not _is_left(erasure.user):
            with writing():
                Erasure.objects.filter(pk=erasure.pk).update(ended_at=Now())


def look_again() -> None:
    """An answer may come to light long after: what it brought goes, too."""
    for erasure in Erasure.objects.exclude(ended_at=None).select_related("user").iterator():
        if _is_left(erasure.user):
            with writing():
                Erasure.objects.filter(pk=erasure.pk).update(ended_at=None)


def _step(user: User) -> bool:
    """A batch of the first kind that is left; whether there was any."""
    steps = (_cancel, _give_up_pictures, _unsort, _unsay)
    return any(step(user) for step in steps)


def _is_left(user: User) -> bool:
    return (
        _pictures(user).exists()
        or Attempt.objects.filter(UNFINISHED, owner=user).exists()
        or _said(user).exists()
        or any(rows.exists() for rows in _sorted(user))
    )


def _cancel(user: User) -> bool:
    """What was sent is left to its end: it may be charged."""
    wished = Generation.objects.filter(
        attempts__in=Attempt.objects.filter(UNFINISHED, owner=user), cancel_requested_at=None
    )
    runs = list(wished.distinct()[:BATCH])
    with writing():
        Generation.objects.filter(pk__in=[run.pk for run in runs]).update(cancel_requested_at=Now())
    for run in runs:
        lifecycle.cancel_unsent(run)
    return bool(runs)


def _pictures(user: User) -> QuerySet[Image]:
    return Image.objects.filter(space=user.pk)


def _give_up_pictures(user: User) -> bool:
    kept = _pictures(user).exclude(trashed_at=policy.GIVEN_UP)
    ids = list(kept.values_list("pk", flat=True)[:BATCH])
    with writing():
        Image.objects.filter(pk__in=ids).update(
            trashed_at=policy.GIVEN_UP, revised_prompt="", alt_text=""
        )
    return bool(ids)


def _sorted(user: User) -> list[QuerySet[Model]]:
    """What they made of their pictures; what hangs on another row comes before it."""
    own = Q(owner=user, team=None)
    tags, albums = Tag.objects.filter(own), Album.objects.filter(own)
    return [
        ShareLink.objects.filter(creator=user),
        DismissedNotice.objects.filter(user=user),
        Favorite.objects.filter(user=user),
        ImageTag.objects.filter(tag__in=tags),
        AlbumImage.objects.filter(album__in=albums),
        tags,
        albums,
        SavedSearch.objects.filter(own),
        PromptTemplate.objects.filter(own),
    ]


def _unsort(user: User) -> bool:
    for rows in _sorted(user):
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if ids:
            with writing():
                rows.model._default_manager.filter(pk__in=ids).delete()
            return True
    return False


def _said(user: User) -> QuerySet[Generation]:
    """Prompts nobody needs any more: neither a call on its way nor a picture elsewhere, in a team
    or with whoever took it out of one."""
    running = Attempt.objects.filter(UNFINISHED, owner=user).values("generation")
    elsewhere = Image.objects.filter(generation=OuterRef("pk")).exclude(space=user.pk)
    words = Generation.objects.filter(owner=user, team=None).exclude(prompt="")
    return words.exclude(pk__in=running).exclude(Exists(elsewhere))


def _unsay(user: User) -> bool:
    """The hash of the fields goes, too: who guesses a prompt could prove it by that. So does what
    the automatic check found in it."""
    runs = list(_said(user).only("pk")[:BATCH])
    with writing():
        for run in runs:
            Generation.objects.filter(pk=run.pk).update(
                prompt="", parameters={}, template=None, fields_hash=run.pk.hex
            )
            Attempt.objects.filter(generation=run).update(message="", answered={})
            ModerationCheck.objects.filter(generation=run, image=None).delete()
    return bool(runs)
