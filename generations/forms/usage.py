from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.utils import timezone

DEFAULT = "30"
DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "12 months"}


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to today, in UTC. A year begins with a month, and is shown by months."""

    days: str
    since: date
    until: date

    @property
    def by_month(self) -> bool:
        return self.days == "365"


class UsageForm(forms.Form):
    """The page's address. What makes no sense is left out: one gets thirty days of one's own."""

    days = forms.ChoiceField(required=False, choices=list(DAYS.items()))
    of = forms.ChoiceField(required=False, choices=[("all", "Everybody")])
    team = forms.SlugField(required=False, max_length=60)

    @property
    def span(self) -> Span:
        self.is_valid()
        days = self.cleaned_data.get("days") or DEFAULT
        today = timezone.now().date()
        if days == "365":
            before = today.replace(year=today.year - 1, day=1)
            return Span(days, (before + timedelta(days=32)).replace(day=1), today)
        return Span(days, today - timedelta(days=int(days) - 1), today)

    @property
    def of_team(self) -> str:
        """The team whose spending it is; "" for a person's or the installation's."""
        self.is_valid()
        return self.cleaned_data.get("team") or ""

    @property
    def is_of_all(self) -> bool:
        self.is_valid()
        return self.cleaned_data.get("of") == "all"
