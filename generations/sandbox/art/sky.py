"""Everything above the horizon: gradient, sun or moon, stars, clouds, aurora, birds."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from generations.sandbox.art import colour
from generations.sandbox.art.brush import Brush, Point, circle, cloud_field
from generations.sandbox.art.moods import Mood

WHITE = (255, 255, 255)
AURORA = ((94, 234, 173), (72, 202, 228), (167, 139, 250))


def paint_sky(brush: Brush, mood: Mood, *, horizon: float) -> None:
    brush.gradient(mood.sky, bottom=horizon)


def paint_sun(
    brush: Brush, mood: Mood, *, centre: Point, radius: float, chance: random.Random
) -> None:
    """The light of the scene; at night a moon, sometimes a crescent."""
    at = (centre[0] * brush.width, centre[1] * brush.height)
    size = radius * brush.unit
    brush.glow(at, size * 7.5, mood.light, strength=0.42 if mood.is_dark else 0.6)
    brush.glow(at, size * 2.6, mood.light, strength=0.5)
    face = colour.mix(mood.light, WHITE, 0.35)
    if mood.time != "night" or chance.random() < 0.6:
        brush.disc(at, size, face, opacity=0.96)
        if mood.time == "night":
            _craters(brush, at, size, colour.mix(face, mood.sky[1], 0.22), chance)
        return
    brush.shapes([_crescent(at, size * 0.9)], face)


def paint_stars(brush: Brush, mood: Mood, chance: random.Random, *, bottom: float) -> None:
    """Many faint ones, a few bright; fewer towards the horizon."""
    layer = Image.new("L", (brush.width * 2, brush.height * 2))
    pen = ImageDraw.Draw(layer)
    for _ in range(420):
        x, y = chance.random(), chance.random() ** 1.6 * bottom
        bright = chance.random() ** 4
        radius = brush.unit * (0.0007 + 0.0019 * bright) * 2
        spot = (x * layer.width, y * layer.height)
        fade = 1 - (y / bottom) ** 2
        box = (spot[0] - radius, spot[1] - radius, spot[0] + radius, spot[1] + radius)
        pen.ellipse(box, fill=round((70 + 185 * bright**0.5) * fade))
    brush.veil(layer.reduce(2), colour.mix(mood.light, WHITE, 0.5))


def paint_milky_way(brush: Brush, mood: Mood, chance: random.Random) -> None:
    size = (96, 96)
    band = Image.new("L", size)
    pen = ImageDraw.Draw(band)
    lean = chance.uniform(-30, 30)
    pen.polygon([(34 - lean, 0), (58 - lean, 0), (66 + lean, 96), (30 + lean, 96)], fill=150)
    band = band.filter(ImageFilter.GaussianBlur(11))
    dust = cloud_field(size, seed=chance.randrange(2**31), cells=(5, 5))
    dust = dust.point([max(0, value - 70) for value in range(256)])
    glow = Image.new("L", size)
    glow.paste(band, (0, 0), dust)
    brush.veil(glow, colour.mix(mood.sky[-1], WHITE, 0.25))


def paint_clouds(brush: Brush, mood: Mood, chance: random.Random, *, horizon: float) -> None:
    """Long soft streaks, lit from below near the horizon."""
    size = (160, 160)
    field = cloud_field(size, seed=chance.randrange(2**31), cells=(3, 13))
    floor = chance.randint(120, 150)
    field = field.point([min(255, max(0, (value - floor) * 3)) for value in range(256)])
    fade = Image.new("L", (1, size[1]))
    fade.putdata([_cloud_fade(row / size[1], horizon) for row in range(size[1])])
    mask = Image.new("L", size)
    mask.paste(field, (0, 0), fade.resize(size))
    tone = colour.mix(mood.horizon, mood.light, 0.6)
    brush.veil(mask, tone)


def _cloud_fade(place: float, horizon: float) -> int:
    if place >= horizon:
        return 0
    return round(190 * math.sin(math.pi * place / horizon) ** 1.2)


def paint_aurora(brush: Brush, chance: random.Random, *, horizon: float) -> None:
    """Curtains of light: bright below, drawn out upwards."""
    size = (192, 128)
    for tone in chance.sample(AURORA, 3):
        phase, swing = chance.uniform(0, 6), chance.uniform(0.06, 0.13)
        base = chance.uniform(0.5, 0.8) * horizon
        mask = Image.new("L", size)
        pen = ImageDraw.Draw(mask)
        for x in range(size[0]):
            turn = x / size[0] * chance.uniform(6.2, 6.4) + phase
            foot = (base + swing * math.sin(turn) + 0.04 * math.sin(2.7 * turn)) * size[1]
            reach = (0.26 + 0.12 * math.sin(3.1 * turn)) * size[1]
            strength = 0.55 + 0.45 * math.sin(1.9 * turn + phase)
            for step in range(24):
                y = foot - reach * step / 24
                value = round(150 * strength * (1 - step / 24) ** 1.5)
                pen.line([(x, y), (x, y - reach / 24)], fill=max(0, value))
        brush.veil(mask.filter(ImageFilter.GaussianBlur(2.2)), tone)


def paint_birds(
    brush: Brush, tone: colour.RGB, chance: random.Random, *, count: int, around: Point
) -> None:
    """A loose flock of strokes with bent wings."""
    flock = []
    for _ in range(count):
        x = (around[0] + chance.gauss(0, 0.08)) * brush.width
        y = (around[1] + chance.gauss(0, 0.04)) * brush.height
        flock.append(_bird((x, y), brush.unit * chance.uniform(0.009, 0.02), chance))
    brush.shapes(flock, tone, opacity=0.85)


def _bird(at: Point, span: float, chance: random.Random) -> list[Point]:
    lift, tilt = chance.uniform(0.25, 0.6), chance.uniform(-0.15, 0.15)
    upper = [(-1.0, -0.1), (-0.55, -lift), (-0.15, -0.12), (0, 0.02)]
    upper += [(0.15, -0.12), (0.55, -lift), (1.0, -0.1)]
    lower = [(0.55, -lift + 0.14), (0.18, 0.1), (0, 0.2), (-0.18, 0.1), (-0.55, -lift + 0.14)]
    return [(at[0] + span * x, at[1] + span * (y + tilt * x)) for x, y in upper + lower]


def _crescent(at: Point, radius: float) -> list[Point]:
    outer = [(math.cos(turn), math.sin(turn)) for turn in _turns(70, 290)]
    inner = [(0.42 + 0.83 * math.cos(turn), 0.83 * math.sin(turn)) for turn in _turns(262, 98)]
    lean = -0.5
    return [
        (
            at[0] + radius * (x * math.cos(lean) - y * math.sin(lean)),
            at[1] + radius * (x * math.sin(lean) + y * math.cos(lean)),
        )
        for x, y in outer + inner
    ]


def _turns(start: float, end: float) -> list[float]:
    return [math.radians(start + (end - start) * step / 40) for step in range(41)]


def _craters(brush: Brush, at: Point, size: float, tone: colour.RGB, chance: random.Random) -> None:
    for _ in range(7):
        turn, reach = chance.uniform(0, 6.3), size * chance.uniform(0.1, 0.62)
        spot = (at[0] + reach * math.cos(turn), at[1] + reach * math.sin(turn))
        brush.shapes([circle(spot, size * chance.uniform(0.06, 0.2))], tone, opacity=0.35)
