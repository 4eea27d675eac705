from django.db import models

from generations.models.accounts import User


class Session(models.Model):
    """A sign-in, or a visit before it. `key` is a digest of what the browser holds."""

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    data = models.TextField()
    device = models.CharField(max_length=60, blank=True)  # “Firefox on Linux”
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True)  # when its person last showed who they are
    staff_seen_at = models.DateTimeField(null=True)  # last seen on pages of staff

    def __str__(self) -> str:
        return self.key
