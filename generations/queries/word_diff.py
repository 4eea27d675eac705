"""What one text made of another, word by word, at a cost that no text can drive up.

`difflib` needs minutes for two prompts of one word said two thousand times. Here a row of the
table of longest common subsequences is one integer, so that a word costs one addition: Hyyrö,
“Bit-parallel LCS-length computation revisited” (2004). The rows lead back to the words that both
texts have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

MOST_WORDS = 5000  # of each text; what comes behind is not compared


@dataclass(frozen=True, slots=True)
class Words:
    op: str  # same, added or dropped
    text: str


def word_diff(asked: str, drawn: str) -> list[Words]:
    """What became of the words that were asked for; case and punctuation are no change."""
    old, new = asked.split(), drawn.split()
    steps = _steps([*map(_bare, old[:MOST_WORDS])], [*map(_bare, new[:MOST_WORDS])])
    words = [(op, new[b] if op != "dropped" else old[a]) for op, a, b in steps]
    words += [("dropped", word) for word in old[MOST_WORDS:]]
    words += [("added", word) for word in new[MOST_WORDS:]]
    found = groupby(words, key=lambda word: word[0])
    return [Words(op, " ".join(text for _, text in each)) for op, each in found]


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """From the first word to the last: what happens, and to which word of each text.

    Where words are replaced, those dropped come before those added.
    """
    kept = _kept(old, new)
    a = b = 0
    for next_a, next_b in [*kept, (len(old), len(new))]:
        yield from (("dropped", each, b) for each in range(a, next_a))
        yield from (("added", next_a, each) for each in range(b, next_b))
        if next_a < len(old):
            yield "same", next_a, next_b
        a, b = next_a + 1, next_b + 1


def _kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words of a longest common subsequence stand in each, in order."""
    rows, kept = _rows(old, new), list[tuple[int, int]]()
    a, b = len(old), len(new)
    while a and b:
        if rows[b - 1] >> (a - 1) & 1:
            a -= 1
            continue
        b -= 1
        if not b or rows[b - 1] >> (a - 1) & 1:
            a -= 1
            kept.append((a, b))
    return kept[::-1]


def _rows(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """For each new word a row with a bit for each old one: 0 where the common part grows by it."""
    places: dict[str, int] = {}
    for place, word in enumerate(old):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(old)) - 1
    row, rows = every, []
    for word in new:
        met = row & places.get(word, 0)
        row = (row + met | row - met) & every
        rows.append(row)
    return rows


def _bare(word: str) -> str:
    return word.casefold().strip(".,;:!?…—–-()\"'“”‘’") or word
