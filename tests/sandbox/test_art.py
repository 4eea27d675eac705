"""Pictures: the same for the same wish, different for another, and nothing written into them."""

import io
from itertools import combinations

import pytest
from PIL import Image, ImageChops, ImageStat

from generations.sandbox.art import canvas, figures
from generations.sandbox.art.outlines import OUTLINES
from generations.sandbox.art.scenes import PAINTERS
from generations.sandbox.art.stage import AFLOAT, ALOFT, HEIGHTS, PLANTS
from generations.sandbox.art.words import SUBJECTS, TERRAINS, read_brief
from tests.sandbox.checks import picture_of
from tests.sandbox.server import Caller

SMALL = (160, 120)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of the pixels, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def test_same_prompt_seed_and_size_give_the_same_picture() -> None:
    first, second = (canvas.draw("a fox in the snow", seed=5, size=SMALL) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_every_seed_is_clearly_another_picture() -> None:
    drawn = [canvas.draw("a quiet place", seed=seed, size=SMALL) for seed in range(12)]
    assert min(difference(*pair) for pair in combinations(drawn, 2)) > 8


def test_seed_of_a_call_goes_up_by_slot(caller: Caller) -> None:
    fields = {"model": "black-forest-labs/flux-1.1-pro", "size": "256x256"}
    fields["response_format"] = "b64_json"
    together = caller.generate("a fox", n=3, seed=40, **fields).json["data"]
    alone = [caller.generate("a fox", seed=40 + k, **fields).json["data"][0] for k in range(3)]
    assert [item["b64_json"] for item in together] == [item["b64_json"] for item in alone]


def test_without_a_seed_every_picture_is_fresh(caller: Caller) -> None:
    fields = {"model": "stabilityai/sdxl-turbo", "size": "256x256", "response_format": "b64_json"}
    data = caller.generate("a fox", n=3, **fields).json["data"]
    data += caller.generate("a fox", seed=-1, **fields).json["data"]
    assert len({item["b64_json"] for item in data}) == 4


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
def test_file_holds_nothing_of_the_prompt(caller: Caller, format_: str) -> None:
    content = picture_of(caller.generate("zanzibar [[size=64x64]]", output_format=format_))
    image = Image.open(io.BytesIO(content))
    assert image.format == format_.upper()
    assert (image.size, image.getexif()) == ((64, 64), {})
    assert b"zanzibar" not in content


def test_transparent_background_has_clear_corners(caller: Caller) -> None:
    seen = caller.generate("a fox [[size=96x96]]", background="transparent", output_format="png")
    image = Image.open(io.BytesIO(picture_of(seen)))
    assert (image.getpixel((0, 0))[3], image.getpixel((48, 48))[3]) == (0, 255)


@pytest.mark.parametrize("terrain", sorted(PAINTERS))
@pytest.mark.parametrize("time", ["dawn", "day", "dusk", "night"])
def test_every_land_at_every_hour(terrain: str, time: str) -> None:
    word = TERRAINS[terrain].split()[0]
    image = canvas.draw(f"{word} {time} snow rain aurora flower", seed=3, size=SMALL)
    assert image.size == SMALL
    assert max(ImageStat.Stat(image).stddev) > 10


@pytest.mark.parametrize("size", [(16, 16), (16, 640), (2048, 64), (33, 77)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    assert canvas.draw("a fox, a boat and balloons", seed=1, size=size).size == size


def test_night_is_darker_than_day() -> None:
    day, night = (
        sum(
            ImageStat.Stat(canvas.draw(f"mountains {time}", seed=seed, size=SMALL)).mean[1]
            for seed in range(4)
        )
        for time in ("noon", "midnight")
    )
    assert night < day * 0.6


@pytest.mark.parametrize(("word", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_named_colour_wins(word: str, channel: int) -> None:
    for seed in range(3):
        means = ImageStat.Stat(canvas.draw(f"{word} mountains", seed=seed, size=SMALL)).mean
        assert means[channel] == max(means)


def test_figure_is_drawn_where_it_is_named() -> None:
    def orange_pixels(prompt: str) -> int:
        hue, strength, light = canvas.draw(prompt, seed=2, size=(320, 240)).convert("HSV").split()
        masks = [
            hue.point([255 * (8 <= value <= 24) for value in range(256)]),
            strength.point([255 * (value > 150) for value in range(256)]),
            light.point([255 * (value > 110) for value in range(256)]),
        ]
        return ImageChops.darker(masks[0], ImageChops.darker(*masks[1:])).histogram()[255]

    assert orange_pixels("forest, blue winter noon") == 0
    assert orange_pixels("forest, blue winter noon, a fox") > 300


def test_every_subject_has_something_to_draw() -> None:
    assert set(SUBJECTS) == set(HEIGHTS) | set(AFLOAT) | set(ALOFT) | set(PLANTS)
    assert set(OUTLINES) >= set(HEIGHTS) | set(AFLOAT) | set(ALOFT)
    for parts in OUTLINES.values():
        points = [p for _, path in parts for line in figures.flattened(path) for p in line]
        assert all(-5 <= x <= 120 and -5 <= y <= 101 for x, y in points)


def test_words_are_understood() -> None:
    brief = read_brief("A watercolor of a fox in a snowy forest, low winter sun at sunset, teal")
    assert (brief.terrain, brief.time, brief.season) == ("forest", "dusk", "winter")
    assert (brief.hue, brief.subjects, brief.weathers) == ("teal", ("fox",), frozenset({"snow"}))
