from django import forms

from generations.forms.text import TextField
from generations.models import Image

FORMATS = (("original", "As it is"), ("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP"))
CONTENTS = (
    ("keep", "As it came"),
    ("embed", "With prompt and origin"),
    ("clean", "Clean of everything"),
)


class DownloadForm(forms.Form):
    """How one takes a picture along; without a word, the original as it came."""

    format = forms.ChoiceField(choices=FORMATS, required=False)
    metadata = forms.ChoiceField(choices=CONTENTS, required=False)

    def clean_format(self) -> str:
        return self.cleaned_data["format"] or "original"

    def clean_metadata(self) -> str:
        return self.cleaned_data["metadata"] or "keep"

    @property
    def is_as_it_came(self) -> bool:
        return (self.cleaned_data["format"], self.cleaned_data["metadata"]) == ("original", "keep")


class AltTextForm(forms.ModelForm):
    """What a picture shows, in a person's words; empty: the prompt speaks."""

    class Meta:
        model = Image
        fields = ("alt_text",)
        labels = {"alt_text": "Description"}
        field_classes = {"alt_text": TextField}


class CompareForm(forms.Form):
    """Which two pictures; without the second it is asked for."""

    a = forms.UUIDField()
    b = forms.UUIDField(required=False)
