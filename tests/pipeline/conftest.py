"""What several tests of the pipeline start with."""

from typing import Any

import pytest

from generations.mesh import Limits
from generations.pipeline import moderation
from tests.pipeline.moderating import Policy


@pytest.fixture
def policy(settings: Any) -> Policy:
    def choose(name: str) -> None:
        settings.MODERATION = name

    return choose


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is silent is left after half a second."""
    limits = Limits(first_byte_seconds=0.5, silence_seconds=0.5, deadline_seconds=0.6)
    monkeypatch.setattr(moderation, "LIMITS", limits)
