"""The sizes a page shows, made from a picture nobody has reason to trust."""

import base64
import hashlib
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from generations.imaging.header import Damaged, read_header
from generations.imaging.keeper import Answer, ChildLost, Head, Keepers
from generations.imaging.probe import Probe, Problem, probe, sniff
from generations.imaging.sizes import PLACEHOLDER_BYTES, PLACEHOLDER_EDGE, fit

logger = logging.getLogger(__name__)

EDGES = (320, 640)
COLOR = re.compile(r"#[0-9a-f]{6}")


class Undecodable(Exception):
    """No previews can be made of this picture. The original is worth keeping all the same."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class DerivedFile:
    edge: int  # the width asked for; a narrower original keeps its own
    width: int
    height: int
    webp: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.webp).hexdigest()


@dataclass(frozen=True, slots=True)
class Derived:
    width: int  # of the original as a person sees it, its EXIF turn applied
    height: int
    files: tuple[DerivedFile, ...]
    placeholder: bytes  # a WebP of at most 16 × 16 pixels and 200 bytes, for a data: address
    color: str  # "#rrggbb", the colour it is mostly made of


class Deriver:
    """Makes previews in up to `children` child processes; any number of threads may ask.

    A child may use `memory_mb` and each picture `seconds`; who needs more loses the child and gets
    Undecodable("too_costly"), and the next picture gets a new one. Idle children end by themselves.
    """

    def __init__(
        self,
        children: int = 1,
        memory_mb: int = 1024,
        seconds: float = 30,
        *,
        idle_seconds: float = 60,
    ) -> None:
        self._keepers = Keepers(
            children=children, memory_mb=memory_mb, seconds=seconds, idle_seconds=idle_seconds
        )

    def derive(self, original: Path, *, edges: Sequence[int] = EDGES) -> Derived:
        """One WebP for each edge, in memory: together they are a tenth of their original.

        Raises `Undecodable`, or OSError if the original can't be read.
        """
        if not edges or min(edges) < 1:
            raise ValueError("edges are widths in pixels, at least one")
        seen = probe(original)
        if seen.problem:
            raise Undecodable(seen.problem)
        request: Head = {"path": str(original.resolve()), "name": seen.format, "edges": [*edges]}
        try:
            answer = self._keepers.ask(request)
        except ChildLost as error:
            raise Undecodable("too_costly") from error
        if problem := answer.head.get("problem"):
            raise Undecodable(known_problem(problem))
        return _accepted(answer, seen=seen, edges=edges)

    def close(self) -> None:
        """Ends the children; the next picture would start one again."""
        self._keepers.close()


class _Nonsense(Exception):
    """The child's answer does not fit the picture it was asked about."""


def known_problem(problem: object) -> Problem:
    """What the child calls a problem, in a word of ours."""
    known: tuple[Problem, ...] = get_args(Problem)
    return next((one for one in known if one == problem), "too_costly")


def _accepted(answer: Answer, *, seen: Probe, edges: Sequence[int]) -> Derived:
    """Nothing the child says is believed: what can be worked out here is compared with it."""
    try:
        width, height = _sides(answer.head, seen)
        pictures = _cut(answer, edges, upright=(width, height))
        small, color = _placeholder(answer.head), _color(answer.head)
    except _Nonsense as error:
        logger.warning("decoding child's answer refused: %s", error)
        raise Undecodable("damaged") from error
    files = tuple(
        DerivedFile(edge, *fit(width, height, edge), webp)
        for edge, webp in zip(edges, pictures, strict=True)
    )
    return Derived(width=width, height=height, files=files, placeholder=small, color=color)


def _sides(head: Head, seen: Probe) -> tuple[int, int]:
    width, height = head.get("width"), head.get("height")
    for sides in ((seen.width, seen.height), (seen.height, seen.width)):
        if (width, height) == sides:
            return sides
    raise _Nonsense(f"{width} × {height} is not what the header says")


def _cut(answer: Answer, edges: Sequence[int], *, upright: tuple[int, int]) -> list[bytes]:
    pictures = answer.head.get("pictures")
    if not isinstance(pictures, list) or len(pictures) != len(edges):
        raise _Nonsense("not one picture for each edge")
    cut, at = [], 0
    for edge, one in zip(edges, pictures, strict=True):
        end = at + (one["size"] if isinstance(one, dict) and isinstance(one["size"], int) else 0)
        webp = answer.files[at:end]
        if _webp_size(webp) != fit(*upright, edge):
            raise _Nonsense(f"the {edge} has another size")
        cut.append(webp)
        at = end
    return cut


def _placeholder(head: Head) -> bytes:
    try:
        small = base64.b64decode(str(head.get("placeholder")), validate=True)
    except ValueError as error:
        raise _Nonsense("the placeholder is no base64") from error
    if len(small) > PLACEHOLDER_BYTES or max(_webp_size(small)) > PLACEHOLDER_EDGE:
        raise _Nonsense("the placeholder is too large")
    return small


def _color(head: Head) -> str:
    color = str(head.get("color"))
    if not COLOR.fullmatch(color):
        raise _Nonsense("no colour")
    return color


def _webp_size(data: bytes) -> tuple[int, int]:
    if sniff(data[:16]) != "webp" or int.from_bytes(data[4:8], "little") != len(data) - 8:
        raise _Nonsense("not one WebP")
    try:
        header = read_header(io.BytesIO(data), "webp")
    except Damaged as error:
        raise _Nonsense(f"a damaged WebP: {error}") from error
    return header.width, header.height
