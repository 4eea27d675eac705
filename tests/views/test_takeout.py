"""Everything of one person as one ZIP, which another gallery takes in."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from generations import storage
from generations.models import Image, PromptTemplate, SavedSearch, User
from generations.pipeline import takeout
from generations.services.album import album_named
from generations.services.image import trash_images
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.throttle import EXPORT
from tests.conftest import Hang
from tests.management.moving import hung

pytestmark = [pytest.mark.django_db(transaction=True)]

SHA256 = hashlib.sha256(b"x").hexdigest()


def taken(client: Client) -> zipfile.ZipFile:
    response: Any = client.get("/account/export/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    found = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert found.testzip() is None
    return found


def test_everything_of_ones_own_and_nothing_else(
    as_alice: Client, image: Image, alice: User, carol: User, submit: Any
) -> None:
    submit(carol, "canary-carol")
    put_on(Mark(tag_named(alice, "Best")), alice, [image.pk])
    PromptTemplate.objects.create(owner=alice, name="Mornings", text="In {place}")
    SavedSearch.objects.create(owner=alice, name="Boats", query="q=boats")
    found = taken(as_alice)
    stem = f"pictures/{image.created_at:%Y-%m}/mesh-{image.pk.hex[:12]}"
    assert found.namelist() == [
        *("account.json", "gallery.json", f"{stem}.png", f"{stem}.json", "prompts.json"),
    ]
    assert found.read(f"{stem}.png") == b"".join(storage.get_store().open(image.key).chunks)
    assert json.loads(found.read(f"{stem}.json"))["gallery"]["tags"] == ["Best"]
    account = json.loads(found.read("account.json"))
    assert account["templates"] == [{"name": "Mornings", "text": "In {place}"}]
    assert account["searches"] == [{"name": "Boats", "query": "q=boats"}]
    (asked,) = json.loads(found.read("prompts.json"))
    assert asked["prompt"] == "canary-alice <b>fox</b>"
    assert not [name for name in found.namelist() if b"canary-carol" in found.read(name)]


def test_secrets_stay(as_alice: Client, alice: User) -> None:
    text = taken(as_alice).read("account.json").decode()
    assert alice.password not in text
    assert not [row.key for row in alice.sessions.all() if row.key in text]


def test_import_takes_it_in(
    as_alice: Client, image: Image, alice: User, bob: User, tmp_path: Path
) -> None:
    put_on(Mark(tag_named(alice, "Best")), alice, [image.pk])
    put_on(Mark(album_named(alice, "Foxes")), alice, [image.pk])
    (tmp_path / "all.zip").write_bytes(taken(as_alice).fp.getvalue())  # type: ignore[union-attr]
    assert hung(tmp_path / "all.zip", bob)[:2] == (0, "1 picture imported.")
    moved = Image.objects.get(owner=bob)
    assert moved.sha256 == image.sha256
    assert moved.generation.prompt == image.generation.prompt
    assert [each.tag.name for each in moved.image_tags.all()] == ["Best"]
    assert [each.album.name for each in moved.album_images.all()] == ["Foxes"]


def test_more_than_one_batch_and_the_trash(
    as_alice: Client, alice: User, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeout, "BATCH", 2)
    monkeypatch.setattr(takeout, "PROMPTS", 2)
    images = [hang(alice, extension="png") for _ in range(5)]
    for each in images:
        storage.get_store().put_new(each.key, b"x", sha256=SHA256, content_type="image/png")
    trash_images(alice, [images[0].pk])
    found = taken(as_alice)
    assert len([name for name in found.namelist() if name.endswith(".png")]) == 5
    assert len(json.loads(found.read("prompts.json"))) == 5


def test_somebody_new_takes_an_empty_gallery_along(as_alice: Client) -> None:
    found = taken(as_alice)
    assert found.namelist() == ["account.json", "gallery.json", "prompts.json"]
    assert json.loads(found.read("prompts.json")) == []


def test_lost_picture_is_told(as_alice: Client, alice: User, hang: Hang) -> None:
    lost = hang(alice, extension="png")
    assert lost.filename in taken(as_alice).read("errors.txt").decode()


def test_exports_are_few(as_alice: Client) -> None:
    answers = [as_alice.get("/account/export/").status_code for _ in range(EXPORT.free + 2)]
    assert answers == [200] * (EXPORT.free + 1) + [429]
