"""Hearts, tags and albums over seeded pictures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any

from django.db.models import Max

from generations.management.seeding import vocabulary
from generations.management.seeding.bulk import Table
from generations.management.seeding.vocabulary import words
from generations.models import Album, AlbumImage, Favorite, ImageTag, Tag, User

LIKED_SHARE, TAGGED_SHARE, FILED_SHARE = 0.08, 0.12, 0.1
TAGS_EACH, ALBUMS_EACH = 8, 5
MARK = "Made by seed_demo."  # an album's description

FAVORITES = Table(Favorite, "user_id", "image_id", "sort_key", "created_at")
IMAGE_TAGS = Table(ImageTag, "tag_id", "image_id", "sort_key")
ALBUM_IMAGES = Table(AlbumImage, "album_id", "image_id", "position", "sort_key")


class Sorter:
    """Everybody's tags and albums, and which pictures go there."""

    def __init__(self, chance: Random, people: Sequence[User], *, now_text: str) -> None:
        self._chance = chance
        self._now_text = now_text
        self._tags = _tags_of(people, chance)
        self._albums = _albums_of(people, chance)
        last = Album.objects.filter(owner__in=people).annotate(last=Max("album_images__position"))
        self._positions = Counter({album.pk.hex: album.last or 0 for album in last})

    def sort(self, hanging: Sequence[tuple[int, str, int]]) -> None:
        """Inside the caller's transaction."""
        chance = self._chance
        liked = [each for each in hanging if chance.random() < LIKED_SHARE]
        tagged = [each for each in hanging if chance.random() < TAGGED_SHARE]
        filed = [each for each in hanging if chance.random() < FILED_SHARE]
        FAVORITES.insert((owner, image, key, self._now_text) for owner, image, key in liked)
        IMAGE_TAGS.insert(
            (chance.choice(self._tags[owner]), image, key) for owner, image, key in tagged
        )
        ALBUM_IMAGES.insert(self._filed(*each) for each in filed)

    def _filed(self, owner: int, image: str, sort_key: int) -> tuple[Any, ...]:
        album = self._chance.choice(self._albums[owner])
        self._positions[album] += 1
        return album, image, self._positions[album], sort_key


def _tags_of(people: Sequence[User], chance: Random) -> dict[int, list[int]]:
    """Everybody's tags by owner: what they have of our words already, and what is made now."""
    names = words(vocabulary.TAGS)
    Tag.objects.bulk_create(
        [Tag(owner=user, name=name) for user in people for name in chance.sample(names, TAGS_EACH)],
        ignore_conflicts=True,
    )
    found = defaultdict(list)
    rows = Tag.objects.filter(owner__in=people, name__in=names)
    for owner, tag in rows.values_list("owner", "pk"):
        found[owner].append(tag)
    return found


def _albums_of(people: Sequence[User], chance: Random) -> dict[int, list[str]]:
    names = words(vocabulary.ALBUMS)
    Album.objects.bulk_create(
        [
            Album(owner=user, name=name, description=MARK)
            for user in people
            for name in chance.sample(names, ALBUMS_EACH)
        ],
        ignore_conflicts=True,
    )
    found = defaultdict(list)
    rows = Album.objects.filter(owner__in=people, description=MARK)
    for owner, album in rows.values_list("owner", "pk"):
        found[owner].append(album.hex)
    return found
