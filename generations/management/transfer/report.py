"""What became of each picture of a move, told as it happens and counted for the end."""

from collections.abc import Callable
from dataclasses import dataclass

from generations import wording


class LeftOut(Exception):
    """This one picture can't go along; the text says why, as the end of a sentence about it."""


@dataclass(slots=True)
class Report:
    tell: Callable[[str], object]
    moved: int = 0
    known: int = 0
    left_out: int = 0

    def leave_out(self, name: str, why: object) -> None:
        self.left_out += 1
        self.tell(f"left out: {printable(name)} {why}")

    def summary(self, verb: str) -> str:
        """“3 pictures imported, 12 were there already, 1 left out.”"""
        parts = [f"{wording.count(self.moved, 'picture')} {verb}"]
        parts += [f"{self.known:,} were there already"] if self.known else []
        parts += [f"{self.left_out:,} left out"] if self.left_out else []
        return ", ".join(parts) + "."


def printable(name: str) -> str:
    """A name from outside must not steer the terminal it is shown on."""
    return "".join(each if each.isprintable() else "�" for each in name)[:200]
