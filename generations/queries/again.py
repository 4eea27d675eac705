"""Running a wish again: what it would cost today, and whether one is asked first."""

from dataclasses import dataclass

from django.conf import settings

from generations import wording
from generations.models import Generation

QUESTION = "Nobody knows beforehand what this model charges. Run it all the same?"


@dataclass(frozen=True, slots=True)
class Again:
    """One picture more of the same, at today's price."""

    micros: int | None

    @property
    def label(self) -> str:
        return f"Run again, {wording.usd(self.micros)}"

    @property
    def question(self) -> str:
        return question_for(self.micros)


def question_for(micros: int | None) -> str:
    """What is asked before a model runs whose price nobody knows; nothing where none is needed."""
    return QUESTION if micros is None and settings.UNKNOWN_PRICE == "ask" else ""


def can_run(micros: int | None) -> bool:
    return micros is not None or settings.UNKNOWN_PRICE != "refuse"


def wish_of(generation: Generation) -> tuple[str, str, str]:
    """What decides a picture's price."""
    return generation.model_id, generation.size, generation.quality
