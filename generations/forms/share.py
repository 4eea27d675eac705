"""What is shared, on which terms; and what guests send."""

import uuid
from typing import Any

from django import forms

from generations.forms.selection import ChosenForm, OnForm
from generations.forms.sorting import AfterForm
from generations.forms.text import NameField, OneHidden, OneText
from generations.models import ShareGuest, ShareLink

DAYS = (("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))
USUAL_DAYS = "30"
LEAST_PASSWORD = 6
UNSENDABLE = "This page can’t be sent. Reload it and try again."
NO_TARGET = "Choose what to share."


class TargetForm(ChosenForm):
    """One picture, album or saved search; else the chosen pictures."""

    kind = forms.ChoiceField(
        required=False, choices=[(each, each) for each in ("image", "album", "search")]
    )
    target = forms.CharField(required=False, max_length=36, widget=OneText)

    @property
    def thing(self) -> tuple[str, uuid.UUID | int] | None:
        """Its kind and id; None for a selection, or where the id is none."""
        kind, target = self.cleaned_data["kind"], self.cleaned_data["target"]
        try:
            return (kind, int(target) if kind == "search" else uuid.UUID(target)) if kind else None
        except ValueError:
            return None


class TermsForm(forms.Form):
    key = forms.UUIDField(widget=OneHidden, initial=uuid.uuid4)
    title = NameField(
        required=False,
        max_length=ShareLink._meta.get_field("title").max_length,
        help_text="What guests read at the top.",
    )
    days = forms.TypedChoiceField(label="Open for", choices=DAYS, coerce=int, initial=USUAL_DAYS)
    password = forms.CharField(
        required=False,
        min_length=LEAST_PASSWORD,
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: whoever has the link gets in.",
    )
    shows_prompts = forms.BooleanField(required=False, label="Prompts and models")
    shows_cost = forms.BooleanField(required=False, label="Prices")
    shows_creator = forms.BooleanField(required=False, label="Your name")
    allows_download = forms.BooleanField(required=False, label="Download")
    allows_picks = forms.BooleanField(required=False, label="Pick with a ♥", initial=True)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.errors.pop("key", None):  # hidden: it has no place of its own
            self.add_error(None, UNSENDABLE)
        return found

    @property
    def seen_fields(self) -> list[Any]:
        """What guests see beside the pictures."""
        return [self[name] for name in ("shows_prompts", "shows_cost", "shows_creator")]

    @property
    def allowed_fields(self) -> list[Any]:
        return [self[name] for name in ("allows_picks", "allows_download")]


class ExtendForm(forms.Form):
    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=USUAL_DAYS)


class UnlockForm(forms.Form):
    password = forms.CharField(max_length=100, strip=False)


class GuestForm(forms.Form):
    name = NameField(required=False, max_length=ShareGuest._meta.get_field("name").max_length)


class PickForm(OnForm, AfterForm):
    """A heart on or off, sent by the page of all pictures or by that of one."""

    is_picture = forms.BooleanField(required=False)

    def way_back(self, image_id: uuid.UUID) -> str:
        """From where it was sent to, so that the link's own address isn't said again."""
        query = f"?after={self.written}" if self.written else ""
        if self.cleaned_data["is_picture"]:
            return f"../{query}"
        return f"../../{query}#p-{image_id}"
