"""Soft-edged shapes on a canvas. Lengths are shares of the canvas, so every size looks alike."""

import math
import random
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art.colour import RGB, mix

Point = tuple[float, float]
SUPERSAMPLING = 2
STEPS = 64


class Brush:
    """Draws in pixels of the finished picture; `unit` is what sizes are shares of."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.unit = math.sqrt(size[0] * size[1])
        self.image = Image.new("RGB", size)

    def gradient(self, stops: Sequence[RGB], *, top: float = 0.0, bottom: float = 1.0) -> None:
        """The whole canvas, from the first colour at `top` to the last at `bottom`."""
        column = column_of(stops)
        start, end = round(top * self.height), max(round(bottom * self.height), 1)
        self.image.paste(stops[0], (0, 0, self.width, max(start, 0)))
        self.image.paste(stops[-1], (0, end, self.width, self.height))
        band = column.resize((self.width, max(1, end - start)), Image.Resampling.BILINEAR)
        self.image.paste(band, (0, start))

    def shapes(
        self,
        polygons: Sequence[Sequence[Point]],
        top: RGB,
        bottom: RGB | None = None,
        *,
        opacity: float = 1.0,
    ) -> None:
        """Filled polygons as one: shaded from `top` to `bottom` over their common height."""
        box = self._box(polygons)
        if box is None:
            return
        mask = self._mask(polygons, box)
        if opacity < 1.0:
            mask = mask.point([round(value * opacity) for value in range(256)])
        self._paste(top, bottom, box, mask)

    def _paste(
        self, top: RGB, bottom: RGB | None, box: tuple[int, int, int, int], mask: Image.Image
    ) -> None:
        if bottom is None or bottom == top:
            self.image.paste(top, box, mask)
            return
        size = (box[2] - box[0], box[3] - box[1])
        filling = column_of((top, bottom)).resize(size, Image.Resampling.BILINEAR)
        self.image.paste(filling, box, mask)

    def lit(self, polygons: Sequence[Sequence[Point]], colour: RGB, *, opacity: float) -> None:
        self.shapes(polygons, colour, opacity=opacity)

    def disc(self, centre: Point, radius: float, colour: RGB, *, opacity: float = 1.0) -> None:
        self.shapes([circle(centre, radius)], colour, opacity=opacity)

    def glow(self, centre: Point, radius: float, colour: RGB, *, strength: float) -> None:
        """Light that fades to nothing at the radius."""
        edge = max(2, round(radius * 2))
        size = (edge, edge)
        mask = round_gradient().point(
            [round(255 * strength * (1 - value / 255) ** 2) for value in range(256)]
        )
        mask = mask.resize(size, Image.Resampling.BICUBIC)
        corner = (round(centre[0] - radius), round(centre[1] - radius))
        self.image.paste(colour, (*corner, corner[0] + edge, corner[1] + edge), mask)

    def veil(self, mask: Image.Image, colour: RGB) -> None:
        """Colour laid over everything through a mask of any size, stretched to fit."""
        size = (self.width, self.height)
        self.image.paste(colour, (0, 0, *size), mask.resize(size, Image.Resampling.BICUBIC))

    def mist(self, y: float, reach: float, colour: RGB, *, strength: float, seed: int) -> None:
        """A drifting band around a height: y and reach are shares of the height."""
        size = (48, 96)
        clouds = cloud_field(size, seed=seed, cells=(3, 5))
        heights = [
            math.exp(-((((row + 0.5) / size[1]) - y) ** 2) / (reach * reach))
            for row in range(size[1])
        ]
        band = Image.new("L", (1, size[1]))
        band.putdata([round(255 * strength * value) for value in heights])
        lively = clouds.point([min(255, 90 + value) for value in range(256)])
        self.veil(ImageChops.multiply(band.resize(size), lively), colour)

    def _box(self, polygons: Sequence[Sequence[Point]]) -> tuple[int, int, int, int] | None:
        xs = [x for polygon in polygons for x, _ in polygon]
        ys = [y for polygon in polygons for _, y in polygon]
        if not xs:
            return None
        left, top = max(0, math.floor(min(xs)) - 1), max(0, math.floor(min(ys)) - 1)
        right = min(self.width, math.ceil(max(xs)) + 1)
        bottom = min(self.height, math.ceil(max(ys)) + 1)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _mask(
        self, polygons: Sequence[Sequence[Point]], box: tuple[int, int, int, int]
    ) -> Image.Image:
        left, top, right, bottom = box
        size = ((right - left) * SUPERSAMPLING, (bottom - top) * SUPERSAMPLING)
        mask = Image.new("L", size)
        pen = ImageDraw.Draw(mask)
        for polygon in polygons:
            moved = [((x - left) * SUPERSAMPLING, (y - top) * SUPERSAMPLING) for x, y in polygon]
            pen.polygon(moved, fill=255)
        return mask.reduce(SUPERSAMPLING)


@cache
def round_gradient() -> Image.Image:
    """0 in the middle to 255 on the inscribed circle. Pillow's own stops short of that."""
    edge = 128
    centre = (edge - 1) / 2
    reach = centre - 1
    image = Image.new("L", (edge, edge))
    image.putdata(
        [
            min(255, round(255 * math.hypot(x - centre, y - centre) / reach))
            for y in range(edge)
            for x in range(edge)
        ]
    )
    return image


def column_of(stops: Sequence[RGB]) -> Image.Image:
    """A gradient one pixel wide."""
    rows = []
    for step in range(STEPS):
        place = step / (STEPS - 1) * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        rows.append(mix(stops[index], stops[index + 1], place - index))
    column = Image.new("RGB", (1, STEPS))
    column.putdata(rows)
    return column


def circle(centre: Point, radius: float, *, squash: float = 1.0) -> list[Point]:
    count = max(24, round(math.sqrt(max(radius, 1)) * 8))
    turns = [2 * math.pi * index / count for index in range(count)]
    return [
        (centre[0] + radius * math.cos(turn), centre[1] + radius * squash * math.sin(turn))
        for turn in turns
    ]


def cloud_field(size: tuple[int, int], *, seed: int, cells: tuple[int, int]) -> Image.Image:
    """Soft noise from three layers of blots, each finer and fainter."""
    chance = random.Random(f"clouds {seed}")  # noqa: S311 repeatable on purpose
    field = Image.new("L", size, 128)
    for octave in range(3):
        count = (cells[0] * 2**octave, cells[1] * 2**octave)
        blots = Image.frombytes("L", count, chance.randbytes(count[0] * count[1]))
        layer = blots.resize(size, Image.Resampling.BICUBIC)
        field = Image.blend(field, layer, 1.0 if octave == 0 else 0.5**octave * 0.6)
    return field
