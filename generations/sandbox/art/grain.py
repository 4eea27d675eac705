"""Noise that is the same for the same seed; Pillow's own is not."""

import random

from PIL import Image, ImageChops

NEUTRAL = 128


def colour_noise(size: tuple[int, int], *, seed: int) -> Image.Image:
    chance = random.Random(f"noise {seed}")  # noqa: S311 repeatable on purpose
    return Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1]))


def fine(size: tuple[int, int], *, seed: int, amount: float) -> Image.Image:
    """Film grain around 128: the sum of two even noises, so that strong specks are rare."""
    chance = random.Random(f"grain {seed}")  # noqa: S311 repeatable on purpose
    count = size[0] * size[1]
    first = Image.frombytes("L", size, chance.randbytes(count))
    second = Image.frombytes("L", size, chance.randbytes(count))
    both = ImageChops.add(first, second, scale=2)
    return both.point([round((value - 127.5) * amount * 2 + NEUTRAL) for value in range(256)])
