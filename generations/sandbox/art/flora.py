"""What grows: outlines of pines, broad trees, grasses and flowers, standing at a point."""

import math
import random

from generations.sandbox.art.brush import Point, circle

Outline = list[Point]


def pine(foot: Point, height: float, chance: random.Random) -> Outline:
    """A fir: tiers of drooping boughs on both sides of a straight trunk."""
    tiers = 5 + round(height / 40) if height > 24 else 4
    spread = height * chance.uniform(0.17, 0.24)
    x, y = foot
    top = y - height
    right: Outline = []
    left: Outline = []
    for tier in range(1, tiers + 1):
        share = tier / tiers
        level = top + height * 0.94 * share
        reach = spread * share**0.85
        for side, line in ((1, right), (-1, left)):
            bough = reach * chance.uniform(0.82, 1.12)
            line.append((x + side * bough, level + height * chance.uniform(0.0, 0.02)))
            line.append((x + side * bough * 0.42, level - height * 0.015))
    trunk = height * 0.022
    foots = [(x + trunk, y + height * 0.06), (x - trunk, y + height * 0.06)]
    return [(x, top), *right, *foots, *reversed(left)]


def broad_tree(
    foot: Point, height: float, chance: random.Random, *, leaf: float = 1.0
) -> list[Outline]:
    """A trunk and a crown of overlapping rounds; a smaller `leaf` makes more and finer ones."""
    x, y = foot
    lean = height * chance.uniform(-0.04, 0.04)
    thick = height * 0.03
    trunk = [
        (x - thick * 1.5, y + height * 0.03),
        (x - thick * 0.6 + lean, y - height * 0.45),
        (x + thick * 0.6 + lean, y - height * 0.45),
        (x + thick * 1.5, y + height * 0.03),
    ]
    crown = []
    for _ in range(round(20 / leaf**1.6)):
        turn, reach = chance.uniform(0, 2 * math.pi), chance.random() ** 0.55
        spot = (
            x + lean + math.cos(turn) * reach * height * 0.31,
            y - height * 0.6 + math.sin(turn) * reach * height * 0.22,
        )
        crown.append(circle(spot, height * leaf * chance.uniform(0.09, 0.17)))
    return [trunk, *crown]


def poplar(foot: Point, height: float) -> Outline:
    """Slender as a flame."""
    x, y = foot
    wide = height * 0.1
    right = []
    for step in range(13):
        share = step / 12
        reach = wide * math.sin(math.pi * share**0.7) ** 0.8 + height * 0.008
        right.append((reach, y - height * (1 - share)))
    return [(x + dx, py) for dx, py in right] + [(x - dx, py) for dx, py in reversed(right)]


def crown_lights(
    foot: Point, height: float, chance: random.Random, *, leaf: float = 1.0
) -> list[Outline]:
    """Where the sun touches a broad tree."""
    return [
        circle(
            (
                foot[0] - height * chance.uniform(-0.1, 0.28),
                foot[1] - height * chance.uniform(0.55, 0.8),
            ),
            height * leaf * chance.uniform(0.03, 0.075),
        )
        for _ in range(round(9 / leaf**1.8))
    ]


def blade(foot: Point, height: float, chance: random.Random) -> Outline:
    """One leaf of grass, bent by the wind."""
    bend = height * chance.uniform(-0.35, 0.45)
    thick = max(0.8, height * 0.035)
    x, y = foot
    middle = (x + bend * 0.3, y - height * 0.6)
    return [
        (x - thick, y + 2),
        (middle[0] - thick * 0.7, middle[1]),
        (x + bend, y - height),
        (middle[0] + thick * 0.7, middle[1]),
        (x + thick, y + 2),
    ]


def stem(foot: Point, height: float, bend: float) -> Outline:
    x, y = foot
    thick = max(0.7, height * 0.014)
    left, right = [], []
    for step in range(7):
        share = step / 6
        spot = (x + bend * share**2, y - height * share)
        left.append((spot[0] - thick, spot[1]))
        right.append((spot[0] + thick, spot[1]))
    return left + right[::-1]


def poppy(at: Point, size: float, chance: random.Random) -> Outline:
    """A cup of petals seen from the side."""
    tilt = chance.uniform(-0.4, 0.4)
    cup = [(-0.15, 0.55), (-0.75, 0.2), (-1.0, -0.45), (-0.6, -0.75), (-0.25, -0.5)]
    cup += [(0.05, -0.85), (0.4, -0.55), (0.75, -0.7), (1.0, -0.35), (0.7, 0.25), (0.15, 0.55)]
    cos, sin = math.cos(tilt), math.sin(tilt)
    return [
        (at[0] + size * (px * cos - py * sin), at[1] + size * (px * sin + py * cos))
        for px, py in cup
    ]


def palm(foot: Point, height: float, chance: random.Random) -> list[Outline]:
    """A bent trunk and a head of fronds."""
    lean = height * chance.choice((-1, 1)) * chance.uniform(0.12, 0.3)
    head = (foot[0] + lean, foot[1] - height)
    parts = [stem(foot, height, lean)]
    for index in range(11):
        turn = math.radians(-28 + 236 * (index + chance.uniform(-0.25, 0.25)) / 10)
        parts.append(_frond(head, height * chance.uniform(0.34, 0.46), turn))
    return parts


def _frond(head: Point, length: float, turn: float) -> Outline:
    """Leaves its head in the direction of the turn and bows under its weight."""
    across, rise = math.cos(turn), math.sin(turn)
    bow = length * (0.22 + 0.34 * abs(across))
    upper, lower = [], []
    for step in range(15):
        share = step / 14
        x = head[0] + length * across * share
        y = head[1] - length * 0.62 * rise * share + bow * share**2
        wide = length * 0.062 * math.sin(math.pi * share**0.8) + length * 0.004
        upper.append((x, y - wide * 0.5))
        lower.append((x, y + wide * (0.4 if step % 2 else 1.7)))
    return upper + lower[::-1]


def saguaro(foot: Point, height: float, chance: random.Random) -> list[Outline]:
    """A cactus with an arm or two."""
    x, y = foot
    thick = height * 0.075
    parts = [_post(x, y, height, thick)]
    for side in chance.sample((-1, 1), chance.choice((1, 2, 2))):
        level = y - height * chance.uniform(0.35, 0.55)
        elbow = x + side * height * 0.19
        across = [(x, level - thick * 0.7), (elbow, level - thick * 0.7)]
        across += [(elbow, level + thick * 0.7), (x, level + thick * 0.7)]
        parts.append(across)
        arm = height * chance.uniform(0.22, 0.36)
        parts.append(_post(elbow, level + thick * 0.7, arm, thick * 0.75))
    return parts


def _post(x: float, y: float, height: float, thick: float) -> Outline:
    turns = [math.pi * step / 12 for step in range(13)]
    cap = [(x + thick * math.cos(t), y - height + thick - thick * math.sin(t)) for t in turns]
    return [(x + thick, y + 3), *cap, (x - thick, y + 3)]
