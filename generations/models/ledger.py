from django.db import models

from generations.models.generation import Attempt


class LedgerKind(models.TextChoices):
    RESERVE = "reserve"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"


class LedgerEntry(models.Model):
    """One movement of money, in micro-dollars; written once, never changed.

    An attempt reserves when it is made, then settles or releases once. A hold says why a
    reservation stays: the call's outcome is unknown. No amount means the price wasn't known.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=10, choices=LedgerKind)
    micros = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["attempt", "kind"], name="ledger_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.micros}"
