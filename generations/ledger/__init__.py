"""Money: the only code that writes it. Amounts are integers in micro-dollars; None is "not known".

An unknown price is never 0: it stays None through quote, reservation and settlement.
"""

from generations.ledger.budgets import (
    budgets_of,
    budgets_with_periods,
    period_of,
    recount,
    starts_at,
)
from generations.ledger.daily import (
    Stretch,
    add_up,
    drift_of,
    fill,
    is_filled,
    mend,
    stretches,
)
from generations.ledger.entries import carry_over, hold, release, reserve, settle
from generations.ledger.prices import (
    cost_of,
    cost_of_tokens,
    price_among,
    price_for,
    quote,
    quotes,
    with_prices,
)

__all__ = [
    "Stretch",
    "add_up",
    "budgets_of",
    "budgets_with_periods",
    "carry_over",
    "cost_of",
    "cost_of_tokens",
    "drift_of",
    "fill",
    "hold",
    "is_filled",
    "mend",
    "period_of",
    "price_among",
    "price_for",
    "quote",
    "quotes",
    "recount",
    "release",
    "reserve",
    "settle",
    "starts_at",
    "stretches",
    "with_prices",
]
