import pytest
from django import forms
from django.test.html import parse_html

from generations.forms.widgets import PlainSelect

CHOICES = [("", "Auto"), ("a&b", 'Fox & "hound"'), ("3", "<three>"), ("png", "PNG")]


@pytest.mark.parametrize("value", [None, "", "3", 3, "a&b", "not offered"])
@pytest.mark.parametrize("attrs", [None, {"id": "id_format", "required": True, "disabled": False}])
def test_plain_select_says_what_djangos_says(value: object, attrs: dict[str, object]) -> None:
    ours = PlainSelect(choices=CHOICES).render("format", value, attrs)
    theirs = forms.Select(choices=CHOICES).render("format", value, attrs)
    assert parse_html(ours) == parse_html(theirs)
