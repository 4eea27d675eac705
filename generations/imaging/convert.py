"""A whole picture in another format, made where a hostile one can do no harm."""

from pathlib import Path

from generations.imaging.derive import Undecodable, known_problem
from generations.imaging.keeper import ChildLost, Head, Keepers
from generations.imaging.probe import USABLE, probe

# What a format can hold: WebP's 14 bits, JPEG as libjpeg has it.
LARGEST_SIDES = {"webp": 16383, "jpeg": 65500}


class TooLargeForFormat(Exception):
    """The picture has a side that the wanted format can't have."""


class Converter:
    """Converts in a child process of its own, one picture after the other; any number may ask.

    The picture comes through a pipe into a file, so that a large one is never held here.
    """

    def __init__(
        self, *, memory_mb: int = 1536, seconds: float = 60, idle_seconds: float = 30
    ) -> None:
        self._keepers = Keepers(
            children=1, memory_mb=memory_mb, seconds=seconds, idle_seconds=idle_seconds
        )

    def convert(self, original: Path, into: Path, *, target: str) -> None:
        """Writes the "png", "jpeg" or "webp"; raises `Undecodable`, `TooLargeForFormat`, OSError.

        A file that is there already is overwritten, also when it then fails.
        """
        if target not in USABLE:
            raise ValueError(f"no format {target}")
        seen = probe(original)
        if seen.problem:
            raise Undecodable(seen.problem)
        if max(seen.width, seen.height) > LARGEST_SIDES.get(target, max(seen.width, seen.height)):
            raise TooLargeForFormat
        request: Head = {"path": str(original.resolve()), "name": seen.format, "target": target}
        with into.open("wb") as file:
            try:
                answer = self._keepers.ask(request, file)
            except ChildLost as error:
                raise Undecodable("too_costly") from error
        if problem := answer.head.get("problem"):
            raise Undecodable(known_problem(problem))
        made = probe(into)
        if made.format != target or {made.width, made.height} != {seen.width, seen.height}:
            raise Undecodable("damaged")

    def close(self) -> None:
        self._keepers.close()
