"""The gallery's filters as they stand in an address."""

import re
from dataclasses import fields
from typing import Any

from django import forms
from django.http import QueryDict

from generations.models import Shape
from generations.queries.filters import EVERYTHING, GalleryFilter

SEARCH_CHARACTERS = 200
MOST_VALUES = 20
STATES = (
    "done",
    "waiting",
    "held",
    "working",
    "saving",
    "failed",
    "blocked",
    "unknown",
    "canceled",
)
NAMES = frozenset(each.name for each in fields(GalleryFilter))
_SIZE = re.compile(r"[1-9]\d{0,4}x[1-9]\d{0,4}")


class FilterForm(forms.Form):
    """Whatever makes no sense is left out: an old or mistyped address still shows a gallery."""

    team = forms.SlugField(required=False, max_length=60)
    q = forms.CharField(required=False, max_length=SEARCH_CHARACTERS)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    album = forms.UUIDField(required=False)

    @property
    def filter(self) -> GalleryFilter:
        self.is_valid()
        team = self._cleaned("team") or ""
        return GalleryFilter(
            team=team,
            q=self._cleaned("q") or "",
            model=self._several("model"),
            state=tuple(each for each in self._several("state") if each in STATES),
            shape=tuple(each for each in self._several("shape") if each in Shape.values),
            size=tuple(each for each in self._several("size") if _SIZE.fullmatch(each)),
            quality=self._several("quality"),
            since=self._cleaned("since"),
            until=self._cleaned("until"),
            fav=self.data.get("fav") == "1",
            tag=tuple(int(each) for each in self._several("tag") if _is_id(each)),
            album=self._cleaned("album"),
            by=self._several("by") if team else (),
        )

    def _cleaned(self, name: str) -> Any:
        return self.cleaned_data.get(name)

    def _several(self, name: str) -> tuple[str, ...]:
        """The values of a filter that may stand several times, each once."""
        assert isinstance(self.data, QueryDict)  # noqa: S101
        found = dict.fromkeys(value for value in self.data.getlist(name) if _is_storable(value))
        return tuple(found)[:MOST_VALUES]


def filter_of(query: QueryDict) -> GalleryFilter:
    """What an address filters by. Most name no filter, and need no form to be read."""
    return FilterForm(query).filter if NAMES & query.keys() else EVERYTHING


def _is_storable(value: str) -> bool:
    return 0 < len(value) <= 200 and "\x00" not in value


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and int(value) < 2**63
