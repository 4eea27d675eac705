"""The catalogue as the provider's list fills it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from generations.models import CatalogModel, Price
from generations.pipeline import catalog
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db]


class Provider:
    """Answers `GET /v1/models` with whatever it is told to list."""

    def __init__(self) -> None:
        self.models: list[dict[str, Any]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(provider.models).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lists(self, *models: dict[str, Any]) -> None:
        """List these, and let the catalogue be refreshed from it."""
        self.models = list(models)
        catalog.refresh_catalog()


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[Provider]:
    provider = Provider()
    settings.MESH_API_BASE_URL = f"http://127.0.0.1:{provider.server.server_port}"
    settings.MESH_API_KEY = "rsk_test_key"
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


def painter(**fields: Any) -> dict[str, Any]:
    known = {"id": "openai/gpt-image-1", "name": "GPT Image 1", "output_modalities": ["image"]}
    return known | fields


def test_picture_models_of_the_provider_become_rows(sandbox: Sandbox, db: None) -> None:
    count = catalog.refresh_catalog()
    rows = {row.model_id: row for row in CatalogModel.objects.all()}
    assert len(rows) == count
    assert count >= 6
    assert rows["openai/gpt-image-1"].output_formats == ["png", "jpeg", "webp"]
    assert rows["vertex/imagen-3"].output_formats == []
    assert "16:9" in rows["vertex/imagen-3"].sizes
    assert all(row.is_enabled for row in rows.values())
    assert not any("gpt-4" in model_id for model_id in rows)


def test_refresh_keeps_what_the_admin_changed(provider: Provider) -> None:
    provider.lists(painter())
    CatalogModel.objects.update(is_enabled=False, sizes=["1024x1024"], largest_n=2)
    provider.lists(painter(name="GPT Image 1 (new)"))
    row = CatalogModel.objects.get()
    assert (row.name, row.is_enabled, row.sizes, row.largest_n) == (
        "GPT Image 1 (new)",
        False,
        ["1024x1024"],
        2,
    )


def test_model_that_is_gone_can_come_back(provider: Provider) -> None:
    other = painter(id="vertex/imagen-3")
    for models, available in (([painter()], True), ([other], False), ([painter()], True)):
        provider.lists(*models)
        assert CatalogModel.objects.get(model_id="openai/gpt-image-1").is_available is available


def test_price_gets_a_new_dated_row_only_when_it_changes(provider: Provider) -> None:
    for usd in ("0.04", "0.04", "0.05"):
        provider.lists(painter(pricing={"image_output_usd_per_image": usd}))
    assert list(Price.objects.order_by("id").values_list("image_micros", flat=True)) == [
        40_000,
        50_000,
    ]


@pytest.mark.parametrize("usd", ["", "-1", "NaN", "Infinity", "1e30", "free", "0"])
def test_price_that_makes_no_sense_is_unknown(provider: Provider, usd: str) -> None:
    provider.lists(painter(pricing={"image_output_usd_per_image": usd}))
    assert not Price.objects.exclude(image_micros=None).exists()


def test_empty_list_leaves_the_models_alone(provider: Provider) -> None:
    provider.lists(painter())
    provider.lists()
    assert CatalogModel.objects.get().is_available


def test_price_of_a_request_is_added_to_the_pictures(provider: Provider) -> None:
    provider.lists(painter(pricing={"image_output_usd_per_image": "0.04", "request_usd": "0.001"}))
    assert Price.objects.get().image_micros == 41_000


def test_newcomers_begin_with_a_model_that_tells_the_most(
    sandbox: Sandbox, as_alice: Client
) -> None:
    catalog.refresh_catalog()
    html = as_alice.get("/").content.decode()
    assert '<option value="openai/gpt-image-1" selected>' in html
