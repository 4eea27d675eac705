from django import forms
from django.http import QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from generations.forms.filters import FilterForm
from generations.forms.gallery import GalleryForm
from generations.forms.text import NameField
from generations.models.accounts import Density


class NameForm(forms.Form):
    name = NameField(
        max_length=60,
        error_messages={
            "required": "Give the search a name.",
            "max_length": "A name has at most %(limit_value)s characters.",
        },
    )


class SearchForm(NameForm):
    """A name for the gallery's filters; what makes no sense in them isn't kept."""

    query = forms.CharField(max_length=4000, widget=forms.HiddenInput)
    shared = forms.BooleanField(required=False)  # with the team whose gallery it searches

    def clean_query(self) -> str:
        given = QueryDict(self.cleaned_data["query"])
        wanted = FilterForm(given).filter
        query = wanted.as_query(group=GalleryForm(given).group_by)
        if wanted.is_empty:
            raise forms.ValidationError("Choose a filter first: the whole gallery is no search.")
        if len(query) > 1000:
            raise forms.ValidationError("These are too many filters for one search.")
        return query

    @property
    def team(self) -> str:
        """The team it is to be kept for; "" for one's own."""
        if not self.cleaned_data["shared"]:
            return ""
        return FilterForm(QueryDict(self.cleaned_data["query"])).filter.team


class DensityForm(forms.Form):
    density = forms.ChoiceField(choices=Density.choices)
    next = forms.CharField(required=False, max_length=4000)

    def clean_next(self) -> str:
        """Where one came from, if that is a page of ours."""
        address = str(self.cleaned_data["next"])
        is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
        return address if is_ours and address.startswith("/") else ""
