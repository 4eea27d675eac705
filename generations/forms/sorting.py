"""Forms for albums, tags and the pages of their lists."""

import re

from django import forms

from generations.forms.text import NameField, OneText
from generations.models import Album, Tag

_CURSOR = re.compile(r"(-?[0-9]{1,16})\.([0-9]{1,18})")  # no date and no number beyond all


class AfterForm(forms.Form):
    """A list's address. What makes no sense is left out: one gets the first page."""

    after = forms.CharField(required=False, max_length=40)

    @property
    def cursor(self) -> tuple[int, int] | None:
        self.is_valid()
        found = _CURSOR.fullmatch(self.cleaned_data.get("after") or "")
        return (int(found[1]), int(found[2])) if found else None

    @property
    def written(self) -> str:
        """As it stands in an address; empty on the first page."""
        return "{}.{}".format(*self.cursor) if self.cursor else ""


class AlbumForm(forms.Form):
    name = NameField(
        max_length=Album._meta.get_field("name").max_length,
        error_messages={"required": "Name the album."},
    )
    description = NameField(
        required=False,
        max_length=Album._meta.get_field("description").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PlaceForm(forms.Form):
    """Where a picture of an album goes: in front of another one, or one step along."""

    image = forms.UUIDField(widget=OneText)
    before = forms.UUIDField(required=False, widget=OneText)
    step = forms.ChoiceField(required=False, choices=[("-1", "earlier"), ("1", "later")])


class TagForm(forms.Form):
    name = NameField(
        max_length=Tag._meta.get_field("name").max_length,
        error_messages={"required": "Write a tag."},
    )
