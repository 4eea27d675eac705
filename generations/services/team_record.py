"""The names in what teams write down about themselves, when somebody isn't called so any more."""

import re

from django.db.models import Value
from django.db.models.functions import Replace

from generations.models import TeamEvent, User

# As services.team and services.share say it.
OF_THEM = (" made {} a ", " removed {}.", " over to {}.", " gave {} ", " revoked {}’s link: ")
INVITED = " invited {} as "  # as services.invite says it


def call_anew(user: User, before: str, *, first: str, within: str) -> None:
    """Another name in place of the one before: `first` where it begins a sentence.

    No form takes a blank in a name, so what stands between blanks is nothing else.
    """
    by_them = TeamEvent.objects.filter(actor=user, sentence__startswith=f"{before} ")
    for event in by_them.iterator():
        event.sentence = f"{first}{event.sentence.removeprefix(before)}"
        event.save(update_fields=["sentence"])
    for told in OF_THEM:
        _replace(told.format(before), told.format(within))


def forget_address(address: str) -> None:
    """That somebody was invited stays; it may stand there in capitals."""
    found = INVITED.format(address)
    for event in TeamEvent.objects.filter(sentence__icontains=found):
        event.sentence = re.sub(
            re.escape(found), INVITED.format("somebody"), event.sentence, flags=re.IGNORECASE
        )
        event.save(update_fields=["sentence"])


def _replace(found: str, instead: str) -> None:
    TeamEvent.objects.filter(sentence__contains=found).update(
        sentence=Replace("sentence", Value(found), Value(instead))
    )
