from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

UP_TO_TEN = [MinValueValidator(1), MaxValueValidator(10)]


class CatalogModel(models.Model):
    """A model of the provider's that makes pictures, and what we let people ask of it.

    Rows come from `GET /v1/models`. The provider doesn't say which sizes or qualities a model
    takes, so those columns start as its family's cautious defaults and then belong to the admin.
    """

    model_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    is_free = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True, help_text="People may choose it.")
    is_available = models.BooleanField(default=True, help_text="The provider lists it.")
    sizes = models.JSONField(default=list, help_text="auto, WIDTHxHEIGHT or an aspect ratio.")
    qualities = models.JSONField(default=list, blank=True)
    output_formats = models.JSONField(default=list, blank=True, help_text="Empty: not asked for.")
    largest_n = models.PositiveSmallIntegerField(default=10, validators=UP_TO_TEN)
    images_per_call = models.PositiveSmallIntegerField(
        default=1,
        validators=UP_TO_TEN,
        help_text="Above 1 only where the provider prices several in one call better.",
    )
    can_edit = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(
        default=100, help_text="Low ones come first; the first is a newcomer's choice."
    )
    refreshed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "model"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What a model costs from a day on, in millionths of a US dollar (micros).

    Empty size or quality means any; the finest match wins, then the newest. A row without
    `image_micros` says that a picture's price is not known beforehand.
    """

    model = models.ForeignKey(CatalogModel, on_delete=models.CASCADE, related_name="prices")
    size = models.CharField(max_length=20, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    image_micros = models.BigIntegerField(null=True, blank=True)
    prompt_micros_per_million = models.BigIntegerField(null=True, blank=True)
    completion_micros_per_million = models.BigIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField()
    is_from_catalog = models.BooleanField(default=False)

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["model", "-starts_at"], name="price_by_model")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(image_micros__gte=0) | models.Q(image_micros=None),
                name="price_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} from {self.starts_at:%Y-%m-%d}"
