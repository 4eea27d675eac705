"""Forms for looking into a gallery that isn't one's own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations.models import Team, User
from generations.models.inspection import LEAST_REASON, MOST_REASON

PERSON, TEAM = "person", "team"


class InspectForm(forms.Form):
    kind = forms.ChoiceField(
        label="Whose gallery", choices=[(PERSON, "A person’s"), (TEAM, "A team’s")]
    )
    name = forms.CharField(
        label="Name",
        max_length=150,
        help_text="What the person signs in with, or what stands in the team’s address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label="Why",
        min_length=LEAST_REASON,
        max_length=MOST_REASON,
        help_text="They can read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"min_length": f"Say why, in {LEAST_REASON} letters or more."},
    )
    whose: User | Team | None = None

    def clean_reason(self) -> str:
        return " ".join(str(self.cleaned_data["reason"]).split())

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        name = fields.get("name", "")
        if fields.get("kind") == TEAM:
            self.whose = Team.objects.filter(slug=name, deleted_at=None).first()
        elif fields.get("kind") == PERSON:
            self.whose = User.objects.filter(username__iexact=name).first()
        if name and self.whose is None:
            self.add_error("name", ValidationError("There is no such gallery."))
        return fields


class AfterKeyForm(forms.Form):
    """A list's address. What makes no sense is left out: one gets the first page."""

    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    @property
    def cursor(self) -> int | None:
        return self.cleaned_data["after"] if self.is_valid() else None
