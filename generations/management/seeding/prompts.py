"""Prompts as people write them, with each word as frequent as its rank allows."""

from functools import cache
from itertools import accumulate
from random import Random

from generations.management.seeding import vocabulary
from generations.management.seeding.vocabulary import words

RARE_SHARE, STYLE_SHARE, DETAIL_SHARE, LIGHT_SHARE = 0.02, 0.6, 0.3, 0.55


def pick(chance: Random, text: str) -> str:
    """One of the words between the bars, the n-th half as often as one at n/2."""
    found, heights = _ranked(text)
    return chance.choices(found, cum_weights=heights)[0]


@cache
def _ranked(text: str) -> tuple[list[str], list[float]]:
    found = words(text)
    return found, list(accumulate(1 / rank for rank in range(1, len(found) + 1)))


def new_prompt(chance: Random, theme: str) -> str:
    subject = pick(chance, vocabulary.SUBJECTS)
    if chance.random() < RARE_SHARE:
        subject = chance.choice(words_of_rare())
    place = pick(chance, vocabulary.PLACES[theme])
    parts = [f"a {pick(chance, vocabulary.QUALITIES)} {subject}, {place}"]
    for share, text in (
        (LIGHT_SHARE, vocabulary.LIGHTS),
        (STYLE_SHARE, vocabulary.STYLES),
        (DETAIL_SHARE, vocabulary.DETAILS),
    ):
        if chance.random() < share:
            parts.append(pick(chance, text))
    return ", ".join(parts)


@cache
def words_of_rare() -> list[str]:
    return words(vocabulary.RARE)


def revised(chance: Random, prompt: str) -> str:
    """What a model that rewrites prompts makes of one."""
    opening = pick(chance, vocabulary.OPENINGS)
    return f"{opening} {prompt}. {pick(chance, vocabulary.CLOSINGS)}"
