"""What somebody threw away and can still have back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations import policy, wording
from generations.models import Image, User
from generations.queries.albums import picture_cards
from generations.queries.cards import Card
from generations.queries.filters import GalleryFilter
from generations.queries.sorting import results

PAGE = 60
EPOCH = policy.GIVEN_UP


@dataclass(frozen=True, slots=True)
class Days:
    """Cards that have equally long."""

    label: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class TrashPage:
    groups: Sequence[Days]
    after: str  # the next page's cursor; empty on the last


def trash_page(user: User, team: str = "", *, after: tuple[int, int] | None = None) -> TrashPage:
    """What was thrown away last first, under the days it is kept for."""
    images = results(user, GalleryFilter(team=team), is_trash=True)
    if after:
        moment, key = EPOCH + timedelta(microseconds=after[0]), after[1]
        images = images.filter(Q(trashed_at__lt=moment) | Q(trashed_at=moment, sort_key__lt=key))
    found = picture_cards(images[: PAGE + 1], user)
    page = found[:PAGE]
    groups = [
        Days(label, [trashed_card(image, card) for image, card in group])
        for label, group in groupby(page, key=lambda pair: left_text(pair[0].trashed_at))
    ]
    return TrashPage(groups, _cursor(page[-1][0]) if len(found) > PAGE else "")


def left_text(trashed_at: datetime | None) -> str:
    """“12 days left”, rounded down: nobody counts on more than there is."""
    left = (trashed_at or EPOCH) + policy.TRASH_KEPT - timezone.now()
    return f"{wording.count(left.days, 'day')} left" if left.days else "Less than a day left"


def trashed_card(image: Image, card: Card) -> Card:
    """Its previews are served by the trash alone; its page offers to have it back."""
    url = reverse("trashed", args=[image.pk])
    address = f"{url}{{}}".format
    edges = [tuple(edge) for edge in image.edges]
    return replace(
        card,
        url=url,
        src=address(edges[0][0]) if edges else "",
        srcset=", ".join(f"{address(edge)} {width}w" for edge, width, _ in edges[:2]),
        hidden=False,
        actions=(),
    )


def _cursor(image: Image) -> str:
    moment = (image.trashed_at or EPOCH) - EPOCH
    return f"{moment // timedelta(microseconds=1)}.{image.sort_key}"
