"""A whole picture in another format, made in the decoding child."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from PIL import Image, ImageChops

from generations.imaging.convert import Converter, TooLargeForFormat
from generations.imaging.derive import Undecodable
from tests.imaging.pictures import bomb, encoded, gradient, noise, quarters, with_exif

FORMATS = ["png", "jpeg", "webp"]


@pytest.fixture(scope="module")
def converter():
    converter = Converter()
    yield converter
    converter.close()


@pytest.fixture
def convert(converter, tmp_path):
    def convert(data: bytes, target: str, using: Converter = converter) -> Image.Image:
        original, into = tmp_path / "original", tmp_path / "into"
        original.write_bytes(data)
        using.convert(original, into, target=target)
        image = Image.open(io.BytesIO(into.read_bytes()))
        image.load()
        return image

    return convert


def distance(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(difference.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))) / 3


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_every_format_into_every_other(convert, source: str, target: str) -> None:
    made = convert(encoded(quarters(), source.upper(), exif=with_exif(1)), target)
    assert (made.format.lower(), made.size) == (target, (400, 200))
    assert distance(made, quarters()) < 3
    assert not set(made.info) & {"exif", "icc_profile", "xmp", "comment", "Comment"}


def test_a_png_loses_nothing(convert) -> None:
    data = encoded(noise(120, 80), "WEBP", lossless=True)
    assert convert(data, "png").tobytes() == noise(120, 80).tobytes()


def test_the_turn_is_applied(convert) -> None:
    made = convert(encoded(quarters(), "JPEG", exif=with_exif(6)), "png")
    assert made.size == (200, 400)
    red = made.getpixel((190, 10))
    assert red[0] > 200 > 60 > red[1]


def test_what_is_see_through_comes_onto_white_or_stays(convert) -> None:
    image = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    data = encoded(image, "PNG")
    assert convert(data, "jpeg").getpixel((3, 3)) == (255, 255, 255)
    assert convert(data, "webp").getchannel("A").getextrema() == (0, 0)


def test_deep_grey_is_not_washed_out(convert) -> None:
    data = encoded(gradient(64, 8).convert("I;16").point(lambda value: value * 257), "PNG")
    made = convert(data, "jpeg")
    assert made.getpixel((2, 4))[0] < 20 < 230 < made.getpixel((61, 4))[0]


def test_a_bomb_harms_nothing(convert) -> None:
    tight = Converter(memory_mb=200)
    try:
        with pytest.raises(Undecodable) as caught:
            convert(bomb(6000), "png", using=tight)
        assert caught.value.problem == "too_costly"
        assert convert(encoded(quarters(), "PNG"), "webp", using=tight).size == (400, 200)
    finally:
        tight.close()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<html>", "not_an_image"),
        (b"GIF89a", "unsupported_format"),
        (encoded(noise(60, 40), "PNG")[:900], "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(convert, data: bytes, problem: str) -> None:
    with pytest.raises(Undecodable) as caught:
        convert(data, "webp")
    assert caught.value.problem == problem


def test_a_bomb_is_not_converted(convert) -> None:
    with pytest.raises(Undecodable) as caught:
        convert(bomb(7000), "webp")
    assert caught.value.problem == "too_many_pixels"


def test_too_long_for_a_webp(convert) -> None:
    data = encoded(Image.new("L", (16_500, 2)), "PNG")
    with pytest.raises(TooLargeForFormat):
        convert(data, "webp")
    assert convert(data, "jpeg").size == (16_500, 2)


def test_a_large_picture_is_not_held_here(converter, tmp_path) -> None:
    """60 MB of pixels that no PNG can pack pass through without staying."""
    original, into = tmp_path / "original", tmp_path / "into"
    original.write_bytes(encoded(noise(5000, 4000), "JPEG", quality=60))
    own = psutil.Process()
    most = before = own.memory_info().rss
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(converter.convert, original, into, target="png")
        while not done.done():
            most = max(most, own.memory_info().rss)
            time.sleep(0.005)
    assert done.result() is None
    assert into.stat().st_size > 50_000_000
    assert most - before < 30_000_000
