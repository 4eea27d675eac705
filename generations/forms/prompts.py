"""Templates: writing one, and filling in its slots."""

from typing import Any

from django import forms

from generations import policy, slots
from generations.forms.prompt import PROMPT_CHARACTERS, clean_prompt
from generations.forms.text import NameField, TextField
from generations.models import PromptTemplate, Role, Team, User

SLOT_CHARACTERS = 500
CHANGED = "The template was changed in the meantime: see whether each slot holds what it should."


class TemplateForm(forms.Form):
    name = NameField(max_length=60)
    text = forms.CharField(
        max_length=PROMPT_CHARACTERS,
        label="Prompt",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=(
            "Put what changes in braces: a {season} morning in {place: Oslo | Rome}, with"
            " {boats: number} boats."
        ),
    )

    def clean_text(self) -> str:
        text = clean_prompt(self.cleaned_data["text"])
        if len(slots.slots_of(text)) > slots.MOST_SLOTS:
            raise forms.ValidationError(f"A template has {slots.MOST_SLOTS} slots at most.")
        return text


class NewTemplateForm(TemplateForm):
    """Also for whom it is: for oneself, or for a team one makes pictures for."""

    team = forms.ChoiceField(
        required=False,
        label="For",
        error_messages={"invalid_choice": "You can’t keep templates for this team."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.slug: team for team in policy.teams_with(user, Role.CONTRIBUTOR)}
        names = [(slug, team.name) for slug, team in self.teams.items()]
        self.fields["team"].choices = [("", "Me alone"), *names]  # type: ignore[attr-defined]
        if not names:
            self.fields["team"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.fields["team"].widget.is_hidden:  # it has no place of its own
            for sentence in self.errors.pop("team", []):
                self.add_error(None, sentence)
        return found

    @property
    def destination(self) -> Team | None:
        return self.teams.get(self.cleaned_data["team"])


class FillForm(forms.Form):
    """One field for each slot of a template, in its order; the page says which version it shows."""

    def __init__(self, *args: Any, template: PromptTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        self.names = {}
        for number, slot in enumerate(slots.slots_of(template.text)):
            self.names[f"slot_{number}"] = slot.name
            self.fields[f"slot_{number}"] = _field(slot)

    def prompt(self) -> str:
        """The template's text with every slot filled in."""
        values = {name: str(self.cleaned_data[key]) for key, name in self.names.items()}
        return slots.fill(self.template.text, values)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get("version", str(self.template.version)) != str(self.template.version):
            raise forms.ValidationError(CHANGED)
        if not self.errors:
            self.cleaned_data = cleaned
            if len(self.prompt()) > PROMPT_CHARACTERS:
                raise forms.ValidationError(
                    f"Filled in, the prompt is longer than {PROMPT_CHARACTERS} characters."
                )
        return cleaned


def _field(slot: slots.Slot) -> forms.Field:
    label = slot.name[:1].upper() + slot.name[1:]
    if slot.choices:
        return forms.ChoiceField(label=label, choices=[(each, each) for each in slot.choices])
    if slot.kind == slots.NUMBER:
        return forms.IntegerField(label=label, error_messages={"invalid": "Write a whole number."})
    if slot.kind == slots.LONG:
        rows = forms.Textarea(attrs={"rows": 3})
        return TextField(label=label, max_length=SLOT_CHARACTERS, widget=rows)
    return TextField(label=label, max_length=SLOT_CHARACTERS)
