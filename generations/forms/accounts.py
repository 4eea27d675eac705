"""Forms for coming in: each slows down who tries too often, whether the account exists or not."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    UserCreationForm,
)
from django.http import HttpRequest

from generations import browsers, letters, throttle
from generations.forms.second_factor import WithCode
from generations.forms.slowed import Slowed
from generations.models import User
from generations.networks import network_of
from generations.throttle import Turn


class SignInForm(Slowed, AuthenticationForm):
    """A browser that its owner signed in with before counts its own tries."""

    @property
    def name(self) -> str:
        return throttle.folded(self.data.get("username", ""))

    def turns(self) -> list[Turn]:
        request = cast(HttpRequest, self.request)
        mark = browsers.known_as(request, self.name)
        return [
            throttle.of_sign_in(self.name, mark),
            Turn(throttle.SIGN_IN_FROM, network_of(request)),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        of_person, from_network = self.turns()
        throttle.forgive(of_person)
        throttle.give_back(from_network)
        return cleaned


class SignUpForm(Slowed, UserCreationForm):
    email = forms.EmailField(
        required=False, help_text="Optional. Without it, a lost password can't be reset."
    )

    class Meta:
        model = User
        fields = ("username",)  # the address counts when its letter was answered

    def __init__(self, *args: Any, request: HttpRequest, **fields: Any) -> None:
        self.request = request
        super().__init__(*args, **fields)

    def turns(self) -> list[Turn]:
        return [Turn(throttle.SIGN_UP_FROM, network_of(self.request))]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class ResetForm(Slowed, PasswordResetForm):
    """Takes as long for an unknown address: the letter is sent afterwards."""

    def __init__(self, *args: Any, request: HttpRequest, **fields: Any) -> None:
        self.request = request
        super().__init__(*args, **fields)

    def turns(self) -> list[Turn]:
        return [
            Turn(throttle.RESET, throttle.folded(self.data.get("email", ""))),
            Turn(throttle.RESET_FROM, network_of(self.request)),
        ]

    def send_mail(self, *letter: Any, **more: Any) -> None:
        letters.post(partial(super().send_mail, *letter, **more))


class NewPasswordForm(WithCode, PasswordChangeForm):
    """For somebody who knows the old one; who found an open browser guesses slowly."""

    def clean_old_password(self) -> str:
        password = super().clean_old_password()
        self.is_right()
        return password
