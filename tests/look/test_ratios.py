import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.ratios import TABLE, ratio_class, stylesheet

CSS = Path(__file__).parents[2] / "static/css/ratios.css"


def test_stylesheet_is_what_the_module_writes() -> None:
    assert CSS.read_text() == stylesheet()


def test_every_class_sets_the_ratio_of_the_table() -> None:
    rules = re.findall(r"\.ar-(\d{3})\{--a:([\d.]+)\}", CSS.read_text())
    assert {int(number): float(ratio) for number, ratio in rules} == TABLE
    assert len(rules) == len(TABLE)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1024, 1024, "ar-100"),
        (1536, 1024, "ar-150"),
        (1024, 1536, "ar-067"),
        (1792, 1024, "ar-175"),
        (1024, 1792, "ar-057"),
        (16, 9, "ar-178"),
        (9, 16, "ar-056"),
        (4, 3, "ar-133"),
        (256, 1024, "ar-025"),
        (4096, 1024, "ar-400"),
    ],
)
def test_shapes_that_models_offer_are_exact(width: int, height: int, expected: str) -> None:
    assert ratio_class(width, height) == expected
    assert math.isclose(TABLE[int(expected[3:])], width / height, rel_tol=1e-3)


def test_beyond_the_ends_is_the_end() -> None:
    assert ratio_class(1, 60) == "ar-025"
    assert ratio_class(60, 1) == "ar-400"


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 10), (10, 0), (-3, 4)])
def test_a_picture_without_a_shape_is_square(width: int, height: int) -> None:
    assert ratio_class(width, height) == "ar-100"


@given(width=st.integers(64, 8192), height=st.integers(64, 8192))
def test_no_more_than_two_percent_are_cropped(width: int, height: int) -> None:
    ratio = width / height
    if not 0.25 <= ratio <= 4:
        return
    chosen = TABLE[int(ratio_class(width, height)[3:])]
    assert max(chosen / ratio, ratio / chosen) <= 1.0205


@given(width=st.integers(64, 8192), height=st.integers(64, 8192))
def test_no_other_class_is_nearer(width: int, height: int) -> None:
    chosen = TABLE[int(ratio_class(width, height)[3:])]
    distance = abs(math.log(width / height / chosen))
    nearest = min(abs(math.log(width / height / ratio)) for ratio in TABLE.values())
    assert math.isclose(distance, nearest, abs_tol=1e-12)
