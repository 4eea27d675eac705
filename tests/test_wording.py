from datetime import date

import pytest

from generations import wording


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (None, "price unknown"),
        (0, "free"),
        (40_000, "$0.04"),
        (160_000, "$0.16"),
        (1_000_000, "$1.00"),
        (10_500_000, "$10.50"),
        (4_200, "$0.0042"),
        (5_000, "$0.005"),
        (50, "under $0.0001"),
        (45_000, "$0.05"),
    ],
)
def test_usd(micros: int | None, text: str) -> None:
    assert wording.usd(micros) == text


@pytest.mark.parametrize(
    ("size", "text"), [(999, "999 bytes"), (52_000, "52 kB"), (1_240_000, "1.2 MB")]
)
def test_file_size(size: int, text: str) -> None:
    assert wording.file_size(size) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 21), "Today"),
        (date(2026, 11, 20), "Yesterday"),
        (date(2026, 3, 2), "Monday 2 March"),
        (date(2025, 3, 2), "2 March 2025"),
    ],
)
def test_day(day: date, text: str) -> None:
    assert wording.day(day, today=date(2026, 11, 21)) == text


@pytest.mark.parametrize(
    ("asked", "text", "pixels"),
    [
        ("auto", "Auto", None),
        ("", "Auto", None),
        ("1024x1024", "Square 1024 × 1024", (1024, 1024)),
        ("1536x1024", "Wide 1536 × 1024", (1536, 1024)),
        ("9:16", "Tall 9:16", (9, 16)),
    ],
)
def test_picture_size(asked: str, text: str, pixels: tuple[int, int] | None) -> None:
    assert wording.picture_size(asked) == text
    assert wording.dimensions(asked) == pixels
