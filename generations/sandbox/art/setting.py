"""A scene in the making, and the layers that most of them share."""

import random
from dataclasses import dataclass

from generations.sandbox.art import colour, land, ridges, sky
from generations.sandbox.art.brush import Brush
from generations.sandbox.art.land import Layer
from generations.sandbox.art.moods import Mood
from generations.sandbox.art.words import Brief

GROUND_SNOW = (238, 243, 250)
LOWEST_FRONT = 0.985  # figures stand here and must stay in the picture


@dataclass(frozen=True, slots=True)
class Scene:
    brush: Brush
    mood: Mood
    brief: Brief
    chance: random.Random

    @property
    def width(self) -> float:
        """In units: how far the land stretches."""
        return self.brush.width / self.brush.unit

    @property
    def is_wintry(self) -> bool:
        return self.brief.season == "winter" or "snow" in self.brief.weathers

    def layer(self, profile: ridges.Profile, base: float) -> Layer:
        return Layer(self.brush, profile, base=base)

    def mist(self, y: float, *, strength: float = 0.55, reach: float = 0.07) -> None:
        more = 1.5 if "mist" in self.brief.weathers else 1.0
        seed = self.chance.randrange(2**31)
        tone = colour.mix(self.mood.horizon, self.mood.light, 0.25)
        strength = min(0.95, strength * more)
        self.brush.mist(y, reach * more, tone, strength=strength, seed=seed)

    def ground(self) -> Mood:
        """The mood for what lies on the ground: under snow it is pale."""
        if not self.is_wintry:
            return self.mood
        dim = {"night": 0.5, "dusk": 0.3}.get(self.mood.time, 0.12)
        white = colour.mix(GROUND_SNOW, self.mood.layer(0.3), dim)
        near = colour.mix(white, self.mood.near, 0.16)
        return Mood(
            self.mood.time,
            self.mood.season,
            self.mood.sky,
            self.mood.light,
            colour.mix(white, self.mood.far, 0.35),
            near,
            self.mood.accent,
        )


def paint_backdrop(
    scene: Scene, *, horizon: float, sun_y: tuple[float, float] = (0.16, 0.4)
) -> float:
    """Sky with all that is in it; where the light stands, as a share of the width."""
    chance, brush, mood = scene.chance, scene.brush, scene.mood
    sky.paint_sky(brush, mood, horizon=horizon)
    if mood.time == "night":
        if chance.random() < 0.5 or "stars" in scene.brief.weathers:
            sky.paint_milky_way(brush, mood, chance)
        sky.paint_stars(brush, mood, chance, bottom=horizon)
    if "aurora" in scene.brief.weathers:
        sky.paint_aurora(brush, chance, horizon=horizon)
    x = chance.choice((chance.uniform(0.18, 0.42), chance.uniform(0.58, 0.82)))
    low = {"dawn": 0.06, "dusk": 0.1}.get(mood.time, 0.0)
    y = chance.uniform(*sun_y) + low
    radius = chance.uniform(0.045, 0.085) * (0.75 if mood.time in ("day", "night") else 1.15)
    if "rain" not in scene.brief.weathers:
        sky.paint_sun(brush, mood, centre=(x, y), radius=radius, chance=chance)
    if mood.time != "night" or chance.random() < 0.35:
        sky.paint_clouds(brush, mood, chance, horizon=horizon)
    return x


def paint_ranges(scene: Scene, *, horizon: float, rows: int, bottom: float) -> None:
    """Ranges one before the other, the nearest at `bottom`."""
    chance = scene.chance
    for row in range(rows):
        share = row / max(1, rows - 1)
        depth = 0.08 + 0.52 * share
        base = horizon + (bottom - horizon) * share
        height = chance.uniform(0.20, 0.34) * (1.12 - 0.42 * share)
        count = chance.randint(3, 5) + row
        profile = ridges.peaks(chance, width=scene.width, count=count, height=height)
        layer = scene.layer(profile, base)
        layer.paint(scene.mood, depth=depth, haze=0.75)
        tone = colour.mix(scene.mood.layer(depth), scene.mood.near, 0.22)
        scene.brush.shapes(land.shaded_flanks(layer, chance), tone, opacity=0.32)
        if scene.is_wintry or (row == 0 and chance.random() < 0.4):
            caps = land.snow_caps(layer, chance, above=height * chance.uniform(0.42, 0.62))
            white = colour.mix(land.SNOW, scene.mood.light, 0.3)
            scene.brush.shapes(caps, colour.mix(white, scene.mood.layer(depth), 0.25), opacity=0.85)
        scene.mist(base - 0.02, strength=0.5 - 0.16 * share)


def paint_foreground(scene: Scene, *, base: float, pines: int, height: float = 0.17) -> Layer:
    """Two dark banks in front, wooded or grassy."""
    chance, mood = scene.chance, scene.mood
    ground = scene.ground()
    for step, depth in enumerate((0.7, 0.86)):
        profile = ridges.hills(chance, length=chance.uniform(0.5, 0.9), height=0.08)
        layer = scene.layer(profile, base + 0.055 * step)
        if pines:
            tall = height * (0.62 + 0.5 * step)
            trees = land.pines_on(
                layer, chance, count=round(pines * (1.2 - 0.5 * step)), height=tall
            )
            tone = mood.layer(depth - 0.04)
            scene.brush.shapes(trees, tone, colour.mix(tone, mood.near, 0.5))
        layer.paint(ground, depth=depth, haze=0.3)
    profile = ridges.hills(chance, length=chance.uniform(0.6, 1.1), height=0.07)
    front = scene.layer(profile, min(base + 0.135, LOWEST_FRONT))
    blades = [] if scene.is_wintry else land.grass_on(front, chance, count=240, height=0.028)
    front.paint(ground, depth=1.0, extra=blades)
    return front
