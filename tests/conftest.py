"""The fixed cast and the real servers that tests talk to."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations import storage, volatile
from generations.models import CatalogModel, Generation, Price, User
from generations.models.generation import new_submit_token
from generations.pipeline import sizes, stopping
from generations.queries import estimates
from generations.services.generation import Request, submit_generation
from meshgallery.celery import app as celery_app
from tests.support.redis import PrivateRedis
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Pictures, spool and memories of one test don't reach the next."""
    settings.PICTURES_DIR = tmp_path / "pictures"
    settings.SPOOL_DIR = tmp_path / "spool"
    estimates._known.clear()
    stopping.resume()
    storage.reset_store()
    yield
    sizes.drain(20)
    storage.reset_store()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="alice-password")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password="bob-password")


@pytest.fixture
def carol(db: None) -> User:
    """A stranger: sees nothing of alice's."""
    return User.objects.create_user("carol", password="carol-password")


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_carol(carol: User) -> Client:
    client = Client()
    client.force_login(carol)
    return client


@pytest.fixture
def painter(db: None) -> CatalogModel:
    """A model at four cents a picture."""
    model = CatalogModel.objects.create(
        model_id="openai/gpt-image-1",
        name="GPT Image 1",
        sizes=["auto", "1024x1024", "1536x1024"],
        qualities=["auto", "low", "high"],
        output_formats=["png", "jpeg", "webp"],
    )
    # SQLite's clock counts milliseconds: what begins "now" may not have begun for it.
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Price.objects.create(model=model, image_micros=40_000, starts_at=an_hour_ago)
    return model


@pytest.fixture
def submit(painter: CatalogModel) -> Callable[..., Generation]:
    """Submit as the form would, without the form."""

    def submit_as(owner: User, prompt: str = "a fox in the snow", **wishes: Any) -> Generation:
        token = wishes.pop("submit_token", None) or new_submit_token()
        request = Request(prompt=prompt, model=painter, **{"size": "1024x1024"} | wishes)
        return submit_generation(owner, request, submit_token=token)

    return submit_as


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRedis]:
    with PrivateRedis(tmp_path_factory.mktemp("redis")) as server:
        celery_app.conf.broker_url = server.url
        yield server


@pytest.fixture
def redis_url(redis_server: PrivateRedis, settings: Any) -> str:
    """A real Redis of the tests' own, empty."""
    redis_server.flush()
    settings.REDIS_URL = redis_server.url
    volatile.try_again()
    return redis_server.url


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: Sandbox, settings: Any) -> Sandbox:
    """The provider, as a real process; its ledger is empty."""
    sandbox_server.reset()
    settings.MESH_API_BASE_URL = sandbox_server.url
    settings.MESH_API_KEY = "rsk_test_key"
    return sandbox_server
