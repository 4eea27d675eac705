"""The fixed cast and the real servers that tests talk to."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test import client as test_client
from django.utils import timezone
from django.utils.text import slugify
from hypothesis import find
from hypothesis import strategies as st

from generations import known, storage, volatile
from generations import letters as post
from generations.models import (
    Attempt,
    AttemptState,
    CatalogModel,
    Generation,
    Image,
    Membership,
    Price,
    Role,
    Team,
    User,
    shape_of,
)
from generations.models.generation import new_submit_token, sort_key
from generations.pipeline import moderation, sizes, stopping
from generations.queries import alive, estimates
from generations.services.generation import Request, submit_generation
from generations.views.encoding import WebRequest
from meshgallery.celery import app as celery_app
from tests.support.redis import PrivateRedis
from tests.support.sandbox import Sandbox

Hang = Callable[..., Image]


def team_of(*people: User, name: str = "Night shift", **fields: Any) -> Team:
    """They may make pictures for it."""
    team = Team.objects.create(name=name, slug=slugify(name), **fields)
    for user in people:
        Membership.objects.create(team=team, user=user, role=Role.CONTRIBUTOR)
    return team


@pytest.fixture(scope="session", autouse=True)
def letters(request: pytest.FixtureRequest) -> None:
    """Hypothesis lays out all of Unicode at the first text, and takes that for a slow test."""
    if any(item.get_closest_marker("hypothesis") for item in request.session.items):
        find(st.text(), bool)


@pytest.fixture(scope="session", autouse=True)
def real_requests() -> None:
    """The test client makes the requests that the server makes."""
    test_client.WSGIRequest = WebRequest  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Pictures, spool and memories of one test don't reach the next."""
    settings.PICTURES_DIR = tmp_path / "pictures"
    settings.SPOOL_DIR = tmp_path / "spool"
    post.PAUSE_SECONDS = 0
    estimates._known.clear()
    alive.forget()
    known.forget()
    stopping.resume()
    moderation.forget_trouble()
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


@pytest.fixture
def hang(db: None) -> Hang:
    """A finished picture in somebody's gallery."""

    def hang_one(
        owner: User,
        prompt: str = "a fox in the snow",
        *,
        when: datetime = datetime(2026, 5, 4, 12, tzinfo=UTC),
        size: tuple[int, int] = (1536, 1024),
        **fields: Any,
    ) -> Image:
        number, team = Image.objects.count(), fields.get("team")
        generation = Generation.objects.create(
            owner=owner,
            team=team,
            submit_token=f"token-{number}",
            prompt=prompt,
            model_id=fields.setdefault("model_id", "openai/gpt-image-1"),
            n=1,
            created_at=when,
        )
        attempt = Attempt.objects.create(
            generation=generation,
            owner=owner,
            team=team,
            first_slot=0,
            sort_key=sort_key(when, 0),
            is_vacant=False,
            state=AttemptState.STORED,
            state_since=when,
            not_before=when,
            created_at=when,
            sent_at=when,
        )
        return Image.objects.create(
            generation=generation,
            attempt=attempt,
            owner=owner,
            index=0,
            slot=0,
            sort_key=attempt.sort_key,
            key=f"v1/{generation.pk}/{attempt.pk}/0-0.png",
            size_bytes=1,
            width=size[0],
            height=size[1],
            shape=shape_of(*size),
            created_at=when,
            **fields,
        )

    return hang_one


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
