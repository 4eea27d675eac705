"""What was spent by day or by month, as bars: their places and heights, drawn by a template."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from generations import wording
from generations.queries.usage import Sums

STEP, WIDTH, HEIGHT = 10, 7, 100  # of a bar's place, of a bar, of the plot
ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `y` and `height` are the plot's own units, from the top left."""

    name: str
    sums: Sums
    x: float
    y: float
    height: float

    @property
    def title(self) -> str:
        made = wording.count(self.sums.made, "picture")
        return f"{self.name}: {self.sums.spent_text}, {made}"


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    bars: Sequence[Bar]
    scale: Sequence[str]  # beside the lines, from the top
    ends: tuple[str, str]
    width: int
    step: int = STEP
    bar_width: int = WIDTH
    height: int = HEIGHT

    @property
    def busy(self) -> list[Bar]:
        """What the table lists."""
        return [bar for bar in self.bars if bar.sums != Sums()]


def plot_of(sums: Mapping[date, Sums], *, since: date, until: date, by_month: bool) -> Plot:
    """A bar for each day or month, also for those on which nothing was spent."""
    places = list(_months(since, until) if by_month else _days(since, until))
    name = _month_name if by_month else _day_name
    spent = [sums.get(place, Sums()).spent_micros for place in places]
    top = _round_top(max(spent, default=0))
    bars = []
    for number, place in enumerate(places):
        height = round(spent[number] * HEIGHT / top, 2)
        x, y = number * STEP + (STEP - WIDTH) / 2, round(HEIGHT - height, 2)
        bars.append(Bar(name(place), sums.get(place, Sums()), x, y, height))
    return Plot(
        title=_title(bars, "month" if by_month else "day"),
        bars=bars,
        scale=[wording.sum_of_money(micros) for micros in (top, top // 2, 0)],
        ends=(bars[0].name, bars[-1].name),
        width=len(bars) * STEP,
    )


def _title(bars: Sequence[Bar], each: str) -> str:
    most = max(bars, key=lambda bar: bar.sums.spent_micros)
    whole = sum((bar.sums for bar in bars), Sums())
    begin = f"Spent by {each}, {bars[0].name} to {bars[-1].name}: {whole.spent_text}"
    if not most.sums.spent_micros:
        return f"{begin}."
    return f"{begin}, most of it on {most.name} ({most.sums.spent_text})."


def _days(since: date, until: date) -> Iterator[date]:
    return (since + timedelta(days=number) for number in range((until - since).days + 1))


def _months(since: date, until: date) -> Iterator[date]:
    begin = since.replace(day=1)
    while begin <= until:
        yield begin
        begin = (begin + timedelta(days=32)).replace(day=1)


def _day_name(day: date) -> str:
    return f"{day.day} {day:%b}"


def _month_name(month: date) -> str:
    return f"{month:%b %Y}"


def _round_top(micros: int) -> int:
    """The next of 1, 2, 5, 10 … at or above it; a cent where nothing was spent."""
    size = wording.CENT_MICROS
    while size * 10 < micros:
        size *= 10
    return next(size * factor for factor in ROUND if size * factor >= micros)
