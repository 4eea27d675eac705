from django import forms

from generations.forms.text import OneHidden


class NoticeForm(forms.Form):
    """Which limit's notice is meant."""

    budget = forms.IntegerField(min_value=1, max_value=2**62, widget=OneHidden)
    is_money = forms.BooleanField(required=False)
