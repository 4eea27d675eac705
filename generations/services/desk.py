"""What an operator does about failed and unknown calls; each is on record with who did it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry

from generations import lifecycle, policy
from generations.errors import GalleryError, NotAllowed
from generations.models import Attempt, User
from generations.queries.desk_again import Plan, token_for
from generations.services.generation import run_again
from generations.transactions import writing

NOT_YOURS = "Your account may look here, but not decide about money."


def resolve_unknowns(actor: User, attempts: Iterable[Attempt], *, is_charged: bool) -> int:
    """How many of them were still unknown and are settled now, or given back."""
    require_decider(actor)
    return sum(_resolve(actor, attempt, is_charged=is_charged) for attempt in attempts)


def _resolve(actor: User, attempt: Attempt, *, is_charged: bool) -> bool:
    words = "charged" if is_charged else "free"
    with writing():
        is_ours = lifecycle.resolve_unknown(attempt, is_charged=is_charged)
        if is_ours:
            _log(actor, attempt, f"Resolved as {words}.")
    return is_ours


@dataclass(frozen=True, slots=True)
class Ran:
    """How many were run again, and what kept the others from it."""

    done: int
    refusals: Sequence[tuple[str, int]]


def run_safe_ones(actor: User, plan: Plan) -> Ran:
    """Each as its owner would, out of their budget; twice the same call is still one run."""
    require_decider(actor)
    done = 0
    refusals: Counter[str] = Counter()
    for attempt in plan.attempts:
        try:
            _run(actor, attempt)
        except GalleryError as refusal:
            refusals[refusal.sentence] += 1
        else:
            done += 1
    return Ran(done, refusals.most_common())


def _run(actor: User, attempt: Attempt) -> None:
    token, n = token_for(attempt), attempt.slot_count
    with writing():
        made = run_again(attempt.owner, attempt.generation, submit_token=token, n=n)
        _log(actor, attempt, f"Run again as {made.pk}.")


def require_decider(actor: User) -> None:
    """Raises NotAllowed for staff who may only look."""
    if not policy.can_decide(actor):
        raise NotAllowed(NOT_YOURS)


def _log(actor: User, attempt: Attempt, text: str) -> None:
    LogEntry.objects.log_actions(actor.pk, [attempt], CHANGE, text, single_object=True)
