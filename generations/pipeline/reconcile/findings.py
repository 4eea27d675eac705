from collections.abc import Callable
from dataclasses import dataclass

from generations.pipeline.reconcile.bill import Bill

MOST = 1000  # of each kind in one run: cures change what is being read


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that doesn't fit. `cure` says what would be done; empty: not from here.

    `apply` does it and tells whether it came to pass. It may run twice, and at the same time as the
    workers: each step is one of the guarded ones they use themselves.
    """

    subject: str
    what: str
    cure: str = ""
    apply: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator allows beyond what is safe by itself."""

    bill: Bill | None = None
    charge_after_days: float | None = None
    reads_pictures: bool = False
