"""What reviewers send: which pictures they want to see, and what they say of them."""

from typing import Any
from uuid import UUID

from django import forms

from generations.forms.selection import IdsField, IdsInput
from generations.forms.text import TextField
from generations.models import Reason, ReviewState, Verdict
from generations.models.moderation import SUSPECT
from generations.models.review import MOST_NOTE
from generations.queries.review import ReviewFilter

CHECKS = [(each.value, each.label) for each in SUSPECT]
WHY = "Choose a reason: who made the picture reads it."


class ReviewFilterForm(forms.Form):
    """Whatever makes no sense is left out, as in the gallery's address."""

    team = forms.CharField(required=False, max_length=60)
    by = forms.CharField(required=False, max_length=150)
    model = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=[("", ""), *ReviewState.choices])
    check = forms.ChoiceField(required=False, choices=[("", ""), *CHECKS])
    after = forms.IntegerField(required=False, min_value=-(2**63), max_value=2**63 - 1)

    @property
    def filter(self) -> ReviewFilter:
        self.is_valid()
        names = ("team", "by", "model", "state", "check")
        return ReviewFilter(**{name: self.cleaned_data.get(name) or "" for name in names})

    @property
    def cursor(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("after")


class OpinionForm(forms.Form):
    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        error_messages={"required": "Approve, reject or flag it.", "invalid_choice": "No verdict."},
    )
    reason = forms.ChoiceField(
        required=False,
        choices=[("", "None"), *Reason.choices],
        error_messages={"invalid_choice": "Choose one of the reasons."},
    )
    note = TextField(
        required=False,
        max_length=MOST_NOTE,
        error_messages={"max_length": f"A note has {MOST_NOTE} characters at most."},
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        verdict = found.get("verdict")
        needs_reason = verdict in {Verdict.REJECT, Verdict.FLAG} and "reason" not in self.errors
        if needs_reason and not found.get("reason"):
            self.add_error("reason", WHY)
        if verdict == Verdict.APPROVE:
            found["reason"] = ""
        return found


class VerdictForm(OpinionForm):
    """`seen` is the state in which the reviewer saw the picture."""

    seen = forms.ChoiceField(choices=ReviewState.choices)


class ManyVerdictsForm(OpinionForm):
    """The ticked pictures, each under the state in which the reviewer saw it."""

    pending = IdsField(widget=IdsInput)
    approved = IdsField(widget=IdsInput)
    rejected = IdsField(widget=IdsInput)
    flagged = IdsField(widget=IdsInput)

    @property
    def seen(self) -> dict[UUID, str]:
        return {pk: state for state in ReviewState.values for pk in self.cleaned_data[state].ids}

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if not any(found[state].ids for state in found.keys() & set(ReviewState.values)):
            self.add_error(None, "Tick the pictures first.")
        return found
