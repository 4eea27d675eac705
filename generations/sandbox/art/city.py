"""Skylines: rows of towers with roofs, masts and, when it is dark, windows."""

import random

from generations.sandbox.art import colour
from generations.sandbox.art.brush import Brush, Point, circle
from generations.sandbox.art.moods import Mood

LAMP = (255, 209, 128)


def paint_row(
    brush: Brush, mood: Mood, chance: random.Random, *, base: float, height: float, depth: float
) -> None:
    """Towers shoulder to shoulder, higher around a centre."""
    towers = _towers(brush, chance, base=base, height=height)
    shapes = [shape for tower in towers for shape in _shape(tower, chance)]
    ground = base * brush.height
    left, right, bottom = -9.0, brush.width + 9.0, brush.height + 9.0
    shapes.append([(left, ground), (right, ground), (right, bottom), (left, bottom)])
    top = mood.layer(depth)
    haze = colour.mix(top, mood.horizon, 0.55 * (1 - depth))
    brush.shapes(shapes, top, haze if depth < 0.8 else colour.mix(top, mood.near, 0.6))
    share = {"night": 0.42, "dusk": 0.28, "dawn": 0.1}.get(mood.time, 0.05)
    if depth > 0.3:
        _light_windows(brush, mood, towers, chance, share=share * depth)


Box = tuple[float, float, float, float]


def _towers(brush: Brush, chance: random.Random, *, base: float, height: float) -> list[Box]:
    found, x = [], -0.02 * brush.unit
    centre, spread = chance.uniform(0.25, 0.75), chance.uniform(0.22, 0.4)
    while x < brush.width:
        wide = brush.unit * chance.uniform(0.028, 0.075)
        near = max(0.0, 1 - abs((x + wide / 2) / brush.width - centre) / spread)
        tall = brush.unit * height * (0.3 + 0.42 * near**1.4 + 0.34 * chance.random() ** 2)
        found.append((x, base * brush.height - tall, x + wide, base * brush.height + 2))
        x += wide * chance.choice((1.0, 1.0, 1.06, 1.25))
    return found


def _shape(tower: Box, chance: random.Random) -> list[list[Point]]:
    left, top, right, bottom = tower
    wide, middle = right - left, (left + right) / 2
    body: list[Point] = [(left, bottom), (left, top), (right, top), (right, bottom)]
    kind = chance.randrange(7)
    if kind == 0:
        mast = wide * 0.035
        spire: list[Point] = [
            (middle - mast, top),
            (middle, top - wide * 1.3),
            (middle + mast, top),
        ]
        step = wide * 0.22
        block: list[Point] = [(left + step, top), (left + step, top - wide * 0.35)]
        block += [(right - step, top - wide * 0.35), (right - step, top)]
        return [body, block, spire]
    if kind == 1:
        return [body, [(left, top + 1), (left, top - wide * 0.4), (right, top + 1)]]
    if kind == 2:
        return [body, [(left, top + 1), (middle, top - wide * 0.7), (right, top + 1)]]
    if kind == 3:
        return [body, circle((middle, top), wide * 0.5, squash=0.8)]
    if kind == 4:
        box = [(left + wide * 0.15, top), (left + wide * 0.15, top - wide * 0.16)]
        return [body, [*box, (left + wide * 0.45, top - wide * 0.16), (left + wide * 0.45, top)]]
    return [body]


def _light_windows(
    brush: Brush, mood: Mood, towers: list[Box], chance: random.Random, *, share: float
) -> None:
    pane = brush.unit * 0.0046
    warm: list[list[Point]] = []
    cool: list[list[Point]] = []
    for left, top, right, bottom in towers:
        columns = int((right - left - pane * 2) / (pane * 2.3))
        rows = int((min(bottom, brush.height) - top - pane * 3) / (pane * 3.1))
        lively = share * chance.uniform(0.4, 1.6)
        for column in range(columns):
            for row in range(rows):
                if chance.random() > lively:
                    continue
                x = left + pane * 1.6 + column * pane * 2.3
                y = top + pane * 2.2 + row * pane * 3.1
                quad = [(x, y), (x + pane, y), (x + pane, y + pane * 1.6), (x, y + pane * 1.6)]
                (cool if chance.random() < 0.16 else warm).append(quad)
    brush.shapes(warm, LAMP, opacity=0.9)
    brush.shapes(cool, colour.mix(mood.accent, (255, 255, 255), 0.4), opacity=0.85)
