from django.db import models

from generations.models.accounts import User


class Erasure(models.Model):
    """Somebody who wanted to be forgotten. The worker goes on until nothing of theirs is left."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="erasure")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return str(self.user)
