"""Pictures against what lies in the store, on files and on a real S3 server."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from generations import lifecycle, storage
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import housekeeping, run, sizes
from generations.pipeline.reconcile.findings import Wishes
from generations.pipeline.reconcile.pictures import pictures
from generations.queries.audit.objects import strays
from generations.services.image import delete_images, trash_images
from generations.storage import keys
from generations.storage.s3 import S3Store
from tests.queries.audit.conftest import Submit, make_old, path_of
from tests.support.sandbox import Sandbox
from tests.support.seaweed import ACCESS_KEY, SECRET_KEY, s3_shared_store, s3_store, seaweed

__all__ = ["s3_shared_store", "s3_store", "seaweed"]

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Breaches = Callable[..., dict[str, list[str]]]


def put(key: str, content: bytes = b"bytes") -> None:
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    make_old(path)


def test_all_that_belongs_together_is_no_breach(breaches: Breaches, kept: Image) -> None:
    store = storage.get_store()
    put("quarantine/something/0-0123456789abcdef.bin")
    assert len(list(store.keys("v1/"))) == 4
    assert breaches() == {}


def test_picture_without_its_original(breaches: Breaches, kept: Image) -> None:
    path_of(kept.key).unlink()
    assert breaches() == {"I6": [f"image {kept.pk} lacks its original"]}
    assert breaches("--quick") == {"I6": [f"image {kept.pk} lacks its original"]}


def test_picture_without_anything(breaches: Breaches, kept: Image) -> None:
    for key in list(storage.get_store().keys()):
        path_of(key).unlink()
    lacking = ["lacks its original", *["lacks a size"] * 3]
    assert breaches() == {"I6": [f"image {kept.pk} {what}" for what in lacking]}


def test_picture_without_a_size(breaches: Breaches, kept: Image) -> None:
    path_of(keys.derived_key(kept.key, 640)).unlink()
    assert breaches() == {"I6": [f"image {kept.pk} lacks a size"]}


def test_original_of_another_size(breaches: Breaches, kept: Image) -> None:
    with path_of(kept.key).open("ab") as file:
        file.write(b"more")
    expected = {"I6": [f"image {kept.pk} has an original of another size"]}
    assert (breaches(), breaches("--quick")) == (expected, expected)


def test_original_with_other_bytes_needs_the_whole_look(breaches: Breaches, kept: Image) -> None:
    with path_of(kept.key).open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    assert breaches() == {"I6": [f"image {kept.pk} has other bytes than it came with"]}
    assert breaches("--quick") == {}


def test_object_without_a_picture(breaches: Breaches, kept: Image) -> None:
    before = f"v1/{uuid4()}/{uuid4()}/0-0123456789abcdef.png"
    beside = keys.original_key(kept.generation_id, kept.attempt_id, 1, "0" * 64, "png")
    foreign = "v1/notes.txt"
    for key in (before, beside, foreign):
        put(key)
    expected = {f"{key} is an object without a picture" for key in (before, beside, foreign)}
    found = breaches()
    assert (list(found), set(found["I6"])) == (["I6"], expected)


def test_object_of_the_last_minutes_may_get_its_picture_yet(breaches: Breaches) -> None:
    key = f"v1/{uuid4()}/{uuid4()}/0-0123456789abcdef.png"
    put(key)
    path_of(key).touch()
    assert breaches() == {}


@pytest.mark.parametrize("is_over", [False, True])
def test_object_of_an_attempt_that_goes_on_is_let_be(
    breaches: Breaches, unknown: Attempt, is_over: bool
) -> None:
    """It was written, and then the worker or the database went away: it is found again."""
    key = keys.original_key(unknown.generation_id, unknown.pk, 0, "0" * 64, "png")
    put(key)
    if is_over:
        lifecycle.resolve_unknown(unknown, is_charged=True)
    expected = {"I6": [f"{key} is an object without a picture"]}
    assert breaches() == (expected if is_over else {})


def test_many_pictures_walk_side_by_side(
    breaches: Breaches, kept: Image, alice: User, submit: Submit
) -> None:
    """Forty pictures and their objects in step; one in seven lacks its original."""
    content = path_of(kept.key).read_bytes()
    lacking = set()
    for number in range(40):
        attempt = _stored(submit(alice))
        image = Image(
            **{name: getattr(kept, name) for name in ("mime", "extension", "sha256", "size_bytes")},
            **{"width": 1, "height": 1, "slot": 0, "index": 0, "sort_key": 0, "edges": []},
            generation=attempt.generation,
            attempt=attempt,
            owner=alice,
            key=keys.original_key(attempt.generation_id, attempt.pk, 0, kept.sha256, "png"),
            sizes_done=True,
            created_at=timezone.now(),
        )
        image.save()
        if number % 7 == 0:
            lacking.add(str(image.pk))
        else:
            put(image.key, content)
    found = {str(stray.image.pk): stray.what for stray in strays(is_quick=False) if stray.image}
    assert found == dict.fromkeys(lacking, "lacks its original")


def _stored(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("a worker", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    for state in (lifecycle.S.RECEIVED, lifecycle.S.STORED):
        lifecycle.move(attempt, state, is_vacant=False)
    return attempt


def test_store_that_is_away_is_no_all_clear(breaches: Breaches, settings: Any, db: None) -> None:
    settings.S3_BUCKET = "pictures"
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "none-of-any-use"
    storage.reset_store()
    assert breaches() == {}  # and the exit code, compared there, is 1


@pytest.fixture
def on_s3(settings: Any, s3_store: S3Store) -> S3Store:
    settings.S3_BUCKET = s3_store.where.bucket
    settings.S3_ENDPOINT_URL = s3_store.where.endpoint_url
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = ACCESS_KEY, SECRET_KEY
    return s3_store


@pytest.mark.s3
def test_the_same_on_s3(on_s3: S3Store, sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    lacking, changed = Image.objects.order_by("pk")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert list(strays(is_quick=False)) == []
        on_s3.delete(lacking.key)
        on_s3.delete(changed.key)
        orphan = f"v1/{uuid4()}/{uuid4()}/0-0123456789abcdef.png"
        for key in (changed.key, orphan):
            digest = sha256(b"other bytes").hexdigest()
            on_s3.put_new(key, b"other bytes", sha256=digest, content_type="image/png")
        found = {(stray.key, stray.what) for stray in strays(is_quick=False)}
    assert found == {
        (lacking.key, "lacks its original"),
        (changed.key, "has an original of another size"),
        (orphan, "is an object without a picture"),
    }


def test_nothing_is_left_of_what_was_deleted_for_good(
    alice: User, kept: Image, breaches: Breaches
) -> None:
    trash_images(alice, [kept.pk])
    assert breaches() == {}
    delete_images(alice, [kept.pk])
    assert breaches() == {}
    housekeeping.empty_trash()
    assert not Image.objects.exists()
    assert breaches() == {}
    assert [finding.what for finding in pictures(Wishes())] == []
