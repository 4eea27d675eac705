"""Pictures that go from one gallery into another."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from generations import policy, watch
from generations.models import AlbumImage, Image, ImageTag, ReviewState, Team, User
from generations.queries.moderation import suspected
from generations.services.changes import Change, batches_of
from generations.transactions import writing

# What was decided elsewhere says nothing here; what the automatic check found is in the picture.
UNREVIEWED = {"review_state": ReviewState.PENDING, "queued_at": None, "held_until": None}


def move_images(user: User, ids: Sequence[UUID], into: Team | None) -> Change:
    """Into a team's gallery, or with no team into the person's own; with their hearts.

    Tags and albums are a gallery's own: they come off. Who saw the pictures only where they hung
    doesn't from now on. May run twice.
    """
    whole = Change()
    for batch in batches_of(user, ids):
        with writing():
            found = policy.movable_images(user, into).filter(pk__in=batch)
            moved = dict(found.select_for_update().values_list("pk", "space"))
            ImageTag.objects.filter(image__in=list(moved)).delete()
            AlbumImage.objects.filter(image__in=list(moved)).delete()
            owner = {} if into else {"owner": user}
            images = Image.objects.filter(pk__in=list(moved))
            images.update(team=into, **UNREVIEWED, **owner)
            images.filter(suspected()).update(
                review_state=ReviewState.FLAGGED, queued_at=timezone.now()
            )
            goal = -into.pk if into else user.pk
            watch.bump_on_commit({*moved.values(), goal})
        whole += Change(len(moved), 0, len(batch) - len(moved))
    return whole
