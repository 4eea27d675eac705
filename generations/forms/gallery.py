from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms

from generations.models.generation import sort_key

LAST_KEY = sort_key(datetime(9999, 12, 31, tzinfo=UTC), 0)  # beyond it no day has a name


class GalleryForm(forms.Form):
    """The gallery's address. What makes no sense is left out: one gets the first page."""

    after = forms.IntegerField(required=False, min_value=0, max_value=LAST_KEY)
    group = forms.ChoiceField(required=False, choices=[("run", "By run")])
    remix = forms.UUIDField(required=False)
    wording = forms.UUIDField(required=False)
    into = forms.UUIDField(required=False)
    albums = forms.BooleanField(required=False)

    @property
    def cursor(self) -> int | None:
        return self._cleaned().get("after")

    @property
    def is_by_run(self) -> bool:
        return self.group_by == "run"

    @property
    def group_by(self) -> str | None:
        return self._cleaned().get("group") or None

    @property
    def remixed_id(self) -> UUID | None:
        return self._cleaned().get("remix")

    @property
    def wording_id(self) -> UUID | None:
        return self._cleaned().get("wording")

    @property
    def album(self) -> str | None:
        """For the prompt form: the album's id, "" where one is yet to be chosen; None: no word of
        albums."""
        found = self._cleaned()
        if found.get("into"):
            return str(found["into"])
        return "" if found.get("albums") else None

    def _cleaned(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class NewsForm(forms.Form):
    """The newest tile of a page, by its sort key."""

    above = forms.IntegerField(min_value=0, max_value=LAST_KEY)


class TileForm(forms.Form):
    """Which tile of a generation is meant."""

    slot = forms.IntegerField(min_value=0, max_value=15)


class StopForm(forms.Form):
    """Which tile one stops waiting for; without a slot, all that were sent."""

    slot = forms.IntegerField(required=False, min_value=0, max_value=15)


class AgainForm(TileForm):
    submit_token = forms.RegexField(r"\A[\w-]{8,64}\Z")
