"""Whatever can happen has words for it."""

from typing import get_args

import pytest

from generations.imaging.probe import Problem
from generations.mesh import RULES
from generations.outcomes import OUTCOMES, QUOTED, UNLISTED, Outcome, sentence_for


@pytest.mark.parametrize("code", [*RULES, *get_args(Problem)])
def test_every_verdict_and_every_problem_has_its_sentence(code: str) -> None:
    outcome = sentence_for(code)
    assert outcome is OUTCOMES[code]
    assert outcome.sentence.endswith(".")
    assert 0 < len(outcome.title) <= 30


def test_provider_is_quoted_where_that_helps() -> None:
    quoted = sentence_for("blocked", message="No swans.")
    assert quoted == Outcome(
        "Blocked by moderation",
        "The provider declined this prompt; rewrite it and submit again."
        " The provider says: “No swans.”",
    )
    assert sentence_for("dns", message="No swans.") is OUTCOMES["dns"]
    assert set(OUTCOMES) > QUOTED


def test_code_nobody_knows_has_words_too() -> None:
    assert sentence_for("a code of tomorrow") is UNLISTED
