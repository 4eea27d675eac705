"""Which models drew the pool: each gets the sizes that it really makes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from generations.management.seeding.pool import SQUARE, PoolPicture
from generations.sandbox.catalogue import IMAGE_MODELS, ImageModel

SQUARE_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Motif:
    """One model, one size, one theme, and the pictures that fit all three."""

    model: ImageModel
    size_name: str
    pictures: Sequence[PoolPicture]

    @property
    def theme(self) -> str:
        return self.pictures[0].theme

    @property
    def size(self) -> tuple[int, int]:
        return self.pictures[0].size


class Motifs:
    """All that the pool allows, the models as popular as their place in the catalogue."""

    def __init__(self, pool: Sequence[PoolPicture]) -> None:
        alike = defaultdict(list)
        for picture in pool:
            alike[picture.theme, picture.size].append(picture)
        self._motifs: list[Motif] = []
        self._heights: list[float] = []
        for rank, model in enumerate(IMAGE_MODELS, start=1):
            made = [
                Motif(model, name, pictures)
                for (_, size), pictures in alike.items()
                if (name := _name_of(model, size))
            ]
            squares = [motif for motif in made if motif.size == SQUARE]
            oblong = [motif for motif in made if motif.size != SQUARE]
            self._add(squares, SQUARE_SHARE / rank)
            self._add(oblong, (1 - SQUARE_SHARE) / rank)

    def _add(self, motifs: Sequence[Motif], share: float) -> None:
        """The share is all of theirs together."""
        for motif in motifs:
            last = self._heights[-1] if self._heights else 0.0
            self._heights.append(last + share / len(motifs))
            self._motifs.append(motif)

    def pick(self, chance: Random) -> Motif:
        return chance.choices(self._motifs, cum_weights=self._heights)[0]


def _name_of(model: ImageModel, size: tuple[int, int]) -> str:
    """What a person chooses to get this size: pixels where the model takes them, else a ratio."""
    names = [name for name, pixels in model.sizes.items() if pixels == size and name != "auto"]
    return min(names, key=lambda name: "x" not in name, default="")
