"""What the failure desk is asked: which cause, which calls, and whether one is sure."""

from typing import Any

from django import forms

from generations import lifecycle
from generations.forms.selection import IdsField, IdsInput
from generations.forms.text import NameField, OneNumber
from generations.models import AttemptState, CatalogModel, Gate
from generations.queries.desk import CauseKey

DAYS = {"1": "Last day", "7": "Last week"}
FAILED = (AttemptState.UNKNOWN, AttemptState.REJECTED_FREE, AttemptState.CHARGED_UNUSABLE)
VERDICTS = {"charged": "charged", "free": "free"}


class DeskForm(forms.Form):
    """The page's address. What makes no sense is left out: one looks back a day."""

    days = forms.ChoiceField(required=False, choices=list(DAYS.items()))

    @property
    def wanted(self) -> int:
        self.is_valid()
        return int(self.cleaned_data.get("days") or 1)


class CauseForm(forms.Form):
    """Which calls ended alike."""

    state = forms.ChoiceField(choices=[(state, state) for state in FAILED])
    code = forms.CharField(required=False, max_length=60)
    model = forms.CharField(max_length=200)
    days = forms.ChoiceField(choices=list(DAYS.items()))

    @property
    def key(self) -> CauseKey:
        found = self.cleaned_data
        return CauseKey(found["state"], found["code"], found["model"], int(found["days"]))


class CallsForm(CauseForm):
    """Some calls of one cause, and the word that one means it."""

    ids = IdsField(widget=IdsInput)
    sure = forms.BooleanField(required=False)


class ResolveForm(CallsForm):
    verdict = forms.ChoiceField(choices=list(VERDICTS.items()))

    @property
    def is_charged(self) -> bool:
        return bool(self.cleaned_data["verdict"] == "charged")


class RunAgainForm(CallsForm):
    """`micros` is the sum that one was told."""

    micros = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=OneNumber)


class PauseForm(forms.Form):
    """What is to be paused, and what people read meanwhile."""

    name = forms.ChoiceField(label="What to pause")
    message = NameField(
        label="What people read",
        max_length=Gate._meta.get_field("message").max_length,
        help_text="Why, and for how long; shown at the top of every page.",
        error_messages={"required": "Say why: people read it on every page."},
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CatalogModel.objects.values_list("model_id", "name")
        models = {lifecycle.model_gate(model_id): name for model_id, name in rows}
        self._names = {lifecycle.ACCOUNT_GATE: "Everything"} | models
        field = self.fields["name"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = list(self._names.items())

    @property
    def what(self) -> str:
        """As people call it."""
        return self._names[self.cleaned_data["name"]]
