"""The twelve promises and what counts each."""

from collections.abc import Collection, Iterator

from generations.queries.audit import bill, leaks, money, objects, sending, waiting
from generations.queries.audit.counting import Invariant, NotCounted, Options, Result, Status, Tally
from generations.storage.base import StoreError


def _shown_by_tests(options: Options, tally: Tally) -> None:
    raise NotCounted("can't be seen from inside; shown by tests")


INVARIANTS = (
    Invariant("I1", "What a person was told is accepted is in the database", _shown_by_tests),
    Invariant("I2", "An attempt is at most one request on the wire", bill.count_requests),
    Invariant("I3", "An attempt is dated as sent exactly when it was", sending.count_undated),
    Invariant(
        "I4", "What the provider billed is kept, unknown or unusable", bill.count_unaccounted
    ),
    Invariant(
        "I5", "Nothing is sent again by itself unless it cost nothing", sending.count_repeats
    ),
    Invariant("I6", "Every picture has its bytes, every object its picture", objects.count_strays),
    Invariant("I7", "What is reserved and spent is what the attempts say", money.count_differences),
    Invariant("I8", "No grant went over a limit", money.count_overruns),
    Invariant("I9", "An attempt is settled at most once", money.count_double_ends),
    Invariant("I10", "Nobody receives what isn't theirs", _shown_by_tests),
    Invariant("I11", "Nothing waits past its time without a reason", waiting.count_forgotten),
    Invariant("I12", "No secret of ours is in a row or a log", leaks.count_secrets),
)


def audit(options: Options, *, only: Collection[str] = ()) -> Iterator[Result]:
    """One result for each promise (or for those of `only`), as soon as known. Writes nothing."""
    for invariant in INVARIANTS:
        if not only or invariant.id in only:
            yield _result(invariant, options)


def _result(invariant: Invariant, options: Options) -> Result:
    tally = Tally()
    try:
        invariant.count(options, tally)
    except NotCounted as error:
        return Result(invariant.id, invariant.sentence, "not counted", note=str(error))
    except (StoreError, OSError) as error:
        note = f"could not be counted: {error}"
        return Result(invariant.id, invariant.sentence, "failed", note=note)
    status: Status = "breach" if tally.count else "ok"
    return Result(invariant.id, invariant.sentence, status, tally.count, tuple(tally.examples))
