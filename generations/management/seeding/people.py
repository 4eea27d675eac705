"""Whose galleries they are: a few people make most of the pictures."""

from itertools import accumulate
from random import Random

from generations.management.seeding.vocabulary import words
from generations.models import User

SEED_NAME = "seed-"  # what the made-up people's names begin with
GIVEN_NAMES = words("""
    ada|ben|cleo|dana|emil|finn|gita|hugo|ines|jon|kira|liam|mona|nils|olga|pia|quentin|rosa|sven
    |tara|umar|vera|willem|xenia|yara|zeno""")
FIRST_SHARE = 1 / 3  # of all pictures: one person's
LEAST_EACH = 25  # pictures, about
MOST_PEOPLE = 400


def make_people(first: User, images: int) -> list[User]:
    """`first`, and others who can't sign in. Those of an earlier run are taken again."""
    count = max(3, min(MOST_PEOPLE, images // LEAST_EACH // 4))
    names = [_name(number) for number in range(count - 1)]
    known = {user.username: user for user in User.objects.filter(username__in=names)}
    missing = [User(username=name) for name in names if name not in known]
    for user in missing:
        user.set_unusable_password()
    known |= {user.username: user for user in User.objects.bulk_create(missing)}
    return [first, *(known[name] for name in names)]


def _name(number: int) -> str:
    turn, place = divmod(number, len(GIVEN_NAMES))
    return f"{SEED_NAME}{GIVEN_NAMES[place]}{turn + 1 if turn else ''}"


class Owners:
    """Draws whose the next picture is: a third the first one's, the rest by Zipf's law."""

    def __init__(self, people: list[User]) -> None:
        self._ids = [user.pk for user in people]
        others = [1 / rank for rank in range(1, len(people))]
        share = (1 - FIRST_SHARE) / sum(others)
        self._heights = list(accumulate([FIRST_SHARE, *(share * each for each in others)]))

    def pick(self, chance: Random) -> int:
        return chance.choices(self._ids, cum_weights=self._heights)[0]
