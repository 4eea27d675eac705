"""Water: a still lake that mirrors, a sea that glitters."""

import math
import random

from PIL import Image, ImageFilter

from generations.sandbox.art import colour
from generations.sandbox.art.brush import Brush, Point, column_of
from generations.sandbox.art.moods import Mood

RIPPLE_ROWS = 96


def paint_mirror(brush: Brush, mood: Mood, chance: random.Random, *, level: float) -> None:
    """Everything above the level, upside down below it, darker and swaying."""
    top = round(level * brush.height)
    depth = brush.height - top
    above = brush.image.crop((0, max(0, top - depth), brush.width, top))
    mirrored = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if mirrored.height < depth:
        mirrored = mirrored.resize((brush.width, depth))
    mirrored = _sway(mirrored, chance, brush.unit)
    tint = colour.mix(mood.sky[0], mood.near, 0.35)
    water = column_of((mood.horizon, tint)).resize(mirrored.size, Image.Resampling.BILINEAR)
    brush.image.paste(Image.blend(mirrored, water, 0.28), (0, top))
    _glints(brush, mood, chance, level=level, count=70, column=None)
    shore = [[(0, top - 1), (brush.width, top - 1), (brush.width, top + 1), (0, top + 1)]]
    brush.shapes(
        [[(float(x), float(y)) for x, y in line] for line in shore], mood.light, opacity=0.35
    )


def _sway(image: Image.Image, chance: random.Random, unit: float) -> Image.Image:
    """Rows moved sideways, more the nearer they are."""
    soft = image.filter(ImageFilter.GaussianBlur(max(0.6, unit / 900)))
    out = soft.copy()
    height = image.height
    row, phase = 0, chance.uniform(0, 6)
    while row < height:
        share = row / height
        thick = max(1, round(unit * (0.0015 + 0.006 * share)))
        shift = round(unit * 0.007 * share**0.8 * math.sin(phase + row / unit * 120))
        strip = soft.crop((0, row, image.width, min(height, row + thick)))
        out.paste(strip, (shift, row))
        row += thick
    return out


def paint_sea(
    brush: Brush, mood: Mood, chance: random.Random, *, level: float, light_x: float
) -> None:
    """Bands that darken towards us, crests on them, and the sun's road."""
    deep = colour.mix(mood.near, mood.sky[0], 0.30)
    far = colour.mix(mood.horizon, mood.layer(0.35), 0.5)
    bands = 9
    for band in range(bands):
        share = band / bands
        top = level + (1 - level) * share**1.6
        tone = colour.mix(far, deep, share**0.75)
        brush.shapes([_swell(brush, chance, top, share)], tone, colour.mix(tone, deep, 0.35))
        if band:
            crest = _crests(brush, chance, top, share)
            brush.shapes(crest, colour.mix(tone, mood.light, 0.55), opacity=0.5)
    _glints(brush, mood, chance, level=level, count=260, column=light_x)


def _swell(brush: Brush, chance: random.Random, top: float, share: float) -> list[Point]:
    height = brush.unit * 0.014 * share
    phase, length = chance.uniform(0, 6), chance.uniform(0.16, 0.26) * (0.4 + share)
    line = []
    for step in range(0, 121):
        x = brush.width * step / 120
        turn = x / brush.unit / length * math.tau + phase
        y = top * brush.height - height * (math.sin(turn) + 0.4 * math.sin(2.3 * turn))
        line.append((x, y))
    return [*line, (brush.width, brush.height + 9.0), (0.0, brush.height + 9.0)]


def _crests(brush: Brush, chance: random.Random, top: float, share: float) -> list[list[Point]]:
    found = []
    for _ in range(9):
        x = chance.random() * brush.width
        y = (top + chance.uniform(0.0, 0.05) * share) * brush.height
        length = brush.unit * chance.uniform(0.02, 0.09) * (0.4 + share)
        found.append(_sliver((x, y), length, max(0.6, brush.unit * 0.0022 * (0.3 + share))))
    return found


def _glints(
    brush: Brush,
    mood: Mood,
    chance: random.Random,
    *,
    level: float,
    count: int,
    column: float | None,
) -> None:
    """Slivers of light; with a column they gather under the sun, wider towards us."""
    found = []
    for _ in range(count):
        share = chance.random() ** 1.5
        y = (level + (1 - level) * (0.01 + 0.97 * share)) * brush.height
        x = chance.random() * brush.width
        if column is not None:
            x = column * brush.width + chance.gauss(0, brush.unit * (0.012 + 0.075 * share))
        length = brush.unit * chance.uniform(0.006, 0.03) * (0.5 + 1.5 * share)
        found.append(_sliver((x, y), length, max(0.5, brush.unit * 0.0011 * (0.6 + 2 * share))))
    brush.shapes(found, mood.light, opacity=0.75 if column is not None else 0.16)


def _sliver(at: Point, length: float, thick: float) -> list[Point]:
    x, y = at
    return [
        (x - length, y),
        (x - length * 0.3, y - thick),
        (x + length * 0.4, y - thick),
        (x + length, y),
        (x + length * 0.3, y + thick),
        (x - length * 0.4, y + thick),
    ]
