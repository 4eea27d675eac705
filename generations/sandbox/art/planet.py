"""A globe in the sky: bands, a night side, a ring before and behind it."""

import math

from generations.sandbox.art import colour
from generations.sandbox.art.brush import Point, circle
from generations.sandbox.art.setting import Scene


def hang_planet(scene: Scene) -> None:
    """A banded globe, lit from one side, perhaps with a ring."""
    brush, chance, mood = scene.brush, scene.chance, scene.mood
    radius = brush.unit * chance.uniform(0.16, 0.26)
    centre = (chance.uniform(0.3, 0.7) * brush.width, chance.uniform(0.28, 0.42) * brush.height)
    tilt = chance.uniform(-0.45, 0.45)
    ringed = chance.random() < 0.7
    pale = colour.mix(mood.light, mood.accent, 0.35)
    brush.glow(centre, radius * 2.4, mood.horizon, strength=0.5)
    if ringed:
        _ring(scene, centre, radius, tilt, front=False)
    brush.shapes([circle(centre, radius)], pale, colour.mix(mood.accent, mood.near, 0.35))
    for _ in range(6):
        level, thick = chance.uniform(-0.8, 0.8), chance.uniform(0.03, 0.12)
        band = _band(centre, radius, level, thick, tilt)
        tone = chance.choice((mood.light, mood.accent, mood.sky[2]))
        brush.shapes([band], tone, opacity=0.28)
    brush.shapes([_night_side(centre, radius)], mood.sky[0], opacity=0.5)
    if ringed:
        _ring(scene, centre, radius, tilt, front=True)


def _band(centre: Point, radius: float, level: float, thick: float, tilt: float) -> list[Point]:
    upper: list[Point] = []
    lower: list[Point] = []
    for step in range(33):
        share = step / 16 - 1
        for line, edge in ((upper, level - thick), (lower, level + thick)):
            edge = min(0.98, max(-0.98, edge))
            reach = math.sqrt(1 - edge * edge)
            x, y = share * reach, edge + 0.12 * math.sqrt(max(0.0, 1 - share * share)) * reach
            if x * x + y * y > 1:
                scale = 1 / math.hypot(x, y)
                x, y = x * scale, y * scale
            line.append(_tilted(centre, radius, x, y, tilt))
    return upper + lower[::-1]


def _night_side(centre: Point, radius: float) -> list[Point]:
    outer = [math.radians(turn) for turn in range(-50, 131, 5)]
    rim = [(math.cos(turn), math.sin(turn)) for turn in outer]
    ends = [rim[-1], rim[0]]
    curve = [_bulge(ends[0], ends[1], step / 20) for step in range(1, 20)]
    return [(centre[0] + radius * x, centre[1] + radius * y) for x, y in [*rim, *curve]]


def _bulge(start: Point, end: Point, share: float) -> Point:
    middle = (0.34, 0.34)
    ways = ((1 - share) ** 2, 2 * share * (1 - share), share**2)
    points = (start, middle, end)
    x = sum(way * point[0] for way, point in zip(ways, points, strict=True))
    y = sum(way * point[1] for way, point in zip(ways, points, strict=True))
    return x, y


def _ring(scene: Scene, centre: Point, radius: float, tilt: float, *, front: bool) -> None:
    turns = range(0, 181, 4) if front else range(180, 361, 4)
    for outer, inner, opacity in ((2.05, 1.72, 0.75), (1.66, 1.45, 0.5)):
        line = []
        for reach, order in ((outer, 1), (inner, -1)):
            arc = [
                _tilted(
                    centre,
                    radius,
                    reach * math.cos(math.radians(t)),
                    reach * 0.24 * math.sin(math.radians(t)),
                    tilt,
                )
                for t in turns
            ]
            line += arc[::order]
        scene.brush.shapes(
            [line], colour.mix(scene.mood.light, scene.mood.accent, 0.2), opacity=opacity
        )


def _tilted(centre: Point, radius: float, x: float, y: float, tilt: float) -> Point:
    cos, sin = math.cos(tilt), math.sin(tilt)
    return centre[0] + radius * (x * cos - y * sin), centre[1] + radius * (x * sin + y * cos)
