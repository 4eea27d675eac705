import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from generations import storage, totp
from generations.models import Generation, Image, User
from generations.services import second_factor as services
from generations.storage import keys
from tests.views.phones import code_now

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


@pytest.fixture
def guest() -> Client:
    """Somebody without an account."""
    return Client()


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's rows live in a transaction, which would go with the connection."""
    monkeypatch.setattr(connections["default"], "close", lambda: None)


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    """Stands still, at the beginning of a step."""
    now = timezone.now().timestamp() // totp.STEP_SECONDS * totp.STEP_SECONDS
    with time_machine.travel(now, tick=False) as found:
        yield found


@pytest.fixture
def codes(alice: User, clock: Any) -> list[str]:
    """Alice's second factor is on; her recovery codes."""
    services.begin(alice)
    found = services.confirm(alice, code_now())
    clock.shift(timedelta(seconds=totp.STEP_SECONDS))
    return found


@pytest.fixture
def owner(alice: User, codes: list[str]) -> Client:
    """Alice, signed in with it."""
    client = Client()
    client.force_login(alice)
    return client
