"""I3 and I5: what was sent, and whether something was sent again."""

from django.db.models import F, Q, Sum

from generations.models import Attempt, AttemptState
from generations.queries.audit.counting import Options, Tally

S = AttemptState
NEVER_SENT = (S.READY, S.HELD, S.CLAIMED, S.CANCELED)
SENT_OR_NOT = (S.REJECTED_FREE,)  # refused by the provider, or given up before it was sent


def count_undated(options: Options, tally: Tally) -> None:
    attempts = Attempt.objects.all()
    sent = attempts.exclude(state__in=[*NEVER_SENT, *SENT_OR_NOT])
    tally.add_rows(sent.filter(sent_at=None), "was sent and has no date of it")
    unsent = attempts.filter(state__in=NEVER_SENT)
    tally.add_rows(unsent.exclude(sent_at=None), "has a date of sending and wasn't sent")
    early = attempts.filter(sent_at__lt=F("created_at"))
    tally.add_rows(early, "was sent before it was made")


def count_repeats(options: Options, tally: Tally) -> None:
    followers = Attempt.objects.filter(Q(is_automatic=True) | Q(previous__isnull=False))
    tally.add_rows(
        followers.exclude(previous__state=S.REJECTED_FREE),
        "follows one that may have cost something",
    )
    tally.add_rows(
        followers.filter(previous__ledger__kind__in=["settle", "hold"]),
        "follows one that was charged or held",
    )
    tally.add_rows(followers.filter(_other_slots()), "follows one of other pictures")
    _count_overlaps(tally)


def _count_overlaps(tally: Tally) -> None:
    """First attempts share out a generation's pictures: each picture has one, and only one.

    Of what was made elsewhere there may be less: the pictures that came along.
    """
    ours = Attempt.objects.filter(previous=None, generation__imported_at=None)
    firsts = ours.order_by().values("generation")
    shared = firsts.annotate(pictures=Sum("slot_count")).exclude(pictures=F("generation__n"))
    for generation_id in shared.values_list("generation", flat=True).iterator():
        tally.add(generation_id, "has another number of first attempts than of pictures")


def _other_slots() -> Q:
    is_same = Q(
        previous__generation=F("generation"),
        previous__first_slot=F("first_slot"),
        previous__slot_count=F("slot_count"),
    )
    return Q(previous__isnull=False) & ~is_same
