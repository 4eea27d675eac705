"""Templates: writing one, and filling in its slots."""

from typing import Any

from django import forms

from generations import slots
from generations.forms.prompt import PROMPT_CHARACTERS, clean_prompt
from generations.models import PromptTemplate

SLOT_CHARACTERS = 500


class TemplateForm(forms.Form):
    name = forms.CharField(max_length=60)
    text = forms.CharField(
        max_length=PROMPT_CHARACTERS,
        label="Prompt",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Put what changes in braces: a {season} morning in {place: Oslo | Rome}.",
    )

    def clean_text(self) -> str:
        text = clean_prompt(self.cleaned_data["text"])
        if len(slots.slots_of(text)) > slots.MOST_SLOTS:
            raise forms.ValidationError(f"A template has {slots.MOST_SLOTS} slots at most.")
        return text


class FillForm(forms.Form):
    """One field for each slot of a template."""

    def __init__(self, *args: Any, template: PromptTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        self.names = {}
        for number, slot in enumerate(slots.slots_of(template.text)):
            self.names[f"slot_{number}"] = slot.name
            self.fields[f"slot_{number}"] = _field(slot)

    def prompt(self) -> str:
        """The template's text with every slot filled in."""
        values = {name: self.cleaned_data[key] for key, name in self.names.items()}
        return slots.fill(self.template.text, values)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
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
    return forms.CharField(label=label, max_length=SLOT_CHARACTERS)
