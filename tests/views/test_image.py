import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from generations import storage
from generations.models import Image, User
from generations.storage import keys
from tests.views.conftest import picture_bytes

pytestmark = [pytest.mark.db]


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


@pytest.mark.parametrize("size", ["", "original", "320", "640", "1600", "trash/", "sort/"])
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
    assert as_alice.get(f"/images/{image.pk}/trash/").status_code == 200
    response = as_alice.post(f"/images/{image.pk}/trash/")
    assert (response.status_code, response["Location"]) == (303, "/")
    for size in ("", "320", "original"):
        assert as_alice.get(f"/images/{image.pk}/{size}").status_code == 404
    assert "canary-alice" not in as_alice.get("/").content.decode()
    assert storage.get_store().head(image.key)


def test_deleting_somebody_elses_is_404(as_carol: Client, image: Image) -> None:
    assert as_carol.post(f"/images/{image.pk}/trash/").status_code == 404
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


def test_scripts_get_the_picture_alone(as_alice: Client, image: Image) -> None:
    response = as_alice.get(f"/images/{image.pk}/", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert html.strip().startswith("<picture-viewer")
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


def test_neighbours_keep_the_filters_of_the_list(as_alice: Client, image: Image) -> None:
    older = Image.objects.get()
    older.pk, older.index, older.key = uuid4(), 1, f"{older.key}x"
    older.sort_key -= 1
    older.save(force_insert=True)
    html = as_alice.get(f"/images/{image.pk}/?q=fox&nonsense=1").content.decode()
    assert f'href="/images/{older.pk}/?q=fox"' in html
    assert 'href="/?q=fox"' in html  # back to that list
    html = as_alice.get(f"/images/{image.pk}/?q=hare").content.decode()
    assert f"/images/{older.pk}/?" not in html


def test_heart_tags_and_albums_are_shown(as_alice: Client, image: Image, alice: User) -> None:
    tag = alice.tags.create(name="canary-tag")
    tag.image_tags.create(image=image, sort_key=image.sort_key)
    assert (
        'aria-pressed="false" data-key="f"' in as_alice.get(f"/images/{image.pk}/").content.decode()
    )
    image.favorites.create(user=alice, sort_key=image.sort_key)
    html = as_alice.get(f"/images/{image.pk}/").content.decode()
    assert 'aria-pressed="true" data-key="f"' in html
    assert f'href="/?tag={tag.pk}"' in html


def test_closed_panel_is_remembered(as_alice: Client, image: Image) -> None:
    address = f"/images/{image.pk}/"
    assert 'data-info="closed"' not in as_alice.get(address).content.decode()
    as_alice.cookies["info"] = "closed"
    assert 'data-info="closed"' in as_alice.get(address).content.decode()


def test_page_of_a_picture_costs_the_same_with_many(
    as_alice: Client, image: Image, submit: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        other = Image.objects.get(pk=image.pk)
        other.pk, other.index, other.key = uuid4(), number + 1, f"{image.key}{number}"
        other.sort_key -= number + 1
        other.save(force_insert=True)
    with django_assert_max_num_queries(14):
        as_alice.get(f"/images/{image.pk}/")
