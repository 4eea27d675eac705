"""Many pictures as one ZIP, streamed."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image as Pillow

from generations import storage
from generations.errors import Unavailable
from generations.models import Image, User
from generations.pipeline import archive, download
from generations.services.album import album_named
from generations.services.image import trash_images
from generations.services.sorting import Mark, put_on
from generations.storage.base import CHUNK_BYTES, StoreUnavailable
from generations.views import archive as views_archive
from tests.conftest import Hang
from tests.views.conftest import picture_bytes

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Keep = Callable[..., Image]
WHEN = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def keep(hang: Hang) -> Keep:
    """A picture whose original is in the store."""

    def keep_one(owner: User, prompt: str = "a fox", content: bytes = b"pixels") -> Image:
        digest = hashlib.sha256(content).hexdigest()
        made = hang(owner, prompt=prompt, when=WHEN, extension="png", sha256=digest)
        storage.get_store().put_new(made.key, content, sha256=digest, content_type="image/png")
        Image.objects.filter(pk=made.pk).update(size_bytes=len(content))
        return Image.objects.select_related("generation").get(pk=made.pk)

    return keep_one


def opened(response: Any) -> zipfile.ZipFile:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert found.testzip() is None
    return found


def choose(client: Client, *images: Image, **fields: str) -> Any:
    ids = ",".join(str(image.pk) for image in images)
    return client.post("/selection/", {"action": "zip", "ids": ids} | fields)


def test_originals_with_their_sheets(as_alice: Client, alice: User, keep: Keep) -> None:
    fox, hare = keep(alice, "a fox", b"one"), keep(alice, "a hare", b"two")
    response = choose(as_alice, fox, hare)
    assert re.fullmatch(
        r'attachment; filename="mesh-gallery-\d{4}-\d\d-\d\d\.zip"', response["Content-Disposition"]
    )
    found = opened(response)
    stems = [f"2026-05-04-a-fox-{fox.pk.hex[:12]}", f"2026-05-04-a-hare-{hare.pk.hex[:12]}"]
    assert found.namelist() == [f"{stem}.{end}" for stem in stems for end in ("png", "json")]
    assert found.read(f"{stems[0]}.png") == b"one"
    sheet = json.loads(found.read(f"{stems[1]}.json"))
    assert sheet["request"]["prompt"] == "a hare"
    assert sheet["image"]["sha256"] == hare.sha256
    assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}


def test_only_what_one_may_see(
    as_alice: Client, as_carol: Client, alice: User, bob: User, keep: Keep
) -> None:
    own, foreign = keep(alice), keep(bob, "canary-bob")
    assert len(opened(choose(as_alice, own, foreign)).namelist()) == 2
    refused = choose(as_carol, own, foreign)
    assert refused.status_code == 400
    assert "None of these pictures is there any more." in refused.content.decode()


def test_all_results_and_an_album(as_alice: Client, alice: User, keep: Keep) -> None:
    fox, hare = keep(alice, "a fox"), keep(alice, "a hare")
    found = opened(choose(as_alice, all="1", filter="q=hare"))
    assert [name for name in found.namelist() if "hare" in name] == found.namelist()
    album = album_named(alice, "Über/../Coast")
    put_on(Mark(album), alice, [hare.pk, fox.pk])
    response = as_alice.get(f"/albums/{album.pk}/zip")
    assert 'filename="ber-..-Coast-' in response["Content-Disposition"]
    assert [name.split("-")[4] for name in opened(response).namelist()[::2]] == ["hare", "fox"]


def test_album_of_somebody_else(as_carol: Client, alice: User) -> None:
    album = album_named(alice, "canary")
    assert as_carol.get(f"/albums/{album.pk}/zip").status_code == 404
    assert as_carol.get(f"/albums/{uuid4()}/zip").status_code == 404


def test_what_is_missing_is_told_and_breaks_nothing(
    as_alice: Client, alice: User, keep: Keep
) -> None:
    fox, hare, owl = (keep(alice, f"a {name}", name.encode()) for name in ("fox", "hare", "owl"))
    storage.get_store().delete(hare.key)
    response = choose(as_alice, fox, hare, owl)
    Image.objects.filter(pk=owl.pk).delete()  # after it began
    found = opened(response)
    assert found.read("errors.txt").decode() == (
        f"{owl.pk}: gone in the meantime\n{archive.file_name(hare)}: its file is missing\n"
    )
    assert f"{archive.file_name(fox)}" in found.namelist()


@pytest.mark.parametrize("ends", ["trashed", "inactive", "moved"])
def test_what_one_may_not_have_any_more_is_left_out_under_way(
    as_alice: Client,
    alice: User,
    bob: User,
    keep: Keep,
    monkeypatch: pytest.MonkeyPatch,
    ends: str,
) -> None:
    monkeypatch.setattr(archive, "BATCH", 1)
    fox, hare = keep(alice, "a fox"), keep(alice, "a hare")
    pieces = choose(as_alice, fox, hare).streaming_content
    content = next(pieces)
    if ends == "trashed":
        trash_images(alice, [hare.pk])
    elif ends == "moved":
        Image.objects.filter(pk=hare.pk).update(owner=bob)
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)
    found = zipfile.ZipFile(io.BytesIO(content + b"".join(pieces)))
    assert [name for name in found.namelist() if "hare" in name] == []
    assert found.read("errors.txt").decode() == f"{hare.pk}: gone in the meantime\n"


def test_store_that_breaks_off_leaves_a_readable_archive(
    as_alice: Client, alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    fox = keep(alice, "a fox", b"x" * (3 * CHUNK_BYTES))

    def broken(found: Any) -> Any:
        yield next(found.chunks)
        raise StoreUnavailable("The picture store is away.")

    store = storage.get_store()
    whole = store.open(fox.key)
    half = type(whole)(whole.size, whole.length, broken(whole))
    monkeypatch.setattr(store, "open", lambda key: half)
    found = opened(choose(as_alice, fox))
    assert "isn't whole" in found.read("errors.txt").decode()


def test_it_holds_one_piece_at_a_time(alice: User, keep: Keep) -> None:
    image = keep(alice, "a fox", bytes(CHUNK_BYTES * 8))
    pieces = archive.zip_of([image.pk])
    assert max(map(len, pieces)) < 2 * CHUNK_BYTES


def test_picture_beyond_four_gigabytes_gets_long_sizes(
    as_alice: Client, alice: User, keep: Keep
) -> None:
    fox = keep(alice, "a fox", b"tiny, but said to be huge")
    Image.objects.update(size_bytes=5_000_000_000)
    content = b"".join(choose(as_alice, fox).streaming_content)
    version, flags = content[4], content[6]
    assert (version, flags & 0x08) == (45, 0x08)  # ZIP64, sizes behind the bytes
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_reader_that_goes_away_ends_it(
    alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = keep(alice, "a fox", bytes(CHUNK_BYTES * 8))
    store = storage.get_store()
    found = store.open(image.key)
    monkeypatch.setattr(store, "open", lambda key: found)
    pieces = archive.zip_of([image.pk])
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert list(found.chunks) == []


def test_too_many_are_refused(
    as_alice: Client, alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.views.archive.MOST_IN_ZIP", 1)
    assert choose(as_alice, keep(alice), keep(alice, "a hare")).status_code == 400


@pytest.mark.parametrize(
    "prompt",
    [
        "../../etc/passwd",
        "C:\\con\\nul.txt",
        "fox \u202egnp.exe\u2066 hare",
        "  \x07 \n\t ",
        "a" * 4000,
        "ü" * 4000,
        "狐と雪" * 100,
        "z" + "\u0335" * 500,
        "con",
    ],
)
def test_names_are_good_on_every_system(alice: User, keep: Keep, prompt: str) -> None:
    name = archive.file_name(keep(alice, prompt))
    assert re.fullmatch(r"2026-05-04-.*[0-9a-f]{12}\.png", name)
    assert not re.search(r"[\x00-\x1f\x7f\\/:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]", name)
    assert len(name.encode()) <= 160


def convert(client: Client, *images: Image, **way: str) -> Any:
    return choose(client, *images, action="zip_made", **way)


def test_all_converted_with_prompt_and_origin(as_alice: Client, alice: User, keep: Keep) -> None:
    fox, hare = keep(alice, "a fox", picture_bytes()), keep(alice, "a hare", picture_bytes())
    found = opened(convert(as_alice, fox, hare, format="jpeg", metadata="embed"))
    stems = [f"2026-05-04-a-fox-{fox.pk.hex[:12]}", f"2026-05-04-a-hare-{hare.pk.hex[:12]}"]
    assert found.namelist() == [f"{stem}.{end}" for stem in stems for end in ("jpg", "json")]
    for stem, prompt in zip(stems, (b"a fox", b"a hare"), strict=True):
        data = found.read(f"{stem}.jpg")
        assert Pillow.open(io.BytesIO(data)).format == "JPEG"
        assert prompt in data
        assert b"trainedAlgorithmicMedia" in data


def test_clean_ones_tell_nothing(as_alice: Client, alice: User, keep: Keep) -> None:
    fox = keep(alice, "canary fox", picture_bytes())
    response = convert(as_alice, fox, format="webp", metadata="clean")
    whole = b"".join(response.streaming_content)
    found = zipfile.ZipFile(io.BytesIO(whole))
    assert found.namelist() == [f"{Path(fox.filename).stem}.webp"]
    assert b"canary" not in whole
    assert b"fox" not in whole.lower()


def test_what_cant_be_converted_comes_as_it_is(as_alice: Client, alice: User, keep: Keep) -> None:
    fox, text = keep(alice, "a fox", picture_bytes()), keep(alice, "a text", b"no picture")
    found = opened(convert(as_alice, fox, text, format="webp"))
    stem = f"2026-05-04-a-text-{text.pk.hex[:12]}"
    assert found.read(f"{stem}.png") == b"no picture"
    assert found.read("errors.txt").decode() == f"{stem}.png: {archive.INSTEAD}\n"
    clean = opened(convert(as_alice, text, metadata="clean"))
    assert clean.namelist() == ["errors.txt"]


def test_a_busy_moment_is_waited_out(
    as_alice: Client, alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter(range(2))

    def made_of(*given: Any, **way: Any) -> Any:
        if next(refusals, None) is not None:
            raise Unavailable(download.BUSY, code="busy")
        return download.made_of(*given, **way)

    monkeypatch.setattr(archive, "made_of", made_of)
    monkeypatch.setattr(archive, "PAUSE_SECONDS", 0)
    fox = keep(alice, "a fox", picture_bytes())
    names = opened(convert(as_alice, fox, format="jpeg")).namelist()
    assert [name[-3:] for name in names] == ["jpg", "son"]


def test_as_they_came_is_the_plain_zip(as_alice: Client, alice: User, keep: Keep) -> None:
    fox = keep(alice, "a fox", b"one")
    assert opened(convert(as_alice, fox)).read(f"2026-05-04-a-fox-{fox.pk.hex[:12]}.png") == b"one"


def test_too_many_to_convert_are_refused(
    as_alice: Client, alice: User, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_archive, "MOST_CONVERTED", 1)
    fox, hare = keep(alice), keep(alice)
    response = as_alice.post(
        "/selection/",
        {"action": "zip_made", "format": "jpeg", "ids": f"{fox.pk},{hare.pk}"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 400
    assert "converted, and these are more" in response.content.decode()
    assert opened(choose(as_alice, fox, hare))
