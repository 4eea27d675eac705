"""Layers of land, from the pale distance to the dark foreground."""

import math
import random
from collections.abc import Sequence

from generations.sandbox.art import colour, flora
from generations.sandbox.art.brush import Brush, Point
from generations.sandbox.art.moods import Mood
from generations.sandbox.art.ridges import Profile

STEP_PX = 3.0
SNOW = (247, 250, 253)


class Layer:
    """One line of land: `base` is the share of the height that its profile stands on."""

    def __init__(self, brush: Brush, profile: Profile, *, base: float) -> None:
        self.brush = brush
        self.profile = profile
        self.base = base
        self._step = max(1.0, min(STEP_PX, brush.width / 300))

    def y(self, x_px: float) -> float:
        brush = self.brush
        return self.base * brush.height - self.profile(x_px / brush.unit) * brush.unit

    def line(self) -> list[Point]:
        count = math.ceil(self.brush.width / self._step) + 2
        return [(index * self._step, self.y(index * self._step)) for index in range(-1, count)]

    def outline(self) -> list[Point]:
        width, height = self.brush.width, self.brush.height
        return [*self.line(), (width + 9, height + 9), (-9, height + 9)]

    def paint(
        self, mood: Mood, *, depth: float, extra: Sequence[Sequence[Point]] = (), haze: float = 0.5
    ) -> None:
        """Fading into the horizon's colour towards its foot, as air does it."""
        top = mood.layer(depth)
        bottom = colour.mix(top, mood.horizon, haze * (1 - depth))
        if depth > 0.75:
            bottom = colour.mix(top, mood.near, 0.65)
        self.brush.shapes([self.outline(), *extra], top, bottom)


def pines_on(
    layer: Layer, chance: random.Random, *, count: int, height: float, clumping: float = 0.6
) -> list[list[Point]]:
    """A wood along the line: taller in clumps, with gaps between."""
    brush = layer.brush
    centres = [chance.random() for _ in range(max(2, count // 22))]
    found = []
    for _ in range(count):
        place = chance.choice(centres) + chance.gauss(0, 0.05)
        x = (place if chance.random() < clumping else chance.random()) * brush.width
        tall = brush.unit * height * (0.45 + 0.75 * chance.random() ** 1.7)
        found.append(flora.pine((x, layer.y(x) + tall * 0.05), tall, chance))
    return found


def grass_on(
    layer: Layer, chance: random.Random, *, count: int, height: float
) -> list[list[Point]]:
    brush = layer.brush
    found = []
    for _ in range(count):
        x = chance.random() * brush.width
        tall = brush.unit * height * (0.3 + 0.9 * chance.random() ** 2)
        found.append(flora.blade((x, layer.y(x) + 2), tall, chance))
    return found


def snow_caps(layer: Layer, chance: random.Random, *, above: float) -> list[list[Point]]:
    """The part of the line above a level, with a ragged lower edge."""
    brush, found = layer.brush, []
    run: list[Point] = []
    for x, y in [*layer.line(), (brush.width + 20.0, float(brush.height))]:
        if layer.base * brush.height - y > above * brush.unit:
            run.append((x, y))
            continue
        if len(run) > 6:
            found.append(_cap(run, layer.base * brush.height - above * brush.unit, chance))
        run = []
    return found


def _cap(run: list[Point], level: float, chance: random.Random) -> list[Point]:
    teeth: list[Point] = []
    for index in range(len(run) - 1, -1, -4):
        x, y = run[index]
        drop = (level - y) * (chance.uniform(0.5, 0.72) if index % 8 else chance.uniform(0.85, 1.1))
        teeth.append((x, y + max(1.0, drop)))
    return [*run, *teeth]


def shaded_flanks(layer: Layer, chance: random.Random) -> list[list[Point]]:
    """The side of each summit that looks away from the light."""
    line, found = layer.line(), []
    brush = layer.brush
    reach = max(4, round(len(line) / 26))
    for index in range(reach, len(line) - reach):
        y = line[index][1]
        around = line[index - reach : index + reach + 1]
        if y > min(py for _, py in around) or layer.base * brush.height - y < 0.04 * brush.unit:
            continue
        found.append(_flank(line, index, layer, chance))
    return found


def _flank(line: list[Point], index: int, layer: Layer, chance: random.Random) -> list[Point]:
    x, y = line[index]
    foot = layer.base * layer.brush.height
    drop = (foot - y) * chance.uniform(0.75, 1.0)
    slope: list[Point] = []
    lowest = y
    for px, py in line[index:]:
        lowest = max(lowest, py)
        if py > y + drop * 0.98 or py < lowest - drop * 0.04:
            break
        slope.append((px, py))
    inner: list[Point] = []
    for step in range(9, 0, -1):
        share = step / 9
        zigzag = drop * 0.07 * (1 if step % 2 else -1) * chance.uniform(0.4, 1.0)
        inner.append((x + drop * 0.10 * share + zigzag * share, y + drop * share))
    return [*slope, *inner]
