"""The client that this process talks to the provider with, made from the settings."""

import threading
from functools import cache

from django.conf import settings

from generations.mesh import ImageRequest, Limits, MeshClient
from generations.models import Attempt

_lock = threading.Lock()


@cache
def _made(base_url: str, api_key: str, limits: Limits) -> MeshClient:
    return MeshClient(api_key, base_url, limits=limits)


def client() -> MeshClient:
    """One client for all threads."""
    limits = Limits(
        connect_seconds=settings.MESH_CONNECT_SECONDS,
        first_byte_seconds=settings.MESH_DEADLINE_SECONDS,
        silence_seconds=settings.MESH_SILENCE_SECONDS,
        deadline_seconds=settings.MESH_DEADLINE_SECONDS,
    )
    with _lock:
        return _made(settings.MESH_API_BASE_URL, settings.MESH_API_KEY, limits)


def request_of(attempt: Attempt) -> ImageRequest:
    """What is sent for an attempt: only what the person set."""
    generation = attempt.generation
    extra = dict(generation.parameters)
    if isinstance(seed := extra.get("seed"), int) and seed >= 0:
        extra["seed"] = seed + attempt.first_slot  # each slot its own picture
    return ImageRequest(
        prompt=generation.prompt,
        model=generation.model_id,
        n=attempt.slot_count,
        size=generation.size or None,
        quality=generation.quality or None,
        output_format=generation.output_format or None,
        response_format="b64_json",  # no second, expiring download where the model allows it
        extra=extra,
    )
