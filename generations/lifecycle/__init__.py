"""The life of an attempt: the only code that writes its state, and the money that moves with it."""

from generations.lifecycle.claims import (
    ClaimLost,
    claim,
    declare_unknown,
    expire_claims,
    expired_sends,
    give_up_waiting,
    mark_accepted,
    mark_sending,
    put_back,
    renew_leases,
    take_received,
)
from generations.lifecycle.gates import (
    ACCOUNT_GATE,
    close_gate,
    closed_gates,
    model_gate,
    open_due_gates,
    open_gate,
    release_held,
)
from generations.lifecycle.making import (
    follow_up,
    make_attempts,
)
from generations.lifecycle.moves import (
    ENDS,
    MOVES,
    S,
    in_seconds,
    lease,
    move,
    move_all,
)

__all__ = [
    "ACCOUNT_GATE",
    "ENDS",
    "MOVES",
    "ClaimLost",
    "S",
    "claim",
    "close_gate",
    "closed_gates",
    "declare_unknown",
    "expire_claims",
    "expired_sends",
    "follow_up",
    "give_up_waiting",
    "in_seconds",
    "lease",
    "make_attempts",
    "mark_accepted",
    "mark_sending",
    "model_gate",
    "move",
    "move_all",
    "open_due_gates",
    "open_gate",
    "put_back",
    "release_held",
    "renew_leases",
    "take_received",
]
