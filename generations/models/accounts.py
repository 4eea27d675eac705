import unicodedata
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower


def folded_name(name: str) -> str:
    """One spelling for all names that could be taken for each other by the case of their letters:
    “Émile” and “émile”, “straße” and “STRASSE”, “ıvo” and “ivo”. Databases know fewer of them."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper()).casefold()


class FoldedName(models.CharField):
    """Follows the name with every write, also with many at once."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = folded_name(model_instance.username)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, folded)
        return folded


class Density(models.TextChoices):
    """How tall a gallery's rows are."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"
    LARGE = "large"


class User(AbstractUser):
    """A person. Names and addresses are unique whatever their case."""

    folded = FoldedName(max_length=500, unique=True, editable=False)
    density = models.CharField(max_length=11, choices=Density, default=Density.COMFORTABLE)

    def clean(self) -> None:
        super().clean()
        if not self.username:  # it was refused already
            return
        others = User.objects.exclude(pk=self.pk).filter(folded=folded_name(self.username))
        if others.exists():
            raise ValidationError({"username": self.unique_error_message(User, ("username",))})

    def save(self, *args: Any, **how: Any) -> None:
        if "username" in (how.get("update_fields") or ()):
            how["update_fields"] = {*how["update_fields"], "folded"}
        super().save(*args, **how)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.UniqueConstraint(
                Lower("email"), name="user_email_any_case", condition=~models.Q(email="")
            ),
        ]
