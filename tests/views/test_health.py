from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from generations import storage
from generations.sessions import SessionStore
from generations.storage.base import StoreUnavailable
from generations.views.errors import database_away

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


def test_page_without_the_database_tries_again_by_itself(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(SessionStore, "load", away)  # read before any view runs
    as_alice.raise_request_exception = False
    response = as_alice.get("/")
    assert response.status_code == 503
    assert '<meta http-equiv="refresh" content="5">' in response.text


def test_every_page_is_private_and_strict(as_alice: Client, painter: Any) -> None:
    headers = as_alice.get("/").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_form_sent_to_a_database_that_is_away_is_not_loaded_again_as_a_page(rf: Any) -> None:
    error = OperationalError("the connection is closed")
    page = database_away(rf.get("/"), error).content.decode()
    assert 'http-equiv="refresh"' in page
    page = database_away(rf.post("/generations/"), error).content.decode()
    assert 'http-equiv="refresh"' not in page
    assert "send it again: the same form counts once" in page
