"""A QR code for a short address: one size (version 8, level M), which any phone reads.

Source: ISO/IEC 18004:2015, clauses 7.4 to 7.10; the sections are named where they matter.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby

SIDE = 49
MOST_BYTES = 152
_BLOCKS = (38, 38, 39, 39)  # data bytes of each block, table 9
_CHECK_BYTES = 22
_ALIGNMENTS = (6, 24, 42)  # annex E
_VERSION = 8
_LEVEL = 0b00  # M
_MASKS: tuple[Callable[[int, int], bool], ...] = (  # table 10, row and column
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
_LIKE_A_FINDER = ("00001011101", "10111010000")

Grid = list[list[bool]]


def qr_rows(text: str) -> Grid:
    """The modules, dark ones true, without the quiet zone. ValueError above `MOST_BYTES`."""
    bits = list(_interleaved(_codewords(text.encode())))
    base, fixed = _patterns()
    masked = (_drawn(base, fixed, bits, number) for number in range(len(_MASKS)))
    return min(masked, key=_penalty)


def svg_path(rows: Grid) -> str:
    """The dark modules as one path: each run in a row is a bar one unit high."""
    found = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                found.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(found)


# 7.4 to 7.6: from bytes to codewords


def _codewords(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes don't fit: {MOST_BYTES} are the most.")
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    filled = int(bits, 2).to_bytes(len(bits) // 8, "big")
    pads = (b"\xec\x11" * MOST_BYTES)[: sum(_BLOCKS) - len(filled)]
    return filled + pads


def _interleaved(codewords: bytes) -> Iterator[bool]:
    blocks, start = [], 0
    for size in _BLOCKS:
        blocks.append(codewords[start : start + size])
        start += size
    checks = [_check_bytes(block) for block in blocks]
    for rows in (blocks, checks):
        for index in range(max(map(len, rows))):
            for row in rows:
                if index < len(row):
                    yield from (bool(row[index] >> bit & 1) for bit in range(7, -1, -1))


@cache
def _powers() -> tuple[list[int], dict[int, int]]:
    """Of 2 in the field of 256 elements over x⁸+x⁴+x³+x²+1, and their logarithms."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers, {value: power for power, value in enumerate(powers)}


def _times(a: int, b: int) -> int:
    powers, logs = _powers()
    return powers[(logs[a] + logs[b]) % 255] if a and b else 0


@cache
def _generator() -> tuple[int, ...]:
    """The product of (x - 2ⁱ), highest power first, without the leading 1."""
    poly = [1]
    for root in _powers()[0][:_CHECK_BYTES]:
        poly = [a ^ _times(b, root) for a, b in zip([*poly, 0], [0, *poly], strict=True)]
    return tuple(poly[1:])


def _check_bytes(block: bytes) -> bytes:
    """Reed-Solomon: the remainder of the block by the generator."""
    rest = [0] * _CHECK_BYTES
    for byte in block:
        factor = byte ^ rest[0]
        rest = [a ^ _times(b, factor) for a, b in zip([*rest[1:], 0], _generator(), strict=True)]
    return bytes(rest)


# 7.7 to 7.10: from codewords to modules


def _patterns() -> tuple[Grid, Grid]:
    """What every code of this size has, and where that is."""
    base = [[False] * SIDE for _ in range(SIDE)]
    fixed = [[False] * SIDE for _ in range(SIDE)]

    def put(y: int, x: int, is_dark: bool) -> None:
        if 0 <= y < SIDE and 0 <= x < SIDE:
            base[y][x], fixed[y][x] = is_dark, True

    for at in range(SIDE):
        put(6, at, at % 2 == 0)
        put(at, 6, at % 2 == 0)
    for cy, cx in ((3, 3), (3, SIDE - 4), (SIDE - 4, 3)):
        for dy, dx in _around(4):
            put(cy + dy, cx + dx, max(abs(dy), abs(dx)) not in {2, 4})
    last = len(_ALIGNMENTS) - 1
    for row, cy in enumerate(_ALIGNMENTS):
        for column, cx in enumerate(_ALIGNMENTS):
            if (row, column) not in {(0, 0), (0, last), (last, 0)}:
                for dy, dx in _around(2):
                    put(cy + dy, cx + dx, max(abs(dy), abs(dx)) != 1)
    version = _VERSION << 12 | _remainder(_VERSION, 0x1F25, 12)
    for bit in range(18):
        near, far = bit // 3, SIDE - 11 + bit % 3
        put(near, far, bool(version >> bit & 1))
        put(far, near, bool(version >> bit & 1))
    for y, x in _format_places():
        put(y, x, False)
    put(SIDE - 8, 8, True)
    return base, fixed


def _around(reach: int) -> Iterator[tuple[int, int]]:
    span = range(-reach, reach + 1)
    return ((dy, dx) for dy in span for dx in span)


def _remainder(value: int, divisor: int, bits: int) -> int:
    rest = value << bits
    while rest.bit_length() > bits:
        rest ^= divisor << rest.bit_length() - divisor.bit_length()
    return rest


def _format_places() -> list[tuple[int, int]]:
    """Of its 15 bits, lowest first, twice."""
    column = [y for y in range(9) if y != 6]
    around = [(y, 8) for y in column] + [(8, x) for x in reversed(column[:-1])]
    apart = [(8, SIDE - 1 - bit) for bit in range(8)] + [(SIDE - 7 + bit, 8) for bit in range(7)]
    return around + apart


def _drawn(base: Grid, fixed: Grid, bits: Sequence[bool], number: int) -> Grid:
    rows = [list(row) for row in base]
    for (y, x), bit in zip(_way(fixed), bits, strict=True):
        rows[y][x] = bit ^ _MASKS[number](y, x)
    data = _LEVEL << 3 | number
    told = (data << 10 | _remainder(data, 0x537, 10)) ^ 0x5412
    for place, (y, x) in enumerate(_format_places()):
        rows[y][x] = bool(told >> place % 15 & 1)
    return rows


def _way(fixed: Grid) -> Iterator[tuple[int, int]]:
    """Two columns at a time from the right, up and down by turns, past what is fixed."""
    rights = [right if right > 6 else right - 1 for right in range(SIDE - 1, 0, -2)]
    for turn, right in enumerate(rights):
        for step in range(SIDE):
            y = step if turn % 2 else SIDE - 1 - step
            yield from ((y, x) for x in (right, right - 1) if not fixed[y][x])


def _penalty(rows: Grid) -> int:
    """How hard it is to read, 7.8.3."""
    lines = [
        "".join("01"[is_dark] for is_dark in line) for line in (*rows, *zip(*rows, strict=True))
    ]
    runs = [len(list(run)) for line in lines for _, run in groupby(line)]
    long_runs = sum(run - 2 for run in runs if run >= 5)
    finders = sum(
        line.startswith(like, x) for line in lines for like in _LIKE_A_FINDER for x in range(SIDE)
    )
    blocks = sum(
        rows[y][x] == rows[y][x + 1] == rows[y + 1][x] == rows[y + 1][x + 1]
        for y in range(SIDE - 1)
        for x in range(SIDE - 1)
    )
    dark = sum(map(sum, rows)) * 100 / SIDE**2
    return long_runs + 3 * blocks + 40 * finders + 10 * int(abs(dark - 50) / 5)
