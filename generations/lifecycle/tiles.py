"""What people decide about tiles: not to wait any longer, and to take an empty one away."""

from django.db.models import F

from generations import watch
from generations.lifecycle.moves import ENDS
from generations.models import Attempt, AttemptState, Image
from generations.models.generation import SENT_STATES
from generations.models.image import ORIGINAL
from generations.transactions import writing

UNDER_WAY = (*SENT_STATES, AttemptState.RECEIVED, AttemptState.FETCHING)
_DISMISSED = "dismissed:"


def hide(attempt: Attempt) -> bool:
    """Stop waiting for what was sent: the call goes on, what it brings is kept out of the gallery.

    False when there is nothing to wait for any more.
    """
    under_way = Attempt.objects.filter(pk=attempt.pk, is_hidden=False, state__in=UNDER_WAY)
    with writing():
        is_hidden = bool(under_way.update(is_hidden=True))
        if is_hidden:
            watch.bump_on_commit([attempt.space])
    return is_hidden


def dismissed_slots(attempt: Attempt) -> set[int]:
    """Slots of a call for several pictures whose empty tiles were taken away one by one."""
    return {
        int(flag.removeprefix(_DISMISSED)) for flag in attempt.flags if flag.startswith(_DISMISSED)
    }


def dismiss(attempt: Attempt, slot: int) -> bool:
    """Take the empty tile of one slot away; False while its picture may still come."""
    ended = Attempt.objects.filter(pk=attempt.pk, state__in=ENDS)
    with writing():
        if not ended.update(fence=F("fence")):  # the row is ours until the end: flags are a list
            return False
        now = Attempt.objects.get(pk=attempt.pk)
        images = Image.objects.filter(ORIGINAL, attempt=now)
        filled = set(images.values_list("slot", flat=True))
        if set(now.slots) - filled - dismissed_slots(now) - {slot}:
            ended.update(flags=sorted({*now.flags, f"{_DISMISSED}{slot}"}))
        else:
            ended.update(is_vacant=False)
        watch.bump_on_commit([attempt.space])
    return True
