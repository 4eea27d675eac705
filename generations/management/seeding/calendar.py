"""When pictures are made: in bursts, ever more often, and hardly at night."""

from random import Random

from generations.management.seeding.rows import DAY, SECOND

PICTURES_A_DAY = 40  # of all people together, on a day when somebody makes any
LEAST_DAYS, MOST_DAYS = 8, 20_000
GROWTH = 0.6  # below 1: later days are likelier


class Calendar:
    """The days of `years` up to `now` (in microseconds) on which `count` pictures are made."""

    def __init__(self, chance: Random, count: int, *, now: int, years: float) -> None:
        span = max(1, int(years * 365.25))
        busy = max(LEAST_DAYS, min(MOST_DAYS, count // PICTURES_A_DAY))
        days = (int(chance.random() ** GROWTH * span) for _ in range(busy - 1))
        self._days = [*sorted(days), span - 1]  # the last one ends today
        self._begin = (now - span * DAY) // DAY * DAY
        self._chance = chance

    def moment_at(self, share: float) -> int:
        """Of the picture at this share, below 1, of the whole; in microseconds."""
        hour = min(23.9, max(0.0, self._chance.gauss(14.5, 4.2)))
        day = self._begin + self._days[int(share * len(self._days))] * DAY
        return day + int(hour * 3600 * SECOND) + self._chance.randrange(SECOND)
