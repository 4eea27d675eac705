"""Which pictures are chosen, and what is to be done with them."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django import forms
from django.http import QueryDict

from generations.forms.filters import FilterForm
from generations.forms.image import DownloadForm
from generations.forms.text import NameField, OneText
from generations.models import Album, Tag
from generations.queries.filters import GalleryFilter

MOST_IDS = 10_000
_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_SPLIT = re.compile(r"[\s,]+")
ACTIONS = (
    "favorite",
    "unfavorite",
    "tag",
    "untag",
    "album",
    "unalbum",
    "trash",
    "restore",
    "delete",
    "zip",
    "zip_made",
    "move",
    "hang",
)
GOING = frozenset({"move", "hang"})  # to another gallery
MINE = "-"  # no team has this address


@dataclass(frozen=True, slots=True)
class Chosen:
    """Either these pictures, or all that a filter finds; `wrong` were no ids at all."""

    ids: tuple[UUID, ...] = ()
    wrong: int = 0
    everything: GalleryFilter | None = None


class IdsField(forms.Field):
    """Ids in one field, with commas between; also several fields of one each."""

    def clean(self, value: Any) -> Chosen:
        parts = [part for part in _SPLIT.split(value or "") if part]
        if len(parts) > MOST_IDS:
            sentence = f"{MOST_IDS:,} pictures at once are the most. Choose all results instead."
            raise forms.ValidationError(sentence)
        ids = [UUID(part) for part in parts if _ID.fullmatch(part)]
        return Chosen(tuple(dict.fromkeys(ids)), len(parts) - len(ids))


class IdsInput(forms.HiddenInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return ",".join(data.getlist(name))


WAYS_TO_LOOK = {"group", "select", "after"}  # of an address; they filter nothing


class ChosenForm(forms.Form):
    ids = IdsField(widget=IdsInput, required=False)
    all = forms.BooleanField(required=False)
    filter = forms.CharField(required=False, max_length=4000)

    def clean_filter(self) -> str:
        """As our pages write it: what can't be read must not come to mean everything."""
        query: str = self.cleaned_data["filter"]
        understood = FilterForm(QueryDict(query)).filter.as_query()
        given = [pair for pair in parse_qsl(query) if pair[0] not in WAYS_TO_LOOK]
        if sorted(given) != sorted(parse_qsl(understood)):
            raise forms.ValidationError("These results can't be told apart. Reload the page.")
        return query

    @property
    def chosen(self) -> Chosen:
        if not self.cleaned_data["all"]:
            found: Chosen = self.cleaned_data["ids"]
            return found
        query = self.cleaned_data["filter"]
        return Chosen(everything=FilterForm(QueryDict(query)).filter)


class SelectionForm(ChosenForm, DownloadForm):
    """What the selection's bar and its dialogs send."""

    action = forms.ChoiceField(choices=[(each, each) for each in ACTIONS])
    tag = NameField(required=False, max_length=Tag._meta.get_field("name").max_length)
    album = forms.UUIDField(required=False, widget=OneText)
    sure = forms.BooleanField(required=False)
    team = forms.SlugField(required=False, max_length=60)
    into = forms.SlugField(required=False, max_length=60)
    new_album = NameField(required=False, max_length=Album._meta.get_field("name").max_length)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        action = found.get("action")
        if action in {"tag", "untag"} and not found.get("tag") and "tag" not in self.errors:
            self.add_error("tag", "Write a tag.")
        if action in GOING and not found.get("into"):
            self.add_error("into", "Choose a gallery.")
        if action == "unalbum" and not found.get("album"):
            self.add_error("album", "Choose an album.")
        if action == "album" and not (found.get("album") or found.get("new_album")):
            self.add_error("album", "Choose an album, or name a new one.")
        return found

    @property
    def goal(self) -> str | None:
        """Where the pictures are to hang: a team, or "" for one's own gallery."""
        into: str = self.cleaned_data["into"]
        if self.cleaned_data["action"] not in GOING:
            return None
        return "" if into == MINE else into

    @property
    def way(self) -> dict[str, str]:
        """How the pictures of a ZIP are to be made; empty where they are taken as they came."""
        wanted = self.cleaned_data
        if wanted["action"] != "zip_made" or self.is_as_it_came:
            return {}
        return {"target": wanted["format"], "content": wanted["metadata"]}


class OnForm(forms.Form):
    on = forms.ChoiceField(choices=[("1", "on"), ("0", "off")])

    @property
    def is_on(self) -> bool:
        return bool(self.cleaned_data["on"] == "1")


class UndoForm(forms.Form):
    token = forms.CharField(max_length=200_000)


class CountForm(forms.Form):
    """Which list's results are to be counted."""

    kind = forms.ChoiceField(choices=[(each, each) for each in ("gallery", "album", "trash")])
    filter = forms.CharField(required=False, max_length=4000)

    @property
    def wanted(self) -> GalleryFilter:
        return FilterForm(QueryDict(self.cleaned_data["filter"])).filter
