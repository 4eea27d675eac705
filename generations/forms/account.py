"""Forms for one's own account."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from generations import throttle
from generations.forms.second_factor import WithCode
from generations.forms.slowed import Slowed
from generations.models import User
from generations.models.accounts import folded_name
from generations.services.account import NAME_TAKEN
from generations.throttle import Turn


class NameForm(Slowed, forms.Form):
    """Slow, since it tells which names are taken."""

    username = UsernameField(
        label="What you sign in with",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="Letters, digits and @ . + - _",
    )

    def __init__(self, *args: Any, user: User, **fields: Any) -> None:
        self.user = user
        super().__init__(*args, **fields)

    def turns(self) -> list[Turn]:
        return [Turn(throttle.RENAME, str(self.user.pk))]

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(folded=folded_name(name)).exclude(pk=self.user.pk).exists():
            raise ValidationError(NAME_TAKEN)
        return name


class OwnPassword(WithCode, forms.Form):
    """Asks for the password once more; who found an open browser guesses slowly."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **fields: Any) -> None:
        self.user = user
        super().__init__(*args, **fields)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("This isn’t your password.", code="wrong")
        self.is_right()
        return password


class ProofForm(OwnPassword):
    """Nothing but that: who it is."""


class EmailForm(OwnPassword):
    email = forms.EmailField(
        label="Address",
        required=False,
        help_text="Without one, a lost password can’t be reset.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class EraseForm(OwnPassword):
    """Twice sure: by the password, and by writing the name."""

    name = forms.CharField(
        label="Your name, once more",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "password")

    def clean_name(self) -> str:
        if self.cleaned_data["name"] != self.user.username:
            raise ValidationError(f"Write “{self.user.username}”, as it stands here.")
        return str(self.user.username)


class SessionForm(forms.Form):
    """Which sign-in is to end."""

    key = forms.CharField(max_length=64)
