"""Lines that land makes against the sky. Heights are shares of the unit, x runs in units."""

import math
import random
from collections.abc import Callable

Profile = Callable[[float], float]
TABLE_SIZE = 512


def wander(chance: random.Random, *, length: float, octaves: int = 4) -> Profile:
    """Smooth noise between about -1 and 1, with hills `length` apart and finer ones on them."""
    table = [chance.uniform(-1, 1) for _ in range(TABLE_SIZE)]
    start = chance.uniform(0, TABLE_SIZE)

    def at(x: float) -> float:
        total, weight = 0.0, 0.0
        for octave in range(octaves):
            scale, share = 2.0**octave, 0.5**octave
            total += share * _smooth(table, start * (octave + 1) + x / length * scale)
            weight += share
        return total / weight

    return at


def peaks(chance: random.Random, *, width: float, count: int, height: float) -> Profile:
    """Mountains: a few summits with hollow flanks, broken by finer rock."""
    tops = [
        (
            (index + chance.uniform(0.15, 0.85)) * width / count,
            height * chance.uniform(0.55, 1.0),
            width / count * chance.uniform(0.7, 1.25),
            chance.uniform(1.1, 1.7),
        )
        for index in range(-1, count + 1)
    ]
    rock = wander(chance, length=0.09, octaves=5)
    swell = wander(chance, length=0.5, octaves=2)

    def at(x: float) -> float:
        best = 0.0
        for centre, top, reach, steepness in tops:
            near = 1 - abs(x - centre + 0.03 * swell(x * 3)) / reach
            if near > 0:
                best = max(best, top * near**steepness)
        return best + height * (0.10 * rock(x) + 0.10 * swell(x))

    return at


def hills(chance: random.Random, *, length: float, height: float) -> Profile:
    broad = wander(chance, length=length, octaves=2)

    def at(x: float) -> float:
        return height * (0.5 + 0.5 * broad(x))

    return at


def dunes(chance: random.Random, *, length: float, height: float) -> Profile:
    """Long backs to windward, a sharp crest, a steep lee."""
    shift, bend = chance.uniform(0, 1), wander(chance, length=length * 2.2, octaves=2)

    def at(x: float) -> float:
        place = (x / length + shift + 0.22 * bend(x)) % 1.0
        wave = place / 0.72 if place < 0.72 else (1 - place) / 0.28
        return height * (0.5 - 0.5 * math.cos(math.pi * wave)) ** 0.85 * (0.8 + 0.3 * bend(x * 0.7))

    return at


def _smooth(table: list[float], place: float) -> float:
    index = math.floor(place)
    share = place - index
    eased = share * share * (3 - 2 * share)
    first, second = table[index % TABLE_SIZE], table[(index + 1) % TABLE_SIZE]
    return first + (second - first) * eased
