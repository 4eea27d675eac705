"""A provider's words for whoever looks after calls: what they repeat of a prompt is left out."""

from itertools import groupby

from generations import wording

REPEATED = 12  # characters that stand in both are no chance; of a shorter prompt all of them
INSTEAD = "[the prompt]"


def without_prompt(message: str, prompt: str) -> str:
    """A message may break off within the prompt, or repeat a part of it."""
    asked, said = _alike(wording.one_line(prompt)), _alike(message)
    size = min(len(asked), REPEATED)
    is_repeated = [False] * len(said)
    for start in range(len(said) - size + 1 if size else 0):
        if said[start : start + size] in asked:
            is_repeated[start : start + size] = [True] * size
    parts = groupby(zip(message, is_repeated, strict=True), key=lambda each: each[1])
    return "".join(INSTEAD if is_it else "".join(char for char, _ in part) for is_it, part in parts)


def _alike(text: str) -> str:
    """In small letters, each in its place."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
