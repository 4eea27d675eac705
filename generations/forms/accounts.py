from django import forms
from django.contrib.auth.forms import UserCreationForm

from generations.models import User


class SignUpForm(UserCreationForm):
    email = forms.EmailField(
        required=False, help_text="Optional. Without it, a lost password can't be reset."
    )

    class Meta:
        model = User
        fields = ("username", "email")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()
