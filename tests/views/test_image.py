import hashlib
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image as Pillow

from generations import storage
from generations.models import Generation, Image, User
from generations.storage import keys

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]


def picture_bytes(kind: str = "PNG", width: int = 64) -> bytes:
    file = BytesIO()
    Pillow.new("RGB", (width, 48), "orange").save(file, kind)
    return file.getvalue()


@pytest.fixture
def image(alice: User, submit: Submit) -> Image:
    """A stored picture of alice's with two sizes."""
    generation = submit(alice, prompt="canary-alice <b>fox</b>")
    attempt = generation.attempts.get()
    original = picture_bytes()
    digest = hashlib.sha256(original).hexdigest()
    key = keys.original_key(generation.pk, attempt.pk, 0, digest, "png")
    store = storage.get_store()
    store.put_new(key, original, sha256=digest, content_type="image/png")
    for edge in (320, 640):
        small = picture_bytes("WEBP", edge)
        store.put_new(
            keys.derived_key(key, edge),
            small,
            sha256=hashlib.sha256(small).hexdigest(),
            content_type="image/webp",
        )
    attempt.is_vacant = False
    attempt.usage = {"prompt_tokens": 11, "completion_tokens": 1056, "total_tokens": 1067}
    attempt.save()
    return Image.objects.create(
        generation=generation,
        attempt=attempt,
        owner=alice,
        index=0,
        slot=0,
        sort_key=attempt.sort_key,
        key=key,
        sha256=digest,
        size_bytes=len(original),
        mime="image/png",
        extension="png",
        width=64,
        height=48,
        edges=[[320, 64, 48], [640, 64, 48]],
        revised_prompt="canary-alice a red <b>fox</b>",
        created_at=generation.created_at,
    )


def test_page_shows_prompt_revision_and_usage(as_alice: Client, image: Image) -> None:
    html = as_alice.get(f"/images/{image.pk}/").content.decode()
    assert "canary-alice &lt;b&gt;fox&lt;/b&gt;" in html
    assert "<b>fox" not in html
    assert re.search(r"<ins>\s*a red\s*</ins>", html)
    assert "1,056" in html
    assert "openai/gpt-image-1" in html
    assert f'data-image="{image.pk}"' in html


def test_original_is_untouched_and_a_download(as_alice: Client, image: Image) -> None:
    response = as_alice.get(f"/images/{image.pk}/original")
    assert b"".join(response) == picture_bytes()
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == f'attachment; filename="{image.filename}"'
    assert response["Cache-Control"] == "private, no-store"


def test_preview_may_be_kept_by_the_browser_alone(as_alice: Client, image: Image) -> None:
    response = as_alice.get(f"/images/{image.pk}/320")
    assert b"".join(response) == picture_bytes("WEBP", 320)
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_size_that_is_still_being_made_shows_the_next_smaller(
    as_alice: Client, image: Image
) -> None:
    response = as_alice.get(f"/images/{image.pk}/1600")
    assert b"".join(response) == picture_bytes("WEBP", 640)
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("size", ["", "original", "320", "640", "1600", "delete/"])
def test_somebody_elses_picture_looks_like_a_missing_one(
    as_carol: Client, image: Image, size: str
) -> None:
    foreign = as_carol.get(f"/images/{image.pk}/{size}")
    missing = as_carol.get(f"/images/{uuid4()}/{size}")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert sorted(foreign.headers) == sorted(missing.headers)


@pytest.mark.parametrize(
    "address",
    ["images/{0}/5000", "images/{0}/original.png", "images/{0}/..%2f", "images/nonsense/320"],
)
def test_addresses_that_do_not_exist_are_404(as_alice: Client, image: Image, address: str) -> None:
    assert as_alice.get(f"/{address.format(image.pk)}").status_code == 404


def test_trashed_picture_is_gone_at_once(as_alice: Client, image: Image) -> None:
    assert as_alice.get(f"/images/{image.pk}/delete/").status_code == 200
    response = as_alice.post(f"/images/{image.pk}/delete/")
    assert (response.status_code, response["Location"]) == (303, "/")
    for size in ("", "320", "original"):
        assert as_alice.get(f"/images/{image.pk}/{size}").status_code == 404
    assert "canary-alice" not in as_alice.get("/").content.decode()
    assert storage.get_store().head(image.key)


def test_deleting_somebody_elses_is_404(as_carol: Client, image: Image) -> None:
    assert as_carol.post(f"/images/{image.pk}/delete/").status_code == 404
    image.refresh_from_db()
    assert image.trashed_at is None


def test_neighbours_are_linked(as_alice: Client, image: Image) -> None:
    older = Image.objects.get()
    older.pk, older.index, older.key = uuid4(), 1, f"{older.key}x"
    older.sort_key -= 1
    older.save(force_insert=True)
    html = as_alice.get(f"/images/{image.pk}/").content.decode()
    assert f"/images/{older.pk}/" in html
    assert f"/images/{image.pk}/" in as_alice.get(f"/images/{older.pk}/").content.decode()


def test_missing_bytes_are_404_not_a_fault(as_alice: Client, image: Image, settings: Any) -> None:
    storage.get_store().delete(keys.derived_key(image.key, 320))
    assert as_alice.get(f"/images/{image.pk}/320").status_code == 404


def test_wording_of_the_model_can_be_the_next_prompt(as_alice: Client, image: Image) -> None:
    page = as_alice.get(f"/images/{image.pk}/").content.decode()
    address = f"/?remix={image.generation_id}&wording={image.pk}"
    assert address.replace("&", "&amp;") in page
    html = as_alice.get(address).content.decode()
    assert "canary-alice a red &lt;b&gt;fox&lt;/b&gt;</textarea>" in html


def test_wording_of_somebody_elses_picture_is_not_taken(as_carol: Client, image: Image) -> None:
    address = f"/?remix={image.generation_id}&wording={image.pk}"
    assert "canary-alice" not in as_carol.get(address).content.decode()
