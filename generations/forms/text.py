"""What people write: it can be stored, and there is something to be seen."""

import unicodedata
from typing import Any

from django import forms

from generations import wording

CANT_STORE = "This contains a character we can’t store."
LOST = "\ufffd"  # what is left of bytes that were no text
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"}


def is_storable(text: str) -> bool:
    """Whether every database takes it, and nothing of it was lost on the way."""
    return not any(each in "\x00" + LOST or 0xD800 <= ord(each) <= 0xDFFF for each in text)


def is_visible(text: str) -> bool:
    return any(unicodedata.category(each) not in _UNSEEN for each in text)


class TextField(forms.CharField):
    """A few words or lines. What nobody can see counts as empty."""

    default_error_messages = {"null_characters_not_allowed": CANT_STORE}

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        if not is_storable(text):
            raise forms.ValidationError(CANT_STORE, code="null_characters_not_allowed")
        return text if is_visible(text) else ""


class NameField(TextField):
    """A word or two of a person's own, on one line."""

    def to_python(self, value: Any) -> str:
        return wording.one_line(super().to_python(value))


class _OneValue(forms.Widget):
    """A field sent twice has no value that anybody could mean: together they are none."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not hasattr(data, "getlist"):  # a command's own words
            return data.get(name)
        sent = data.getlist(name)
        return "; ".join(sent) if sent else None


class OneText(_OneValue, forms.TextInput):
    pass


class OneNumber(_OneValue, forms.NumberInput):
    pass


class OneHidden(_OneValue, forms.HiddenInput):
    pass
