"""Palettes: a sky, its light, and the two colours that all layers lie between."""

import random
from dataclasses import dataclass

from generations.sandbox.art import colour
from generations.sandbox.art.colour import RGB, from_hex

HUES = {
    "red": 25.0,
    "orange": 55.0,
    "yellow": 90.0,
    "green": 145.0,
    "teal": 190.0,
    "blue": 250.0,
    "purple": 300.0,
    "pink": 0.0,
}
MOST_WANDERING = 14.0  # degrees of hue that chance may add


@dataclass(frozen=True, slots=True)
class Mood:
    time: str
    """dawn, day, dusk or night"""
    season: str
    sky: tuple[RGB, ...]
    """From the zenith down to the horizon."""
    light: RGB
    far: RGB
    near: RGB
    accent: RGB

    @property
    def horizon(self) -> RGB:
        return self.sky[-1]

    @property
    def is_dark(self) -> bool:
        return colour.lightness(self.sky[0]) < 0.42

    def layer(self, depth: float) -> RGB:
        """The colour of what stands at a depth: 0 is the farthest, 1 the nearest."""
        return colour.mix(self.far, self.near, depth**0.9)


def _mood(time: str, season: str, sky: str, light: str, far: str, near: str, accent: str) -> Mood:
    stops = tuple(from_hex(stop) for stop in sky.split())
    colours = [from_hex(text) for text in (light, far, near, accent)]
    return Mood(time, season, stops, *colours)


MOODS = (
    _mood("dawn", "any", "b9a7d9 e3c4dd f7dcd3 fdeede", "fff6e6", "c3abd2", "2b1d45", "f08a5d"),
    _mood("dawn", "spring", "a8cfe0 d3e4e4 f6e6da fbd9cf", "fff3e0", "b7c7cf", "24404f", "ef7d8e"),
    _mood("dawn", "any", "f2b5a7 f8cdb4 fde3c8 fff2dc", "ffffff", "dd9f98", "4a1e3a", "ffd166"),
    _mood("dawn", "winter", "9fb6d4 c6d3e6 eadfe8 fbe9e4", "fffaf2", "b3bfd6", "23304f", "e58f7b"),
    _mood("day", "summer", "5aa9d6 8fc9e4 c5e5ec f2f1df", "fffbe8", "9cc3cb", "123c4a", "f4a259"),
    _mood("day", "summer", "7fc4bd a9dcc9 d6eeda f6f6e1", "fffce8", "93c7ab", "0f3b37", "f2c14e"),
    _mood("day", "spring", "8ec9c4 b8dfd2 e1efdb fbf4dd", "fffdf0", "a9cda9", "1d4a3c", "f28fa5"),
    _mood("day", "autumn", "c7d6d5 e3ddc9 f3dcb2 f8cf95", "fff8e4", "d6a869", "4b2320", "d1495b"),
    _mood("day", "winter", "8fb4cf b7cfe0 dbe6ee f5f5f2", "ffffff", "b1c6d8", "1f3a54", "d96c4f"),
    _mood("day", "any", "94bfd8 bcd6e0 e3e6dc f8ead0", "fffaf0", "a3b9bd", "21384a", "e76f51"),
    _mood("dawn", "autumn", "c9b8b0 e6c9a8 f5d9a6 fbe8c2", "fff8e6", "d2a679", "40211c", "cf5c36"),
    _mood("day", "autumn", "8fb3b5 c4cdb8 ecdcae f7d08a", "fff8e0", "c99a5b", "3a1d16", "c8452f"),
    _mood("dawn", "summer", "f3b79a f7cfa6 fbe3b8 fff3d6", "fffdf2", "d9a58a", "3f2338", "ff8c61"),
    _mood("dusk", "spring", "7f7bb0 b08fb8 e8a9b0 fbd3b4", "fff0dc", "a98bb0", "251a40", "ff9aa8"),
    _mood("night", "autumn", "17142e 35254a 6b3f55 b06d5e", "fff0d0", "6d4a58", "0f0a1a", "f2a65a"),
    _mood("night", "spring", "12183a 2a2f62 56518c 9a83ad", "fff4ea", "5f5a94", "0a0c24", "ffb3c1"),
    _mood("dusk", "any", "3d3a6b 8c5a8e e08a7d fbc687", "ffe8b8", "a2698c", "1a1236", "ffb85c"),
    _mood("dusk", "any", "2f4b7c 7a6a9e d9838d fdb87e", "ffe3b0", "8d6a93", "171a3a", "ff9e6d"),
    _mood("dusk", "autumn", "6a4c70 b8606a ea8b5c fbc26e", "ffefc4", "b5695c", "2a1022", "ffd07b"),
    _mood("dusk", "summer", "f08a7a f6a97f fbc98b fde3ac", "fff8e2", "d07c78", "3b1338", "ffdf8c"),
    _mood("dusk", "winter", "6c7fae a394bd dcb0bd f8d4c0", "fff2e0", "98a0c4", "1c2547", "f3a683"),
    _mood("dusk", "any", "20445c 4f7f8a b7a98b f5c77e", "fff0c4", "638391", "0c2030", "f6bd60"),
    _mood("dusk", "summer", "e8739b f093a3 f7b7ac fddcbf", "fff4e4", "c5658f", "33103f", "ffd6a5"),
    _mood("night", "any", "0d1533 1d2a56 3b4a7d 6f79a3", "f6f1dc", "4a598c", "070b1f", "ffd88a"),
    _mood("night", "any", "0b1d2e 14394f 2f6273 6d9a97", "eef7ea", "3f7080", "04101b", "ffcf7f"),
    _mood("night", "winter", "111b3c 27396b 4e6594 9fb0cb", "ffffff", "6a80ae", "0a1230", "ffd9a0"),
    _mood("night", "summer", "190f36 3a1e5c 6d3677 b5648a", "ffeedb", "6f4586", "0d0720", "ffc48c"),
)


def choose_mood(chance: random.Random, *, time: str, season: str, hue: str) -> Mood:
    """One that suits, turned a little by chance, and all the way if a colour was named."""
    suiting = [mood for mood in MOODS if not time or mood.time == time]
    in_season = [mood for mood in suiting if mood.season == season]
    choice = chance.choice(in_season or [mood for mood in suiting if mood.season == "any"])
    wandering = chance.uniform(-MOST_WANDERING, MOST_WANDERING)
    if not hue:
        return _turn(choice, wandering, strength=chance.uniform(0.92, 1.12))
    towards = HUES[hue] - colour.hue(choice.far)
    return _turn(choice, towards + wandering * 0.4, strength=1.05)


def _turn(mood: Mood, degrees: float, *, strength: float) -> Mood:
    def turn(one: RGB) -> RGB:
        return colour.turned(one, degrees, strength=strength)

    return Mood(
        mood.time,
        mood.season,
        tuple(turn(stop) for stop in mood.sky),
        colour.turned(mood.light, degrees * 0.5),
        turn(mood.far),
        turn(mood.near),
        mood.accent,
    )
