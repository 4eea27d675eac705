from generations.models.accounts import User
from generations.models.catalog import CatalogModel, Price
from generations.models.gate import Gate
from generations.models.generation import (
    FINAL_STATES,
    IN_FLIGHT_STATES,
    SENT_STATES,
    Attempt,
    AttemptState,
    Generation,
)
from generations.models.image import Image
from generations.models.ledger import LedgerEntry, LedgerKind

__all__ = [
    "FINAL_STATES",
    "IN_FLIGHT_STATES",
    "SENT_STATES",
    "Attempt",
    "AttemptState",
    "CatalogModel",
    "Gate",
    "Generation",
    "Image",
    "LedgerEntry",
    "LedgerKind",
    "Price",
    "User",
]
