"""Who and what stands in a scene: figures, trees, flowers, a planet."""

from generations.sandbox.art import colour, figures, flora, sky
from generations.sandbox.art.brush import Point, circle
from generations.sandbox.art.land import Layer
from generations.sandbox.art.setting import Scene

HEIGHTS = {
    "fox": 0.20,
    "cat": 0.18,
    "dog": 0.20,
    "deer": 0.26,
    "bear": 0.20,
    "rabbit": 0.15,
    "owl": 0.16,
    "bird": 0.13,
    "lighthouse": 0.36,
    "house": 0.17,
    "castle": 0.30,
    "tent": 0.12,
    "rocket": 0.34,
}
DRY = 0.94  # of the height: land that starts lower is too near the edge to stand on
AFLOAT = ("boat", "whale")
ALOFT = ("balloon",)
PLANTS = ("tree", "flower", "cactus", "palm")
LEAF_SHADE = {"day": 0.08, "dawn": 0.16, "dusk": 0.28, "night": 0.62}
LEAVES = {
    "autumn": ((214, 120, 48), (190, 70, 44), (226, 164, 62)),
    "spring": ((244, 182, 196), (250, 208, 214), (236, 150, 176)),
}


def set_figures(scene: Scene, front: Layer) -> None:
    """What the prompt names, side by side on the nearest land; without names a flock at most."""
    standing = [name for name in scene.brief.subjects if name in HEIGHTS][:3]
    for name, x in zip(standing, _places(scene, front, len(standing)), strict=True):
        _stand(scene, front, name, x=x)
    if "tree" in scene.brief.subjects:
        plant_trees(scene, front, count=1, height=0.5, depth=0.9)
    if "palm" in scene.brief.subjects:
        _plant_palms(scene, front)
    if "flower" in scene.brief.subjects:
        scatter_flowers(scene, front)
    if "balloon" in scene.brief.subjects:
        _float_balloons(scene)
    _fly_birds(scene)


def _places(scene: Scene, layer: Layer, count: int) -> list[float]:
    """Spread over the part of the layer that is land, never quite in the middle of the picture."""
    shares = [step / 100 for step in range(8, 93)]
    dry = [x for x in shares if layer.y(x * scene.brush.width) < DRY * scene.brush.height]
    dry = dry or shares
    start = scene.chance.uniform(0.2, 0.36) if scene.chance.random() < 0.5 else 0.64
    places = [
        (start + scene.chance.uniform(-0.05, 0.05) + index / count) % 1 for index in range(count)
    ]
    return [dry[min(len(dry) - 1, int(place * len(dry)))] for place in places]


def _stand(scene: Scene, front: Layer, name: str, *, x: float) -> None:
    brush = scene.brush
    at = x * brush.width
    height = HEIGHTS[name] * brush.unit
    foot = (at, front.y(at) + height * 0.035)
    warm = colour.mix(scene.mood.horizon, scene.mood.light, 0.5)
    brush.glow((at, foot[1] - height * 0.55), height * 1.4, warm, strength=0.3)
    faces_left = x > 0.5
    figures.paint_figure(brush, scene.mood, name, foot=foot, height=height, faces_left=faces_left)


def set_on_water(scene: Scene, *, level: float) -> None:
    """Boats near the horizon, a whale nearer, each on its own reflection."""
    brush, chance = scene.brush, scene.chance
    for index, name in enumerate(name for name in scene.brief.subjects if name in AFLOAT):
        x = (chance.uniform(0.3, 0.7) + 0.3 * index) % 1.0 * brush.width
        y = (level + (1 - level) * chance.uniform(0.16, 0.34)) * brush.height
        height = brush.unit * chance.uniform(0.15, 0.2)
        figures.paint_figure(brush, scene.mood, name, foot=(x, y), height=height)
        tone = colour.mix(scene.mood.near, scene.mood.sky[0], 0.2)
        brush.shapes([circle((x, y + height * 0.02), height * 0.5, squash=0.06)], tone, opacity=0.5)
    if "boat" not in scene.brief.subjects and chance.random() < 0.3:
        x, y = chance.uniform(0.2, 0.8) * brush.width, (level + 0.02) * brush.height
        figures.paint_figure(brush, scene.mood, "boat", foot=(x, y), height=brush.unit * 0.05)


def plant_trees(
    scene: Scene, layer: Layer, *, count: int, height: float, depth: float = 0.85
) -> None:
    brush, chance, mood = scene.brush, scene.chance, scene.mood
    for _ in range(count):
        x = chance.uniform(0.06, 0.94) * brush.width
        tall = brush.unit * height * chance.uniform(0.75, 1.2)
        foot = (x, layer.y(x) + tall * 0.04)
        tone = _leaf_tone(scene, depth)
        leaf = max(0.35, min(1.0, 0.14 / height))
        trunk, *crown = flora.broad_tree(foot, tall, chance, leaf=leaf)
        brush.shapes([trunk], mood.layer(min(1.0, depth + 0.1)), mood.near)
        brush.shapes(crown, tone, colour.mix(tone, mood.near, 0.4))
        for share in (0.18, 0.36):
            lights = flora.crown_lights(foot, tall, chance, leaf=leaf)
            brush.shapes(lights, colour.mix(tone, mood.light, share), opacity=0.5)


def plant_copses(scene: Scene, layer: Layer, *, height: float, depth: float) -> None:
    """Trees in a few clumps, a pair of poplars, and wide empty slopes between."""
    chance, brush, mood = scene.chance, scene.brush, scene.mood
    shapes: list[list[Point]] = []
    lights: list[list[Point]] = []
    for _ in range(chance.randint(2, 4)):
        centre, spread = chance.random(), chance.uniform(0.015, 0.05)
        slender = chance.random() < 0.3
        for _ in range(chance.randint(2, 7)):
            x = (centre + chance.gauss(0, spread)) * brush.width
            tall = brush.unit * height * chance.uniform(0.6, 1.15)
            foot = (x, layer.y(x) + tall * 0.12)
            if slender:
                shapes.append(flora.poplar(foot, tall * 1.5))
                continue
            shapes += flora.broad_tree(foot, tall, chance)
            lights += flora.crown_lights(foot, tall, chance)
    tone = _leaf_tone(scene, depth)
    brush.shapes(shapes, tone, colour.mix(tone, mood.near, 0.45))
    brush.shapes(lights, colour.mix(tone, mood.light, 0.3), opacity=0.35)


def plough(scene: Scene, layer: Layer, *, depth: float) -> None:
    """Furrows that run over part of a slope."""
    chance, brush = scene.chance, scene.brush
    if chance.random() < 0.45 or scene.is_wintry:
        return
    start, wide = chance.uniform(-0.1, 0.7), chance.uniform(0.25, 0.5)
    lean = chance.uniform(-0.5, 0.5)
    rows = []
    for index in range(14):
        x = (start + wide * index / 14) * brush.width
        y = layer.y(x) + brush.unit * 0.006
        drop, thick = brush.unit * 0.16, brush.unit * 0.004
        foot = x + (index / 14 - 0.5 + lean) * brush.unit * 0.22
        rows.append([(x, y), (x + thick, y), (foot + thick * 4, y + drop), (foot, y + drop)])
    tone = colour.mix(scene.ground().layer(depth), scene.mood.accent, 0.35)
    brush.shapes(rows, tone, scene.ground().layer(depth), opacity=0.4)


def _leaf_tone(scene: Scene, depth: float) -> colour.RGB:
    tone = scene.mood.layer(min(1.0, depth))
    leaves = LEAVES.get(scene.brief.season)
    if leaves is None:
        return tone
    return colour.mix(scene.chance.choice(leaves), tone, LEAF_SHADE[scene.mood.time])


def plant_cacti(scene: Scene, layer: Layer) -> None:
    brush, chance = scene.brush, scene.chance
    tone = scene.mood.layer(0.95)
    for _ in range(chance.randint(2, 4)):
        x = chance.uniform(0.05, 0.95) * brush.width
        tall = brush.unit * chance.uniform(0.1, 0.24)
        parts = flora.saguaro((x, layer.y(x) + tall * 0.05), tall, chance)
        brush.shapes(parts, tone, scene.mood.near)


def _plant_palms(scene: Scene, layer: Layer) -> None:
    brush, chance = scene.brush, scene.chance
    tone = scene.mood.layer(0.96)
    for place in _places(scene, layer, chance.randint(2, 3)):
        x = place * brush.width
        tall = brush.unit * chance.uniform(0.3, 0.46)
        brush.shapes(flora.palm((x, layer.y(x)), tall, chance), tone, scene.mood.near)


def scatter_flowers(scene: Scene, layer: Layer) -> None:
    """On stems that stand in front of everything, small ones far, large ones near."""
    brush, chance, mood = scene.brush, scene.chance, scene.mood
    dim = 0.4 if mood.time == "night" else 0.08
    tones = [
        colour.mix(mood.accent, mood.near, dim),
        colour.mix(colour.mix(mood.accent, mood.light, 0.45), mood.near, dim),
        colour.mix(colour.turned(mood.accent, 28), mood.near, dim),
    ]
    stems: list[list[Point]] = []
    heads: list[list[list[Point]]] = [[], [], []]
    for _ in range(130):
        x = chance.random() * brush.width
        near = chance.random()
        tall = brush.unit * (0.025 + 0.11 * near**1.5)
        y = layer.y(x) + (brush.height * 1.06 - layer.y(x)) * near + brush.unit * 0.01
        bend = tall * chance.uniform(-0.3, 0.3)
        stems.append(flora.stem((x, y), tall, bend))
        size = brush.unit * (0.005 + 0.017 * near**1.5)
        heads[chance.randrange(3)].append(flora.poppy((x + bend, y - tall), size, chance))
    brush.shapes(stems, colour.mix(mood.layer(0.8), mood.near, 0.3))
    for tone, shapes in zip(tones, heads, strict=True):
        brush.shapes(shapes, tone)


def _float_balloons(scene: Scene) -> None:
    brush, chance = scene.brush, scene.chance
    count = chance.randint(3, 5)
    for index in range(count):
        height = brush.unit * (0.26 if index == count - 1 else chance.uniform(0.05, 0.12))
        x = (0.16 + 0.68 * ((index + chance.uniform(0.1, 0.9)) / count)) * brush.width
        y = chance.uniform(0.28, 0.46) * brush.height
        figures.paint_figure(brush, scene.mood, "balloon", foot=(x, y), height=height)


def _fly_birds(scene: Scene) -> None:
    chance = scene.chance
    asked = "bird" in scene.brief.subjects
    if not asked and (scene.mood.time == "night" or chance.random() > 0.45):
        return
    around = (chance.uniform(0.2, 0.8), chance.uniform(0.2, 0.38))
    count = chance.randint(6, 11) if asked else chance.randint(3, 6)
    tone = scene.mood.layer(0.8)
    sky.paint_birds(scene.brush, tone, chance, count=count, around=around)
