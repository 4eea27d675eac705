"""Figures standing in the landscape: curves made polygons, coloured by the light around them."""

import re
from functools import cache

from generations.sandbox.art import colour
from generations.sandbox.art.brush import Brush, Point
from generations.sandbox.art.colour import RGB
from generations.sandbox.art.moods import Mood
from generations.sandbox.art.outlines import OUTLINES

STEPS = 14
TOKENS = re.compile(r"[MLCZ]|-?\d+(?:\.\d+)?")
OWN_COLOURS = {
    "fox": (214, 98, 44),
    "bear": (128, 84, 60),
    "deer": (150, 96, 58),
    "rabbit": (198, 178, 160),
    "whale": (58, 84, 110),
    "owl": (120, 88, 66),
}
GLOW = (255, 214, 132)


def paint_figure(
    brush: Brush, mood: Mood, name: str, *, foot: Point, height: float, faces_left: bool = True
) -> None:
    """`foot` and `height` in pixels."""
    for role, path in OUTLINES[name]:
        polygons = [_placed(line, foot, height, faces_left) for line in flattened(path)]
        tone = role_colour(name, role, mood)
        shade = colour.mix(tone, mood.near, 0.34 if role in ("body", "accent", "light") else 0.0)
        brush.shapes(polygons, tone, shade)
    if any(role == "glow" for role, _ in OUTLINES[name]) and mood.time in ("night", "dusk"):
        centre = (foot[0], foot[1] - height * 0.5)
        brush.glow(centre, height * 1.1, GLOW, strength=0.22)


def role_colour(name: str, role: str, mood: Mood) -> RGB:
    """In dim light everything leans towards the dark of the foreground."""
    dimness = {"night": 0.3, "dusk": 0.16, "dawn": 0.06}.get(mood.time, 0.0)
    silhouette = colour.mix(mood.near, (8, 8, 16), 0.35 if mood.time == "night" else 0.0)
    body = OWN_COLOURS.get(name, silhouette)
    plain = {
        "body": body,
        "light": colour.mix((255, 248, 238), mood.light, 0.3),
        "accent": mood.accent,
        "dark": colour.mix(mood.near, (12, 10, 18), 0.3),
        "glow": GLOW,
    }[role]
    return plain if role in ("glow", "dark") else colour.mix(plain, mood.near, dimness)


@cache
def flattened(path: str) -> list[list[Point]]:
    """The polygons of a path, its curves cut into short lines."""
    words = TOKENS.findall(path)
    polygons: list[list[Point]] = []
    command = ""
    numbers: list[float] = []
    for word in [*words, "Z"]:
        if word in "MLCZ":
            command, numbers = word, []
            continue
        numbers.append(float(word))
        if command == "M" and len(numbers) == 2:
            polygons.append([(numbers[0], numbers[1])])
            command, numbers = "L", []
        elif command == "L" and len(numbers) == 2:
            polygons[-1].append((numbers[0], numbers[1]))
            numbers = []
        elif command == "C" and len(numbers) == 6:
            polygons[-1] += _curve(polygons[-1][-1], numbers)
            numbers = []
    return polygons


def _curve(start: Point, numbers: list[float]) -> list[Point]:
    first, second, end = zip(numbers[::2], numbers[1::2], strict=True)
    found = []
    for step in range(1, STEPS + 1):
        t = step / STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        points = (start, first, second, end)
        x = sum(weight * point[0] for weight, point in zip(weights, points, strict=True))
        y = sum(weight * point[1] for weight, point in zip(weights, points, strict=True))
        found.append((x, y))
    return found


def _placed(line: list[Point], foot: Point, height: float, faces_left: bool) -> list[Point]:
    side = 1 if faces_left else -1
    scale = height / 100
    return [(foot[0] + side * (x - 50) * scale, foot[1] + (y - 100) * scale) for x, y in line]
