from django import forms


class NoticeForm(forms.Form):
    """Which limit's notice is meant."""

    budget = forms.IntegerField(min_value=1, max_value=2**62)
    is_money = forms.BooleanField(required=False)
