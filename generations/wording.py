"""Numbers and sizes as a person would say them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

CENT_MICROS = 10_000
MILLION = Decimal(1_000_000)
TURNING = dict.fromkeys(
    map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def usd(micros: int | None) -> str:
    """“$0.04”; finer below a cent; “price unknown” when it isn't known."""
    if micros is None:
        return "price unknown"
    if micros == 0:
        return "free"
    dollars = Decimal(micros) / MILLION
    step = Decimal("0.01") if micros >= CENT_MICROS else Decimal("0.0001")
    text = f"{dollars.quantize(step, ROUND_HALF_UP):f}"
    whole, _, fraction = text.partition(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}" if micros >= 100 else "under $0.0001"


def sum_of_money(micros: int) -> str:
    """“$1.20”, “$0.00”: what was spent or is left, rather than a price."""
    return usd(micros) if micros else "$0.00"


def file_size(size_bytes: int) -> str:
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def one_line(text: str) -> str:
    """For titles: without line ends, and without marks that turn the direction of what follows."""
    return " ".join(text.translate(TURNING).split())


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def day(wanted: date, *, today: date) -> str:
    distance = (today - wanted).days
    if distance in {0, 1}:
        return ("Today", "Yesterday")[distance]
    text = f"{wanted:%A} {wanted.day} {wanted:%B}"
    return text if wanted.year == today.year else f"{wanted.day} {wanted:%B %Y}"


def month(wanted: date, *, today: date) -> str:
    return f"{wanted:%B}" if wanted.year == today.year else f"{wanted:%B %Y}"


def moment(when: datetime) -> str:
    return f"{when.day} {when:%b %Y, %H:%M}"


def picture_size(asked: str) -> str:
    """A size as the form offers it: “Square 1024 × 1024”, “Wide 16:9”, “Auto”."""
    found = dimensions(asked)
    if found is None:
        return "Auto" if asked in {"", "auto"} else asked
    width, height = found
    shape = "Square" if width == height else "Wide" if width > height else "Tall"
    return f"{shape} {asked.replace('x', ' × ')}"


def dimensions(asked: str) -> tuple[int, int] | None:
    """Width and height (or their ratio) that a size asks for; None for auto."""
    for mark in "x:":
        first, found, second = asked.partition(mark)
        if found and first.isdigit() and second.isdigit() and int(first) and int(second):
            return int(first), int(second)
    return None


def categories(names: Iterable[str]) -> str:
    """What moderation found, in words: “self-harm (intent), violence”."""
    said = (name.replace("_", " ").partition("/") for name in names)
    return ", ".join(f"{first} ({rest})" if rest else first for first, _, rest in said)
