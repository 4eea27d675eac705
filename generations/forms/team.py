"""Forms for teams, their members and invitations."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from generations.forms.account import OwnPassword
from generations.forms.text import NameField, OneNumber
from generations.models import Invite, Role, Team

MOST_USES = 100
MOST_AT_ONCE = 1000


class TeamForm(forms.Form):
    name = NameField(
        label="Name",
        max_length=Team._meta.get_field("name").max_length,
        error_messages={"required": "Name the team."},
    )


class TeamSettingsForm(TeamForm):
    viewers_download = forms.BooleanField(
        required=False, label="Viewers may download the original pictures"
    )
    approved_only = forms.BooleanField(
        required=False,
        label="Show approved pictures alone",
        help_text="Until a curator approves it, a picture is seen by who made it and by curators; "
        "this also goes for pictures that hang here already.",
    )
    contributors_share = forms.BooleanField(
        required=False, label="Contributors may make share links to what they made"
    )
    most_at_once = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_AT_ONCE,
        label="Pictures drawn at the same time",
        help_text="The others wait for their turn. Empty: as many as the workers can.",
        error_messages={
            "invalid": "Write a whole number.",
            "min_value": "At least one.",
            "max_value": f"{MOST_AT_ONCE} at most.",
        },
    )
    allowed_models = forms.MultipleChoiceField(
        required=False,
        label="Models for this team",
        help_text="With none ticked every model may be used.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of the models is not available."},
    )

    def __init__(self, *args: Any, models: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["allowed_models"].choices = models  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        choices=Role.choices, error_messages={"invalid_choice": "There is no such role."}
    )


class ShareForm(forms.Form):
    """Dollars a month; empty: no limit."""

    dollars = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_digits=9,
        decimal_places=2,
        widget=OneNumber,
        error_messages={"invalid": "Write an amount in dollars.", "min_value": "Not below 0."},
    )

    @property
    def micros(self) -> int | None:
        dollars = self.cleaned_data["dollars"]
        return None if dollars is None else int(dollars * 1_000_000)


class InviteForm(RoleForm):
    email = forms.EmailField(
        required=False,
        max_length=Invite._meta.get_field("email").max_length,
        error_messages={
            "invalid": "This is no e-mail address.",
            "max_length": "This is no e-mail address.",
        },
    )
    most_uses = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_USES,
        error_messages={
            "min_value": "At least one person.",
            "max_value": f"{MOST_USES} people at most.",
        },
    )

    def clean_most_uses(self) -> int:
        return int(self.cleaned_data["most_uses"] or 1)


class SureForm(OwnPassword):
    """What can't be taken back asks for the password once more."""
