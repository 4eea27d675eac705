"""What somebody shows beside the password: codes of their phone, and a few on paper."""

from django.db import models

from generations.models.accounts import User


class SecondFactor(models.Model):
    """A person's phone. It counts from `confirmed_at`, when it showed a first code."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = models.CharField(max_length=255)  # sealed
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    last_counter = models.BigIntegerField(default=0)  # of the last code that was taken

    def __str__(self) -> str:
        return f"of {self.user_id}"


class RecoveryCode(models.Model):
    """For a lost phone; each counts once. Kept as a digest."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"of {self.factor_id}"


def whose_secret(user_id: int) -> str:
    """What a sealed secret is bound to: it opens in no other person's row."""
    return f"second factor {user_id}"
