from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Lower

from generations import policy, wording
from generations.models import User
from generations.queries.facets import address
from generations.queries.filters import GalleryFilter


@dataclass(frozen=True, slots=True)
class TagRow:
    id: int
    name: str
    count_text: str
    url: str
    can_change: bool


def tag_rows(user: User, team: str = "") -> Sequence[TagRow]:
    """One gallery's tags by name, with how many pictures hang under each."""
    hangs = Q(image_tags__image__trashed_at=None, image_tags__image__is_hidden=False)
    hangs &= policy.shown_to(user, "image_tags__image__")
    tags = policy.tags_of(user, team).annotate(count=Count("image_tags", filter=hangs))
    changeable = set(policy.changeable_tags(user).values_list("pk", flat=True)) if team else None
    return [
        TagRow(
            tag.pk,
            tag.name,
            wording.count(tag.count, "picture"),
            address(GalleryFilter(team=team, tag=(tag.pk,))),
            changeable is None or tag.pk in changeable,
        )
        for tag in tags.order_by(Lower("name"))
    ]
