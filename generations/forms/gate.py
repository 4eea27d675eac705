from django import forms

from generations.models import Gate


class GateForm(forms.Form):
    """Which closed gate is to be opened."""

    name = forms.ModelChoiceField(Gate.objects.filter(is_closed=True), to_field_name="name")
