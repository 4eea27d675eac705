"""Made-up galleries: believable, within every promise, and gone again without a trace."""

import os
import time
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from generations import lifecycle, policy
from generations.management.seeding import bulk, pool, rows
from generations.management.seeding.prompts import new_prompt
from generations.models import (
    Album,
    AlbumImage,
    Attempt,
    AttemptState,
    Favorite,
    Generation,
    Image,
    ImageTag,
    ImageText,
    LedgerEntry,
    Tag,
    User,
)
from generations.models.generation import sort_key
from generations.pipeline import housekeeping
from generations.pipeline.reconcile import Wishes, findings
from generations.queries import audit
from generations.queries.filters import GalleryFilter, images_wanted

pytestmark = [pytest.mark.db, pytest.mark.django_db]

IMAGES = 240
SEEDED = (Generation, Attempt, Image, ImageText, Favorite, ImageTag, AlbumImage, Album, Tag)


@pytest.fixture(autouse=True)
def few_drawn(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(pool, "LARGEST", 4)
    settings.VAR_DIR = tmp_path  # the logs of this machine are no part of a test
    # Every way of ending without a picture, also among few.
    often = [(*ending[:3], 400) for ending in rows.OTHER_ENDS]
    monkeypatch.setattr(rows, "OTHER_ENDS", often)


def seed(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def breaches() -> list[str]:
    results = audit.audit(audit.Options())
    return [f"{each.id}: {each.examples}" for each in results if not each.is_good]


def objects(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_seeding_keeps_every_promise(settings: Any) -> None:
    told = seed("--images", str(IMAGES), "--seed", "7")
    assert "240 pictures hung in the galleries of 3 people" in told
    assert Image.objects.count() == ImageText.objects.count() == IMAGES
    assert Image.objects.values("key").distinct().count() == 4
    for path in objects(settings.PICTURES_DIR):
        os.utime(path, (time.time() - 3600,) * 2)
    states = {"stored", "rejected_free", "charged_unusable", "unknown", "canceled", "ready"}
    assert set(Attempt.objects.values_list("state", flat=True)) == states
    assert not Attempt.objects.filter(state=AttemptState.STORED, is_vacant=True).exists()
    assert breaches() == []
    assert list(findings(Wishes(reads_pictures=True))) == []
    assert not LedgerEntry.objects.exists()


def test_a_lost_pool_picture_is_told_once_for_all_that_show_it(settings: Any) -> None:
    seed("--images", "60")
    original = sorted(settings.PICTURES_DIR.glob("seed/*.png"))[0]
    original.unlink()
    result = next(iter(audit.audit(audit.Options(), only=["I6"])))
    assert result.count == 1
    assert result.examples[0].endswith("lacks its original")


def test_an_object_in_the_pool_that_no_row_has_is_told(settings: Any) -> None:
    seed("--images", "30")
    strange = settings.PICTURES_DIR / "seed" / "77-0123456789abcdef-320.webp"
    strange.write_bytes(b"?")
    os.utime(strange, (time.time() - 3600,) * 2)
    result = next(iter(audit.audit(audit.Options(), only=["I6"])))
    assert result.examples == (f"seed/{strange.name} is an object without a picture",)


def test_seeded_galleries_look_like_life() -> None:
    seed("--images", "600", "--seed", "3")
    owners = Counter(Image.objects.values_list("owner__username", flat=True))
    assert owners.most_common(1)[0][0] == "demo"
    assert 0.25 < owners["demo"] / 600 < 0.42
    dates = Generation.objects.order_by("created_at").values_list("created_at", flat=True)
    oldest, newest = dates.first(), dates.last()
    assert oldest is not None
    assert newest is not None
    assert newest <= timezone.now()
    assert newest - oldest > timedelta(days=600)
    assert timezone.now() - newest < timedelta(days=2)
    assert 5 <= len({each.date() for each in dates}) <= 15  # bursts, not a picture a day
    image = Image.objects.select_related("generation").first()
    assert image is not None
    assert abs(image.sort_key - sort_key(image.generation.created_at, image.slot)) <= 16
    assert set(Image.objects.values_list("shape", flat=True)) > {"square", "landscape"}
    assert Image.objects.values("model_id").distinct().count() > 5


def test_seeded_pictures_are_found_by_words_hearts_tags_and_albums() -> None:
    seed("--images", str(IMAGES), "--seed", "7")
    demo = User.objects.get(username="demo")
    hanging = policy.gallery_images(demo).count()
    tag = Tag.objects.filter(owner=demo, image_tags__isnull=False).first()
    album = Album.objects.filter(owner=demo, album_images__isnull=False).first()
    assert tag is not None
    assert album is not None
    wishes = (
        GalleryFilter(q="small"),
        GalleryFilter(fav=True),
        GalleryFilter(tag=(tag.pk,)),
        GalleryFilter(album=album.pk),
    )
    for wanted in wishes:
        assert 0 < images_wanted(wanted, demo).count() < hanging, wanted


def test_words_are_as_frequent_as_their_rank() -> None:
    chance = Random(1)
    prompts = [new_prompt(chance, "forest") for _ in range(2000)]
    foxes, peacocks = (sum(word in each for each in prompts) for word in (" fox", " peacock"))
    assert 300 < foxes < 600
    assert peacocks < 20


def test_seeding_twice_adds_and_shares_albums() -> None:
    seed("--images", "60")
    seed("--images", "60")
    assert Image.objects.count() == 120
    assert Album.objects.filter(owner__username="demo").count() <= 10
    assert breaches() == []


def test_what_is_unfinished_is_never_sent() -> None:
    seed("--images", "60", "--seed", "7")
    ready = Attempt.objects.filter(state=AttemptState.READY)
    before = ready.count()
    assert before > 0
    housekeeping.sweep()
    assert lifecycle.claim("a worker with nothing to do") is None
    assert ready.count() == before


def test_emptying_the_trash_leaves_the_pool(settings: Any) -> None:
    seed("--images", "30")
    before = objects(settings.PICTURES_DIR)
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    housekeeping.empty_trash()
    assert not Image.objects.exists()
    assert objects(settings.PICTURES_DIR) == before


def test_removing_leaves_what_is_not_seeded(settings: Any, hang: Any, alice: User) -> None:
    own = hang(alice)
    Album.objects.create(owner=alice, name="Portfolio")
    Tag.objects.create(owner=alice, name="mine")
    seed("--images", "60", "--user", "alice")
    assert seed("--remove") == "60 pictures taken away.\n"
    assert [model.__name__ for model in SEEDED if model.objects.count() > 1] == []
    assert Image.objects.get() == own
    assert Album.objects.get().name == "Portfolio"
    assert Tag.objects.get().name == "mine"
    assert User.objects.get() == alice
    assert objects(settings.PICTURES_DIR) == []


def test_a_gallery_with_a_real_provider_is_not_seeded_unasked(settings: Any) -> None:
    settings.ON_SANDBOX = False
    with pytest.raises(CommandError, match="--yes"):
        seed("--images", "30")
    assert not Image.objects.exists()
    seed("--images", "30", "--yes")
    assert Image.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_large_load_builds_the_text_index_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LARGE", 10)
    seed("--images", "30")
    demo = User.objects.get(username="demo")
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, "generations_imagetext")
    assert connection.vendor == "sqlite" or "image_text_words" in names
    assert images_wanted(GalleryFilter(q="-nothing"), demo).exists()


@pytest.mark.parametrize("count", ["0", "-3"])
def test_a_number_of_pictures_is_above_zero(count: str) -> None:
    with pytest.raises(CommandError, match="above 0"):
        seed("--images", count)
