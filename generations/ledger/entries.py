"""The append-only ledger: one entry per attempt and kind, its budgets moved along with it.

Everything here runs inside its caller's transaction.
"""

from collections.abc import Sequence

from generations.ledger import budgets
from generations.models import Attempt, LedgerEntry, LedgerKind


def reserve(attempts: Sequence[Attempt]) -> None:
    """Count one submission's worst case as spent; in the transaction that makes the attempts.

    Raises BudgetExhausted, with nothing kept, if one of its owner's budgets has too little room.
    """
    _note_reserved(attempts)
    budgets.grant(attempts)


def carry_over(refused: Attempt, following: Attempt) -> None:
    """What a refused attempt has just released is reserved again, in the periods that granted it.

    In one transaction with the release: nobody else can have taken the room meanwhile.
    """
    _note_reserved([following])
    budgets.grant_again(refused, following)


def _note_reserved(attempts: Sequence[Attempt]) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(attempt=attempt, kind=LedgerKind.RESERVE, micros=attempt.reserved_micros)
        for attempt in attempts
    )


def hold(attempt: Attempt) -> None:
    """Note that the reservation stays because the outcome is unknown. May run twice."""
    _write(attempt, LedgerKind.HOLD, attempt.reserved_micros)


def release(attempt: Attempt) -> None:
    """Give the reservation back: it cost nothing. May run twice; does nothing once settled."""
    if LedgerEntry.objects.filter(attempt=attempt, kind=LedgerKind.SETTLE).exists():
        return
    if _write(attempt, LedgerKind.RELEASE, attempt.reserved_micros):
        budgets.close(attempt, micros=0, pictures=0)


def settle(attempt: Attempt, *, micros: int | None, pictures: int) -> None:
    """Replace the reservation by what it really cost. May run twice: the first counts."""
    if _write(attempt, LedgerKind.SETTLE, micros):
        Attempt.objects.filter(pk=attempt.pk).update(cost_micros=micros)
        spent = attempt.reserved_micros if micros is None else micros
        budgets.close(attempt, micros=spent or 0, pictures=pictures)


def _write(attempt: Attempt, kind: LedgerKind, micros: int | None) -> bool:
    _, is_new = LedgerEntry.objects.get_or_create(
        attempt=attempt, kind=kind, defaults={"micros": micros}
    )
    return is_new
