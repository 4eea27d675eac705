"""Compositions: which layers stand where for each kind of land."""

from collections.abc import Callable

from generations.sandbox.art import (
    city,
    colour,
    flora,
    land,
    planet,
    ridges,
    setting,
    sky,
    stage,
    water,
)
from generations.sandbox.art.brush import Point, circle
from generations.sandbox.art.land import Layer
from generations.sandbox.art.setting import Scene


def paint_mountains(scene: Scene) -> None:
    horizon = scene.chance.uniform(0.56, 0.64)
    setting.paint_backdrop(scene, horizon=horizon + 0.06)
    setting.paint_ranges(scene, horizon=horizon, rows=scene.chance.randint(3, 4), bottom=0.80)
    front = setting.paint_foreground(scene, base=0.84, pines=scene.chance.randint(50, 120))
    stage.set_figures(scene, front)


def paint_forest(scene: Scene) -> None:
    """Rows of trees that step out of the mist."""
    chance, mood = scene.chance, scene.mood
    setting.paint_backdrop(scene, horizon=0.68, sun_y=(0.16, 0.32))
    setting.paint_ranges(scene, horizon=0.58, rows=chance.randint(1, 2), bottom=0.64)
    rows = 4
    for row in range(rows):
        depth = 0.28 + 0.5 * row / (rows - 1)
        profile = ridges.hills(chance, length=0.6, height=0.08)
        layer = scene.layer(profile, 0.66 + 0.075 * row)
        tall = 0.10 + 0.052 * row
        if row and scene.brief.season in stage.LEAVES:
            stage.plant_trees(scene, layer, count=26 - 4 * row, height=tall, depth=depth)
        trees = land.pines_on(layer, chance, count=110 - 18 * row, height=tall, clumping=0.35)
        if row and scene.brief.season in stage.LEAVES:
            trees = trees[: len(trees) // 4]
        tone = mood.layer(depth)
        scene.brush.shapes(trees, tone, colour.mix(tone, mood.horizon, 0.42 * (1 - depth)))
        layer.paint(scene.ground() if row > 1 else mood, depth=depth, haze=0.6)
        scene.mist(0.68 + 0.075 * row, strength=0.62 - 0.13 * row, reach=0.05)
    front = setting.paint_foreground(scene, base=0.87, pines=0)
    if not scene.brief.subjects or chance.random() < 0.6:
        _frame_with_pines(scene, front)
    stage.set_figures(scene, front)


def _frame_with_pines(scene: Scene, front: Layer) -> None:
    """Tall dark trees at one or both edges, so that one looks out between them."""
    chance, brush = scene.chance, scene.brush
    trees = []
    for side in chance.sample((0, 1), chance.choice((1, 2))):
        for _ in range(chance.randint(2, 3)):
            x = abs(side - chance.uniform(-0.03, 0.13)) * brush.width
            tall = brush.unit * chance.uniform(0.42, 0.72)
            trees.append(flora.pine((x, front.y(x) + tall * 0.06), tall, chance))
    tone = scene.mood.layer(0.97)
    brush.shapes(trees, tone, scene.mood.near)


def paint_lake(scene: Scene) -> None:
    chance = scene.chance
    level = chance.uniform(0.58, 0.66)
    setting.paint_backdrop(scene, horizon=level + 0.02, sun_y=(0.14, 0.3))
    rows = chance.randint(2, 3)
    setting.paint_ranges(scene, horizon=level - 0.04, rows=rows, bottom=level + 0.02)
    profile = ridges.hills(chance, length=0.7, height=0.05)
    shore = scene.layer(profile, level + 0.012)
    trees = land.pines_on(shore, chance, count=110, height=0.085)
    shore.paint(scene.mood, depth=0.66, extra=trees, haze=0.2)
    scene.mist(level, strength=0.42, reach=0.03)
    water.paint_mirror(scene.brush, scene.mood, chance, level=level)
    scene.mist(level + 0.01, strength=0.3, reach=0.02)
    stage.set_on_water(scene, level=level)
    front = scene.layer(ridges.hills(chance, length=0.8, height=0.09), chance.uniform(0.95, 1.0))
    reeds = land.grass_on(front, chance, count=170, height=0.085)
    front.paint(scene.ground(), depth=1.0, extra=[] if scene.is_wintry else reeds)
    stage.set_figures(scene, front)


def paint_sea(scene: Scene) -> None:
    chance = scene.chance
    level = chance.uniform(0.52, 0.62)
    light_x = setting.paint_backdrop(scene, horizon=level, sun_y=(0.2, level - 0.14))
    if chance.random() < 0.75:
        height = chance.uniform(0.06, 0.16)
        island = ridges.peaks(chance, width=scene.width, count=3, height=height)
        scene.layer(lambda x: island(x) - height * 0.34, level).paint(scene.mood, depth=0.22)
    scene.mist(level - 0.01, strength=0.5, reach=0.035)
    water.paint_sea(scene.brush, scene.mood, chance, level=level, light_x=light_x)
    stage.set_on_water(scene, level=level)
    cliff = _headland(scene) if chance.random() < 0.7 or scene.brief.subjects else None
    if cliff is not None:
        stage.set_figures(scene, cliff)


def _headland(scene: Scene) -> Layer:
    """Land that comes in from one side and falls to the water."""
    chance = scene.chance
    rock = ridges.wander(chance, length=0.12, octaves=5)
    from_left, reach = chance.random() < 0.5, chance.uniform(0.4, 0.62) * scene.width
    height = chance.uniform(0.16, 0.26)

    def profile(x: float) -> float:
        inland = reach - (x if from_left else scene.width - x)
        rise = min(1.0, max(-0.6, inland / (0.22 * scene.width)))
        return height * (rise if rise < 0 else rise**0.6) + 0.012 * rock(x)

    cliff = scene.layer(profile, 0.99)
    grass = [] if scene.is_wintry else land.grass_on(cliff, chance, count=260, height=0.02)
    cliff.paint(scene.ground(), depth=0.98, extra=grass)
    return cliff


def paint_desert(scene: Scene) -> None:
    chance, mood = scene.chance, scene.mood
    horizon = chance.uniform(0.52, 0.6)
    setting.paint_backdrop(scene, horizon=horizon + 0.06)
    if chance.random() < 0.6:
        setting.paint_ranges(scene, horizon=horizon, rows=1, bottom=horizon)
    sand = colour.mix(mood.light, mood.accent, 0.45)
    front = scene.layer(lambda x: 0.0, 1.0)
    rows = 5
    for row in range(rows):
        share = row / (rows - 1)
        profile = ridges.dunes(chance, length=0.5 + 0.55 * share, height=0.07 + 0.13 * share)
        front = scene.layer(profile, horizon + 0.05 + (1.02 - horizon - 0.05) * share**1.2)
        lit = colour.mix(mood.horizon, sand, 0.45 + 0.5 * share)
        tone = colour.mix(lit, mood.near, 0.5 * share**1.5)
        shade = colour.mix(tone, mood.near, 0.34)
        scene.brush.shapes([front.outline()], colour.mix(tone, mood.light, 0.25), shade)
        scene.brush.shapes(_lee_sides(front), shade, colour.mix(shade, tone, 0.7), opacity=0.55)
        if row < 2:
            scene.mist(horizon + 0.06 * row + 0.03, strength=0.35, reach=0.04)
    if "cactus" in scene.brief.subjects or chance.random() < 0.35:
        stage.plant_cacti(scene, front)
    stage.set_figures(scene, front)


def _lee_sides(layer: Layer) -> list[list[Point]]:
    """The shaded slope behind each crest, with an edge that runs down towards us."""
    line, found = layer.line(), []
    reach = max(6, len(line) // 22)
    for index in range(reach, len(line) - reach):
        x, y = line[index]
        if y > min(py for _, py in line[index - reach : index + reach + 1]):
            continue
        slope = [(x, y)]
        for px, py in line[index + 1 :]:
            if py < slope[-1][1] - 0.4:
                break
            slope.append((px, py))
        if len(slope) > reach // 2:
            found.append([*slope, *_lee_edge(slope)])
    return found


def _lee_edge(slope: list[Point]) -> list[Point]:
    (x, y), (end_x, end_y) = slope[0], slope[-1]
    drop = (end_y - y) * 1.5
    shares = [step / 6 for step in range(6, 0, -1)]
    return [
        (x + ((end_x - x) * 0.62 - drop * 0.16) * share, y + drop * share**1.3) for share in shares
    ]


def paint_city(scene: Scene) -> None:
    chance = scene.chance
    base = chance.uniform(0.72, 0.8)
    setting.paint_backdrop(scene, horizon=base, sun_y=(0.18, 0.36))
    if chance.random() < 0.4:
        setting.paint_ranges(scene, horizon=base - 0.1, rows=1, bottom=base)
    for row in range(3):
        height = chance.uniform(0.40, 0.52) - 0.09 * row
        depth = 0.2 + 0.3 * row
        city.paint_row(
            scene.brush, scene.mood, chance, base=base + 0.02 * row, height=height, depth=depth
        )
        scene.mist(base, strength=0.45 - 0.13 * row, reach=0.06)
    if chance.random() < 0.65:
        level = base + 0.05
        water.paint_mirror(scene.brush, scene.mood, chance, level=level)
        stage.set_on_water(scene, level=level)
        return
    front = setting.paint_foreground(scene, base=base + 0.09, pines=0)
    stage.plant_copses(scene, front, height=0.09, depth=0.9)
    stage.set_figures(scene, front)


def paint_hills(scene: Scene) -> None:
    """Fields folded one behind the other, with hedges, trees and perhaps a house."""
    chance = scene.chance
    horizon = chance.uniform(0.5, 0.58)
    setting.paint_backdrop(scene, horizon=horizon + 0.08)
    if chance.random() < 0.6:
        setting.paint_ranges(scene, horizon=horizon, rows=2, bottom=horizon + 0.06)
    ground = scene.ground()
    rows = 4
    for row in range(rows):
        share = row / (rows - 1)
        profile = ridges.hills(chance, length=0.45 + 0.3 * share, height=0.13)
        layer = scene.layer(profile, horizon + 0.09 + 0.3 * share)
        depth = 0.24 + 0.5 * share
        stage.plant_copses(scene, layer, height=0.035 + 0.055 * share, depth=depth + 0.1)
        layer.paint(ground, depth=depth, haze=0.6)
        stage.plough(scene, layer, depth=depth)
        scene.mist(horizon + 0.12 + 0.26 * share, strength=0.3 * (1 - share), reach=0.05)
    is_meadow = "flower" in scene.brief.subjects
    front = setting.paint_foreground(scene, base=0.76 if is_meadow else 0.87, pines=0)
    stage.set_figures(scene, front)


def paint_space(scene: Scene) -> None:
    """A strange shore under a great planet."""
    chance, brush, mood = scene.chance, scene.brush, scene.mood
    sky.paint_sky(brush, mood, horizon=0.9)
    sky.paint_milky_way(brush, mood, chance)
    sky.paint_stars(brush, mood, chance, bottom=0.86)
    planet.hang_planet(scene)
    for _ in range(chance.randint(1, 2)):
        spot = (chance.random() * brush.width, chance.uniform(0.08, 0.5) * brush.height)
        size = brush.unit * chance.uniform(0.012, 0.035)
        brush.shapes([circle(spot, size)], mood.light, colour.mix(mood.light, mood.far, 0.7))
    setting.paint_ranges(scene, horizon=0.72, rows=3, bottom=0.86)
    front = setting.paint_foreground(scene, base=0.88, pines=0)
    stage.set_figures(scene, front)


PAINTERS: dict[str, Callable[[Scene], None]] = {
    "mountains": paint_mountains,
    "forest": paint_forest,
    "lake": paint_lake,
    "sea": paint_sea,
    "desert": paint_desert,
    "city": paint_city,
    "hills": paint_hills,
    "space": paint_space,
}
