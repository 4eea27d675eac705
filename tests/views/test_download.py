"""Taking a picture along: which bytes, and what they say besides pixels."""

import hashlib
import json
import threading
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from PIL import Image as Pillow

from generations import storage
from generations.models import Image, Price
from generations.pipeline import download as making
from generations.pipeline.upstream import request_of
from generations.queries.provenance import provenance_of, sheets_of
from tests.views.conftest import picture_bytes

pytestmark = [pytest.mark.db]

PROMPT = "canary-alice <b>fox</b>"
FORMATS = [
    ("png", "image/png", "png"),
    ("jpeg", "image/jpeg", "jpg"),
    ("webp", "image/webp", "webp"),
]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's rows live in a transaction, which would go with the connection."""
    monkeypatch.setattr(connections["default"], "close", lambda: None)


def body(response: Any) -> bytes:
    return b"".join(response)


def reading(image: Image) -> Image:
    return Image.objects.select_related("generation", "attempt__generation").get(pk=image.pk)


def store_as_original(image: Image, data: bytes) -> None:
    """Other bytes behind the same row."""
    image.key = f"{image.key.rpartition('/')[0]}/1-{uuid4().hex[:16]}.png"
    image.save(update_fields=["key"])
    digest = hashlib.sha256(data).hexdigest()
    storage.get_store().put_new(image.key, data, sha256=digest, content_type="image/png")


@pytest.mark.parametrize("query", ["", "?format=original", "?metadata=keep"])
def test_original_is_what_one_gets_unasked(as_alice: Client, image: Image, query: str) -> None:
    response = as_alice.get(f"/images/{image.pk}/download{query}", follow=True)
    assert body(response) == picture_bytes()


def test_own_format_is_not_packed_again(as_alice: Client, image: Image) -> None:
    response = as_alice.get(f"/images/{image.pk}/download?format=png")
    assert body(response) == picture_bytes()


@pytest.mark.parametrize("content", ["keep", "embed", "clean"])
@pytest.mark.parametrize(("name", "mime", "extension"), FORMATS)
def test_each_format_with_each_content(
    as_alice: Client, image: Image, name: str, mime: str, extension: str, content: str
) -> None:
    response = as_alice.get(f"/images/{image.pk}/download?format={name}&metadata={content}")
    data = body(response)
    assert response["Content-Type"] == mime
    assert response["Content-Length"] == str(len(data))
    assert response["Cache-Control"] == "private, no-store"
    filename = f"{image.filename.rpartition('.')[0]}.{extension}"
    assert response["Content-Disposition"] == f'attachment; filename="{filename}"'
    made = Pillow.open(BytesIO(data))
    assert (made.format, made.size) == (name.upper(), (64, 48))
    assert (b"trainedAlgorithmicMedia" in data) is (content == "embed")
    assert (b"canary-alice &lt;b&gt;fox" in data) is (content == "embed")


def test_note_leaves_the_stored_original_alone(as_alice: Client, image: Image) -> None:
    data = body(as_alice.get(f"/images/{image.pk}/download?metadata=embed"))
    assert data != picture_bytes()
    assert Pillow.open(BytesIO(data)).tobytes() == Pillow.open(BytesIO(picture_bytes())).tobytes()
    assert body(as_alice.get(f"/images/{image.pk}/original")) == picture_bytes()


@pytest.mark.parametrize("query", ["format=gif", "metadata=all", "format=../etc"])
def test_wishes_that_do_not_exist_are_404(as_alice: Client, image: Image, query: str) -> None:
    assert as_alice.get(f"/images/{image.pk}/download?{query}").status_code == 404


@pytest.mark.parametrize("query", ["format=webp", "metadata=clean"])
@pytest.mark.parametrize("data", [b"<html>canary</html>", picture_bytes()[:60]])
def test_what_cannot_be_read_says_so_and_offers_the_original(
    as_alice: Client, image: Image, data: bytes, query: str
) -> None:
    store_as_original(image, data)
    response = as_alice.get(f"/images/{image.pk}/download?{query}")
    html = response.content.decode()
    assert response.status_code == 422
    assert "This picture can’t be changed: it is" in html
    assert f'href="/images/{image.pk}/original"' in html
    assert body(as_alice.get(f"/images/{image.pk}/original")) == data


def test_too_large_to_be_changed_is_said_before_anything_is_read(
    as_alice: Client, image: Image
) -> None:
    Image.objects.update(size_bytes=65 * 1024 * 1024)
    response = as_alice.get(f"/images/{image.pk}/download?format=webp")
    assert response.status_code == 422
    assert "too large" in response.content.decode()


def test_missing_original_is_404(as_alice: Client, image: Image) -> None:
    storage.get_store().delete(image.key)
    assert as_alice.get(f"/images/{image.pk}/download?format=webp").status_code == 404


def test_who_waits_too_long_for_a_turn_is_told(
    as_alice: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(making, "PATIENCE_SECONDS", 0.05)
    with making._turn():
        response = as_alice.get(f"/images/{image.pk}/download?format=webp")
    assert response.status_code == 503
    assert making.BUSY in response.content.decode().replace("&#x27;", "'")
    assert as_alice.get(f"/images/{image.pk}/download?format=webp").status_code == 200


def test_a_long_line_is_not_joined(
    as_alice: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits holds a thread of the web server's."""
    monkeypatch.setattr(making, "_line", threading.BoundedSemaphore(1))
    monkeypatch.setattr(making, "PATIENCE_SECONDS", 600)
    with making._turn():
        response = as_alice.get(f"/images/{image.pk}/download?format=webp")
    assert response.status_code == 503
    assert making.BUSY in response.content.decode()
    assert as_alice.get(f"/images/{image.pk}/download?format=webp").status_code == 200


def test_nothing_stays_on_the_disk(
    as_alice: Client, image: Image, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    response = as_alice.get(f"/images/{image.pk}/download?format=webp&metadata=embed")
    assert set(tmp_path.iterdir()) == before
    response.close()


@pytest.mark.parametrize("path", ["download?format=webp", "download", "provenance"])
def test_somebody_elses_looks_like_a_missing_one(as_carol: Client, image: Image, path: str) -> None:
    foreign = as_carol.get(f"/images/{image.pk}/{path}")
    missing = as_carol.get(f"/images/{uuid4()}/{path}")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert sorted(foreign.headers) == sorted(missing.headers)


def test_provenance_tells_what_was_asked_and_what_came(as_alice: Client, image: Image) -> None:
    response = as_alice.get(f"/images/{image.pk}/provenance")
    stem = image.filename.rpartition(".")[0]
    assert response["Content-Disposition"] == f'attachment; filename="{stem}.json"'
    sheet = json.loads(response.content)
    assert sheet["schema"] == "mesh-gallery/provenance/1"
    assert sheet["image"]["sha256"] == hashlib.sha256(picture_bytes()).hexdigest()
    assert sheet["request"]["prompt"] == PROMPT
    assert sheet["request"]["model"] == "openai/gpt-image-1"
    assert sheet["response"]["usage"]["total_tokens"] == 1067
    assert sheet["response"]["revised_prompt"] == image.revised_prompt
    assert sheet["price"]["quoted_micros"] == 40_000
    assert sheet["price"]["charged_micros"] is None
    assert sheet["price"]["row"]["image_micros"] == 40_000
    assert sheet["generation"]["id"] == str(image.generation_id)
    assert sheet["attempt"]["id"] == str(image.attempt_id)


def test_provenance_has_every_key_that_is_documented(image: Image, request: Any) -> None:
    text = (request.config.rootpath / "docs/provenance.md").read_text()
    sheet = provenance_of(reading(image))
    for part, value in sheet.items():
        assert f"`{part}`" in text
        for name in value if isinstance(value, dict) else ():
            assert f"`{name}`" in text, f"{part}.{name}"
    for name in sheet["price"]["row"]:
        assert f"`{name}`" in text


def test_provenance_says_what_was_sent(image: Image) -> None:
    image.generation.parameters = {"seed": 7, "background": "transparent"}
    image.generation.save()
    image.attempt.first_slot = 2
    image.attempt.save()
    image = reading(image)
    sent = request_of(image.attempt)
    told = provenance_of(image)["request"]
    extra = {name: told.pop(name) for name in ("seed", "background")}
    assert extra == sent.extra == {"seed": 9, "background": "transparent"}
    assert told == {name: getattr(sent, name) for name in told}


def test_price_row_is_the_one_of_its_day(image: Image) -> None:
    row = Price.objects.get()
    row.pk, row.image_micros = None, 99_000
    row.starts_at = image.generation.created_at.replace(year=2999)
    row.save(force_insert=True)
    assert provenance_of(reading(image))["price"]["row"]["image_micros"] == 40_000


def test_many_sheets_cost_one_query(image: Image, django_assert_num_queries: Any) -> None:
    image = reading(image)
    with django_assert_num_queries(1):
        assert len(sheets_of([image] * 30)) == 30


def test_description_is_kept_and_can_be_taken_back(as_alice: Client, image: Image) -> None:
    address = f"/images/{image.pk}/alt/"
    response = as_alice.post(address, {"alt_text": "A red fox on snow"})
    assert (response.status_code, response["Location"]) == (303, f"/images/{image.pk}/")
    assert 'alt="A red fox on snow"' in as_alice.get(f"/images/{image.pk}/").content.decode()
    answer = as_alice.post(address, {"alt_text": ""}, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<section class="alt-text"')
    image.refresh_from_db()
    assert image.alt_text == ""


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_description_that_is_too_long_is_refused(
    as_alice: Client, image: Image, headers: dict[str, str]
) -> None:
    address = f"/images/{image.pk}/alt/"
    response = as_alice.post(address, {"alt_text": "x" * 501}, headers=headers)
    assert response.status_code == 422
    assert ("<html" in response.content.decode()) is not bool(headers)
    assert "x" * 501 in response.content.decode()
    image.refresh_from_db()
    assert image.alt_text == ""


def test_description_of_somebody_elses_is_404(as_carol: Client, image: Image) -> None:
    assert as_carol.post(f"/images/{image.pk}/alt/", {"alt_text": "mine"}).status_code == 404
    image.refresh_from_db()
    assert image.alt_text == ""
