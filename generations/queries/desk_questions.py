"""What is asked before anything is decided about calls: never undone, so told in full."""

from collections.abc import Sequence
from dataclasses import dataclass

from generations import wording
from generations.models import Attempt


@dataclass(frozen=True, slots=True)
class Question:
    """`button` repeats what is done."""

    title: str
    lines: Sequence[str]
    button: str
    is_danger: bool = False


def question_for(attempts: Sequence[Attempt], *, is_charged: bool) -> Question:
    """Before unknown calls are resolved."""
    calls = wording.count(len(attempts), "call")
    money = wording.sum_of_money(sum(each.reserved_micros or 0 for each in attempts))
    people = len({each.owner_id for each in attempts})
    whose = "one person’s" if people == 1 else f"{people:,} people’s"
    if is_charged:
        line = f"{money} is counted as spent, in {whose} budgets: what was reserved for them."
    else:
        line = f"{money} goes back to {whose} budgets. If the provider bills them, nobody sees it."
    unpriced = sum(each.reserved_micros is None for each in attempts)
    return Question(
        title=f"Resolve {calls} as {'charged' if is_charged else 'free'}?",
        lines=[
            line,
            *([f"The price of {wording.count(unpriced, 'call')} isn’t known."] if unpriced else []),
            "This can’t be undone.",
        ],
        button=f"Resolve as {'charged' if is_charged else 'free'}",
        is_danger=True,
    )
