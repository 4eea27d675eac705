"""Colours mixed the way eyes mix them: in OKLab (Björn Ottosson, 2020), not in RGB."""

import math

RGB = tuple[int, int, int]
Lab = tuple[float, float, float]


def from_hex(text: str) -> RGB:
    value = int(text.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """`share` of the second in the first."""
    one, two = _to_lab(first), _to_lab(second)
    mixed = [a + (b - a) * share for a, b in zip(one, two, strict=True)]
    return _to_rgb((mixed[0], mixed[1], mixed[2]))


def turned(colour: RGB, degrees: float, *, strength: float = 1.0, light: float = 0.0) -> RGB:
    """The colour with its hue turned, its strength multiplied and its lightness moved."""
    lightness, a, b = _to_lab(colour)
    angle = math.radians(degrees)
    across = a * math.cos(angle) - b * math.sin(angle)
    along = a * math.sin(angle) + b * math.cos(angle)
    moved = min(1.0, max(0.0, lightness + light))
    return _to_rgb((moved, across * strength, along * strength))


def hue(colour: RGB) -> float:
    _, a, b = _to_lab(colour)
    return math.degrees(math.atan2(b, a))


def lightness(colour: RGB) -> float:
    return _to_lab(colour)[0]


def _to_lab(colour: RGB) -> Lab:
    red, green, blue = (_linear(value / 255) for value in colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _to_rgb(lab: Lab) -> RGB:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return _byte(red), _byte(green), _byte(blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _byte(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    curved = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(curved * 255)
