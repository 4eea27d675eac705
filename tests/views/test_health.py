from typing import Any

import pytest
from django.test import Client

from generations import storage
from generations.storage.base import StoreUnavailable

pytestmark = [pytest.mark.db]


def test_healthz_answers_without_sign_in(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_names_its_parts(client: Client, db: None, redis_url: str) -> None:
    response = client.get("/readyz")
    assert response.json() == {"status": "ok", "database": "ok", "storage": "ok", "broker": "ok"}


def test_readyz_without_a_broker_still_takes_prompts(
    client: Client, db: None, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (200, "away")


def test_readyz_without_storage_is_503(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise StoreUnavailable("The store is away.")

    monkeypatch.setattr(type(storage.get_store()), "check", away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["storage"]) == (503, "away")


def test_every_page_is_private_and_strict(as_alice: Client, painter: Any) -> None:
    headers = as_alice.get("/").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
