from django.db import models


class Gate(models.Model):
    """The provider's account (`account`) or one model (`model:<id>`): open, or closed for a reason.

    No row means open. When `closed_until` is over one attempt is let through to find out whether
    it may open; without a time it stays closed until somebody opens it.
    """

    name = models.CharField(max_length=220, unique=True)
    is_closed = models.BooleanField(default=False)
    closed_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    probed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
