import pytest

from generations.models import Attempt
from generations.queries.picture import price_text, usage_rows


@pytest.mark.parametrize(
    ("quoted", "cost", "text"),
    [
        (None, None, "not known"),
        (40_000, None, "quoted $0.04"),
        (None, 42_000, "charged $0.04"),
        (40_000, 40_000, "quoted $0.04, charged $0.04"),
        (0, 0, "free"),
        (0, None, "free"),
    ],
)
def test_price_text(quoted: int | None, cost: int | None, text: str) -> None:
    assert price_text(Attempt(reserved_micros=quoted, cost_micros=cost)) == text


def test_usage_rows_leave_out_what_was_not_told() -> None:
    assert usage_rows({"completion_tokens": 1056, "total_tokens": None}) == [
        ("Picture tokens", "1,056")
    ]
