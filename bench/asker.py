"""One process that asks one seeded database, over and over.

Reads a JSON line `{"name", "repeats"}`, answers with one: wall seconds of each go in the database,
how many queries the last took and how many rows it found. Names are those of `pages` (found there:
nothing) and `questions`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from generations.models import Album, Attempt, AttemptState, Image, Tag, User
from generations.queries.filters import EVERYTHING, GalleryFilter
from generations.queries.found import newest_wanted
from generations.queries.gallery import PAGE, page_of

OWNER = "demo"
Work = Callable[[], Sequence[object] | None]
UNSENT = [AttemptState.READY, AttemptState.HELD, AttemptState.CLAIMED]


class Asker:
    def __init__(self) -> None:
        self.user = User.objects.get(username=OWNER)
        self.client = Client()
        self.client.force_login(self.user)
        self.deep = self._key_at(0.9)
        self.second = self._forget_empty_tiles(None)
        self._forget_empty_tiles(self.second)
        self._forget_empty_tiles(self.deep)

    def _key_at(self, share: float) -> int:
        keys = Image.objects.filter(owner=self.user).order_by("-sort_key").values_list("sort_key")
        return int(keys[int(keys.count() * share)][0])

    def _forget_empty_tiles(self, after: int | None) -> int:
        """A measured page shows pictures alone: by chance one would have more to say. Its end."""
        last = page_of(self.user, after=after).after or 0
        Attempt.objects.filter(
            owner=self.user, is_vacant=True, sort_key__gte=last, sort_key__lte=after or 2**62
        ).update(is_vacant=False)
        return page_of(self.user, after=after).after or 0

    def get(self, address: str, **headers: str) -> None:
        answer = self.client.get(address, headers={"host": "127.0.0.1", **headers})
        assert answer.status_code == 200, answer.status_code
        shown = answer.content.count(b"data-slot=")
        assert shown == PAGE, f"{shown} tiles at {address}"

    def pages(self) -> dict[str, Work]:
        return {
            "page": lambda: self.get("/"),
            "next page": lambda: self.get(f"/?after={self.second}", **{"HX-Request": "true"}),
            "deep page": lambda: self.get(f"/?after={self.deep}"),
        }

    def questions(self) -> dict[str, Work]:
        user, today = self.user, timezone.now().date()
        tag = Tag.objects.filter(owner=user, image_tags__isnull=False).first()
        album = Album.objects.filter(owner=user, album_images__isnull=False).first()
        assert tag
        assert album
        filters = {
            "newest page": EVERYTHING,
            "a common model": GalleryFilter(model=("openai/gpt-image-1",)),
            "a rare model": GalleryFilter(model=("luma/photon-preview",)),
            "two models": GalleryFilter(model=("openai/gpt-image-1", "vertex/imagen-3")),
            "a shape": GalleryFilter(shape=("portrait",)),
            "a quality": GalleryFilter(quality=("high",)),
            "a size": GalleryFilter(size=("1024x1536",)),
            "days": GalleryFilter(
                since=today - timedelta(days=400), until=today - timedelta(days=300)
            ),
            "favourites": GalleryFilter(fav=True),
            "a tag": GalleryFilter(tag=(tag.pk,)),
            "an album": GalleryFilter(album=album.pk),
            "a common word": GalleryFilter(q="small"),
            "two words": GalleryFilter(q="fox photograph"),
            "a phrase": GalleryFilter(q='"golden hour"'),
            "a rare word": GalleryFilter(q="theodolite"),
            "no such word": GalleryFilter(q="xylophonist"),
        }
        found: dict[str, Work] = {name: self._newest(wanted) for name, wanted in filters.items()}
        found["deep page"] = self._newest(EVERYTHING, below=self.deep)
        found["unfinished"] = lambda: list(
            Attempt.objects.filter(state__in=UNSENT, owner=user).order_by("created_at")[:PAGE]
        )
        return found

    def _newest(self, wanted: GalleryFilter, below: int | None = None) -> Work:
        return lambda: list(
            newest_wanted(wanted, self.user, below=below, most=PAGE + 1).values_list("pk")
        )


@contextmanager
def counted() -> Iterator[list[float]]:
    """Seconds of every query, from asking to having its rows."""
    seconds: list[float] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds.append(time.perf_counter() - began)

    with connection.execute_wrapper(note):
        yield seconds


def main() -> None:
    asker = Asker()
    works = {f"page: {name}": work for name, work in asker.pages().items()}
    works |= asker.questions()
    print(json.dumps(sorted(works)), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        took = []
        queries = rows = 0
        for _ in range(asked["repeats"]):
            with counted() as seconds:
                found = works[asked["name"]]()
            took.append(sum(seconds))
            queries, rows = len(seconds), len(found or ())
        print(json.dumps({"seconds": took, "queries": queries, "rows": rows}), flush=True)
