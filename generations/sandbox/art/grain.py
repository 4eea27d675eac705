"""Noise that is the same for the same seed; Pillow's own is not."""

import random

from PIL import Image


def noise(size: tuple[int, int], *, seed: int) -> Image.Image:
    chance = random.Random(f"grain {seed}")  # noqa: S311 repeatable on purpose
    return Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))


def colour_noise(size: tuple[int, int], *, seed: int) -> Image.Image:
    chance = random.Random(f"grain {seed}")  # noqa: S311 repeatable on purpose
    return Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1]))
