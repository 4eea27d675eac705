"""The promises, each counted as what breaks it. Reads alone, with bounded memory."""

from generations.queries.audit.counting import Options, Result
from generations.queries.audit.invariants import INVARIANTS, audit

__all__ = ["INVARIANTS", "Options", "Result", "audit"]
