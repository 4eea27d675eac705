"""What an operator's hand is needed for: findings, each with the cure that would be applied."""

from generations.pipeline.reconcile.bill import Bill, UnreadableBill, read_bill
from generations.pipeline.reconcile.findings import Finding, Wishes
from generations.pipeline.reconcile.steps import findings

__all__ = ["Bill", "Finding", "UnreadableBill", "Wishes", "findings", "read_bill"]
