from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class Density(models.TextChoices):
    """How tall a gallery's rows are."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"
    LARGE = "large"


class User(AbstractUser):
    """A person. Names and addresses are unique whatever their case."""

    density = models.CharField(max_length=11, choices=Density, default=Density.COMFORTABLE)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.UniqueConstraint(
                Lower("email"), name="user_email_any_case", condition=~models.Q(email="")
            ),
        ]
