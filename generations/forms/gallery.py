from typing import Any
from uuid import UUID

from django import forms


class GalleryForm(forms.Form):
    """The gallery's address. What makes no sense is left out: one gets the first page."""

    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    remix = forms.UUIDField(required=False)
    wording = forms.UUIDField(required=False)

    @property
    def cursor(self) -> int | None:
        return self._cleaned().get("after")

    @property
    def remixed_id(self) -> UUID | None:
        return self._cleaned().get("remix")

    @property
    def wording_id(self) -> UUID | None:
        return self._cleaned().get("wording")

    def _cleaned(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class TileForm(forms.Form):
    """Which tile of a generation is meant."""

    slot = forms.IntegerField(min_value=0, max_value=15)


class AgainForm(TileForm):
    submit_token = forms.RegexField(r"\A[\w-]{8,64}\Z")
