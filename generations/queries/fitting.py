"""What of a wish made for one model another model can do."""

from math import log

from generations import wording
from generations.models import CatalogModel


def fitting_size(model: CatalogModel, size: str) -> str:
    """The size itself, else the model's nearest shape, else what it offers first."""
    if size in model.sizes or not model.sizes:
        return size if model.sizes else ""
    asked = wording.dimensions(size)
    offered = {each: found for each in model.sizes if (found := wording.dimensions(each))}
    if asked is None or not offered:
        return str("auto" if "auto" in model.sizes else model.sizes[0])
    wanted = _shape(asked)
    return min(offered, key=lambda each: abs(_shape(offered[each]) - wanted))


def fitting_choice(offered: list[str], wanted: str) -> str:
    """The same quality or format where the model has it, else its first; empty if it has none."""
    if wanted in offered or not offered:
        return wanted if offered else ""
    return offered[0]


def _shape(sides: tuple[int, int]) -> float:
    """Twice as wide is as far from a square as twice as tall."""
    return log(sides[0] / sides[1])
