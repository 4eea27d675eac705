"""What a verdict does to the attempt, its money and the gates."""

from collections.abc import Callable

import pytest

from generations import lifecycle
from generations.mesh import Usage, Verdict, Wait
from generations.models import Attempt, CatalogModel, Gate, Generation, User
from generations.pipeline import outcome

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
FORBIDDEN = Verdict("refused", "forbidden", status=403)


def sent(generation: Generation) -> Attempt:
    attempt = lifecycle.claim("w", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    return attempt


def closed() -> list[tuple[str, str]]:
    return list(Gate.objects.filter(is_closed=True).values_list("name", "reason"))


def test_one_model_that_is_forbidden_leaves_the_others_alone(alice: User, submit: Submit) -> None:
    for _ in range(2):
        outcome.apply(sent(submit(alice)), FORBIDDEN)
    assert closed() == []


def test_several_forbidden_models_close_the_account(alice: User, submit: Submit) -> None:
    outcome.apply(sent(submit(alice)), FORBIDDEN)
    other = submit(alice)
    Generation.objects.filter(pk=other.pk).update(model_id="vertex/imagen-3")
    outcome.apply(sent(other), FORBIDDEN)
    assert closed() == [("account", "forbidden")]


def test_a_refusal_is_charged_the_tokens_it_names(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.prices.update(prompt_micros_per_million=500_000_000, completion_micros_per_million=0)
    attempt = sent(submit(alice))
    blocked = Verdict("refused", "blocked", status=422)
    outcome.apply(attempt, blocked, usage=Usage(prompt_tokens=20, completion_tokens=0))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.cost_micros) == ("rejected_free", 10_000)
    assert attempt.usage == {"prompt_tokens": 20, "completion_tokens": 0}
    assert [row.kind for row in attempt.ledger.order_by("pk")] == ["reserve", "settle"]


def limited(*, usage: Usage | None = None) -> tuple[Verdict, Usage | None]:
    wait = Wait(seconds=1)
    return Verdict("refused", "rate_limited", status=429, wait=wait, gate="account"), usage


def test_a_refusal_that_cost_tokens_is_not_sent_again(
    alice: User, submit: Submit, painter: CatalogModel
) -> None:
    painter.prices.update(prompt_micros_per_million=500_000_000, completion_micros_per_million=0)
    verdict, usage = limited(usage=Usage(prompt_tokens=20, completion_tokens=0))
    outcome.apply(sent(submit(alice)), verdict, usage=usage)
    assert list(Attempt.objects.values_list("state", "cost_micros")) == [("rejected_free", 10_000)]
    assert closed() == [("account", "rate_limited")]


def test_what_people_were_told_is_unknown_is_not_sent_again(alice: User, submit: Submit) -> None:
    attempt = sent(submit(alice))
    lifecycle.declare_unknown(attempt, code="worker_lost")
    lifecycle.move(attempt, lifecycle.S.RECEIVED)
    outcome.apply(attempt, limited()[0])
    assert list(Attempt.objects.values_list("state", flat=True)) == ["rejected_free"]
