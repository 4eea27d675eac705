from django.db import models

SCHEDULER = "scheduler"


class Heartbeat(models.Model):
    """When a part that works in the background was last alive, by the database's clock."""

    name = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
