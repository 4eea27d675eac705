from django.db import models


class Throttle(models.Model):
    """How often something was tried, and until when it has to rest.

    `key` is a digest made with the secret key: neither names nor addresses are kept.
    """

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField()
    forget_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
