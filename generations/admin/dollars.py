"""Money as people type it; the rows keep millionths."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Field
from django.http import HttpRequest

from generations import wording

MILLION = 1_000_000
LABELS = {
    "limit_micros": "Limit in dollars",
    "image_micros": "A picture",
    "prompt_micros_per_million": "A million prompt tokens",
    "completion_micros_per_million": "A million picture tokens",
}


class DollarField(forms.DecimalField):
    """US dollars in the form, micro-dollars as the value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_digits=14, decimal_places=6, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / MILLION:f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        dollars = super().clean(value)
        return None if dollars is None else int(dollars * MILLION)

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = None if initial is None else Decimal(initial) / MILLION
        return super().has_changed(before, data)


class InDollars:
    """For an admin whose model keeps amounts in micro-dollars."""

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest | None, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in LABELS:
            return DollarField(
                label=LABELS[db_field.name], required=not db_field.blank, help_text="US dollars"
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


def dollars(micros: int | None) -> str:
    return "–" if micros is None else wording.sum_of_money(micros)
