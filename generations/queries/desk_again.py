"""Which failed calls can be run again without harm, and what that would cost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from generations import ledger, policy, wording
from generations.models import Attempt, AttemptState, CatalogModel, Generation
from generations.queries.again import wish_of
from generations.queries.cards import BLOCKED_CODES
from generations.queries.desk_questions import Question

TOKEN = "desk-"  # noqa: S105  # what the submit token of a run begins with that was asked for here
# The wish itself was refused, and would be once more.
HOPELESS = BLOCKED_CODES | frozenset(
    {"invalid_request", "validation", "not_supported", "client_bug", "model_gone"}
)


def token_for(attempt: Attempt) -> str:
    """One word for each failed call: run again twice it is still one run."""
    return f"{TOKEN}{attempt.pk}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be run again, for how much in all, and why the others would not."""

    attempts: Sequence[Attempt]
    micros: int
    left_out: Sequence[tuple[str, int]]

    @property
    def pictures_text(self) -> str:
        return wording.count(sum(each.slot_count for each in self.attempts), "picture")

    @property
    def price_text(self) -> str:
        return wording.usd(self.micros)

    @property
    def question(self) -> Question:
        people = len({each.owner_id for each in self.attempts})
        whose = "one person’s budgets" if people == 1 else f"the budgets of {people:,} people"
        left = [f"{wording.count(count, 'call')} stays: {why}." for why, count in self.left_out]
        return Question(
            title=f"Run {self.pictures_text} again?",
            lines=[
                f"At today’s prices that is {self.price_text}, out of {whose}.",
                "None of them was charged. Each is a new run beside the old one, once.",
                *left,
                "What has been sent can’t be called back.",
            ],
            button=f"Run again, {self.price_text}",
        )


def plan_for(attempts: Iterable[Attempt]) -> Plan:
    """`attempts` with their generations and owners selected. Four queries, however many."""
    rows = list(attempts)
    models = _usable(rows)
    prices = ledger.quotes(models.values(), {wish_of(row.generation) for row in rows})
    children = _children(rows)
    reasons: Counter[str] = Counter()
    safe, micros = [], 0
    for row in rows:
        price = prices.get(wish_of(row.generation))
        reason = _why_not(row, models) or _was_run(row, children)
        if not reason and price is None:
            reason = "nobody knows beforehand what it would cost"
        if reason:
            reasons[reason] += 1
            continue
        safe.append(row)
        micros += (price or 0) * row.slot_count
    return Plan(safe, micros, reasons.most_common())


def _why_not(attempt: Attempt, models: dict[str, CatalogModel]) -> str:
    generation = attempt.generation
    if attempt.state != AttemptState.REJECTED_FREE or attempt.cost_micros:
        return "it may have been charged"
    if attempt.code in HOPELESS:
        return "the provider refused the wish itself"
    if not attempt.is_vacant or attempt.is_hidden or generation.cancel_requested_at:
        return "its owner gave it up"
    if not attempt.owner.is_active:
        return "its owner can’t sign in any more"
    if generation.model_id not in models:
        return "its model is not available"
    return ""


def _was_run(attempt: Attempt, children: dict[UUID, set[str]]) -> str:
    """By its owner, perhaps for another slot; or here, for this very call."""
    tokens = children.get(attempt.generation_id, set())
    of_owner = any(not token.startswith(TOKEN) for token in tokens)
    is_run = of_owner or token_for(attempt) in tokens
    return "it has been run again already" if is_run else ""


def _children(attempts: Sequence[Attempt]) -> dict[UUID, set[str]]:
    rows = Generation.objects.filter(parent__in={row.generation_id for row in attempts})
    found: dict[UUID, set[str]] = {}
    for parent, token in rows.values_list("parent_id", "submit_token"):
        found.setdefault(parent, set()).add(token)
    return found


def _usable(attempts: Sequence[Attempt]) -> dict[str, CatalogModel]:
    """Models that everybody may choose just now, with today's prices."""
    if not attempts:
        return {}
    ids = {row.generation.model_id for row in attempts}
    rows = policy.usable_models(attempts[0].owner).filter(model_id__in=ids)
    return {model.model_id: model for model in ledger.with_prices(rows)}
