"""Which aspect-ratio class a picture of some width and height wears.

The Content-Security-Policy blocks `style` attributes, so a tile takes its shape from a class out
of a fixed table. `static/css/ratios.css` is this module's output:

    python -m generations.ratios > static/css/ratios.css
"""

import sys
from bisect import bisect_left
from functools import lru_cache
from math import ceil

# Shapes that models are asked for by name: exact, where a rounded class would crop a sliver.
NAMED_SHAPES = (
    (9, 21),
    (9, 16),
    (4, 7),
    (10, 16),
    (2, 3),
    (3, 4),
    (4, 5),
    (13, 19),
    (5, 4),
    (4, 3),
    (19, 13),
    (3, 2),
    (16, 10),
    (7, 4),
    (16, 9),
    (2, 1),
    (21, 9),
)
LOWEST, HIGHEST = 25, 400


def _table() -> dict[int, float]:
    """Hundredths of a ratio (the class's number) to the ratio that the class sets.

    Neighbours are at most 2 % apart, except below 0.5, where they are one hundredth apart.
    """
    table: dict[int, float] = {}
    number = LOWEST
    while number < HIGHEST:
        table[number] = number / 100
        number += max(1, ceil(number / 50) - 1) if number > 100 else 1
    table[HIGHEST] = HIGHEST / 100
    table.update({round(100 * w / h): round(w / h, 4) for w, h in NAMED_SHAPES})
    return dict(sorted(table.items()))


TABLE = _table()
_NUMBERS = list(TABLE)
_RATIOS = list(TABLE.values())


@lru_cache(maxsize=4096)  # models draw in few sizes
def ratio_class(width: int, height: int) -> str:
    """The nearest class, like "ar-150". Beyond the ends of the table: its end."""
    if width <= 0 or height <= 0:
        return "ar-100"
    ratio = width / height
    right = min(bisect_left(_RATIOS, ratio), len(_RATIOS) - 1)
    left = max(right - 1, 0)
    # Nearness is relative: 2 % too wide and 2 % too narrow crop the same share of the picture.
    nearest = left if ratio * ratio < _RATIOS[left] * _RATIOS[right] else right
    return f"ar-{_NUMBERS[nearest]:03d}"


def stylesheet() -> str:
    rules = "\n".join(f".ar-{number:03d}{{--a:{ratio:g}}}" for number, ratio in TABLE.items())
    return f"@layer components{{\n{rules}\n}}\n"


if __name__ == "__main__":
    sys.stdout.write(stylesheet())
