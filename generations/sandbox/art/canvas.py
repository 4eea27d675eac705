"""From a prompt and a seed to a picture: the same for the same two and the same size."""

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.sandbox.art import grain, scenes, setting
from generations.sandbox.art.brush import Brush, cloud_field
from generations.sandbox.art.moods import choose_mood
from generations.sandbox.art.words import Brief, read_brief

GRAIN = 0.034
AFLOAT_TERRAINS = ("sea", "lake", "sea")
TERRAINS = ("mountains", "mountains", "lake", "forest", "hills", "sea", "desert", "city")
TIMES = ("dawn", "day", "dusk", "dusk", "night")


def draw(prompt: str, *, seed: int, size: tuple[int, int]) -> Image.Image:
    """RGB. What the prompt leaves open is up to the seed."""
    chance = random.Random(f"{seed} {' '.join(prompt.lower().split())}")  # noqa: S311 repeatable on purpose
    brief = read_brief(prompt)
    terrain = brief.terrain or _terrain_for(brief, chance)
    time = brief.time or ("" if brief.season else chance.choice(TIMES))
    if terrain == "space" or "stars" in brief.weathers or "aurora" in brief.weathers:
        time = "night"
    season = brief.season or chance.choice(("spring", "summer", "autumn", "any", "any"))
    mood = choose_mood(chance, time=time, season=season, hue=brief.hue)
    brush = Brush(size)
    scene = setting.Scene(brush, mood, brief, chance)
    scenes.PAINTERS[terrain](scene)
    _let_weather_in(scene)
    return _finished(brush.image, seed)


def cut_out(image: Image.Image) -> Image.Image:
    """The picture as a soft-cornered sticker on nothing."""
    width, height = image.size
    mask = Image.new("L", (width * 2, height * 2))
    edge = round(min(width, height) * 0.12)
    box = (edge, edge, width * 2 - edge, height * 2 - edge)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=edge * 3, fill=255)
    cut = image.convert("RGBA")
    cut.putalpha(mask.reduce(2))
    return cut


def _terrain_for(brief: Brief, chance: random.Random) -> str:
    if {"boat", "whale", "lighthouse"} & set(brief.subjects):
        return chance.choice(AFLOAT_TERRAINS)
    if "cactus" in brief.subjects:
        return "desert"
    if "palm" in brief.subjects:
        return "sea"
    if "rocket" in brief.subjects:
        return "space"
    if {"fox", "deer", "bear", "owl"} & set(brief.subjects):
        return chance.choice(("forest", "mountains"))
    if {"flower", "tree", "rabbit", "house"} & set(brief.subjects):
        return "hills"
    return chance.choice(TERRAINS)


def _let_weather_in(scene: setting.Scene) -> None:
    if scene.is_wintry and "aurora" not in scene.brief.weathers:
        _snow(scene)
    if "rain" in scene.brief.weathers:
        _rain(scene)


def _snow(scene: setting.Scene) -> None:
    brush, chance = scene.brush, scene.chance
    flakes = Image.new("L", (brush.width * 2, brush.height * 2))
    pen = ImageDraw.Draw(flakes)
    for _ in range(360):
        near = chance.random() ** 5
        radius = brush.unit * (0.0016 + 0.006 * near) * 2
        x, y = chance.random() * flakes.width, chance.random() * flakes.height
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(210 - 110 * near))
    soft = flakes.reduce(2).filter(ImageFilter.GaussianBlur(brush.unit * 0.0008))
    brush.veil(soft, (255, 255, 255))


def _rain(scene: setting.Scene) -> None:
    brush, chance = scene.brush, scene.chance
    drops = Image.new("L", (brush.width * 2, brush.height * 2))
    pen = ImageDraw.Draw(drops)
    lean = chance.uniform(-0.25, 0.25)
    for _ in range(520):
        length = brush.unit * chance.uniform(0.02, 0.07) * 2
        x, y = chance.random() * drops.width, chance.random() * drops.height
        thick = max(1, round(brush.unit * 0.0014))
        pen.line((x, y, x + length * lean, y + length), fill=chance.randint(40, 110), width=thick)
    brush.veil(drops.reduce(2), scene.mood.light)


def _finished(image: Image.Image, seed: int) -> Image.Image:
    """Uneven ink, darker corners and a fine grain; they also hide the steps in gradients."""
    wash = cloud_field((64, 64), seed=seed, cells=(4, 4)).point(
        [118 + value * 20 // 255 for value in range(256)]
    )
    wash = ImageChops.multiply(wash, _vignette())
    shade = wash.resize(image.size, Image.Resampling.BICUBIC)
    speckle = grain.fine(image.size, seed=seed, amount=GRAIN)
    both = ImageChops.add(shade, speckle, offset=-128)
    return ImageChops.add(image, Image.merge("RGB", (both,) * 3), offset=-128)


def _vignette() -> Image.Image:
    falloff = [255 - round(22 * (value / 255) ** 2.2) for value in range(256)]
    return Image.radial_gradient("L").resize((64, 64)).point(falloff)
