"""The addresses of what `run` started: for its children, and for other commands meanwhile."""

import os
from pathlib import Path

from django.conf import settings

from generations.management.local.private_files import write_private

PUBLISHED = {"REDIS_URL": "redis.url", "SANDBOX_URL": "sandbox.url"}


def is_given(name: str) -> bool:
    """Whether the person set it. Settings can't tell: an earlier run may have left its address."""
    return bool(os.environ.get(name, "").strip() or os.environ.get(f"{name}_FILE", "").strip())


def use_here(addresses: dict[str, str]) -> None:
    """Let this process, whose settings were read before the ports were chosen, use them too."""
    if url := addresses.get("REDIS_URL"):
        settings.REDIS_URL = settings.CELERY_BROKER_URL = url
    if url := addresses.get("SANDBOX_URL"):
        settings.MESH_API_BASE_URL = url


def publish(addresses: dict[str, str], run_dir: Path) -> None:
    for name, file_name in PUBLISHED.items():
        if url := addresses.get(name):
            write_private(run_dir / file_name, url + "\n")


def empty(run_dir: Path) -> None:
    """Remove what this run, or one that was killed, left there."""
    for path in run_dir.iterdir():
        if path.is_file():
            path.unlink()
