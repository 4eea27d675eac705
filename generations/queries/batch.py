"""The other models' runs of a submission that went to several."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from generations import policy
from generations.models import Generation, User
from generations.queries.cards import Card
from generations.queries.gallery import cards_of
from generations.queries.picture import model_name


@dataclass(frozen=True, slots=True)
class RunBeside:
    model_name: str
    url: str
    cards: Sequence[Card]


def beside_of(generation: Generation, user: User) -> list[RunBeside]:
    """In the order they were asked for; none for a run of one model."""
    if generation.batch is None:
        return []
    rows = policy.visible_generations(user).filter(batch=generation.batch)
    return [
        RunBeside(
            model_name=model_name(each.model_id),
            url=reverse("generation", args=[each.pk]),
            cards=cards_of(each, user),
        )
        for each in rows.exclude(pk=generation.pk).order_by("-created_at")
    ]
