"""Forms that ask for a code, alone or beside a password."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from generations import browsers, policy, throttle
from generations.forms.slowed import Slowed
from generations.models import User
from generations.networks import network_of
from generations.services.second_factor import WRONG, take_code
from generations.throttle import Turn

SIGNED_IN = "signed in"  # strangers who know the password keep nobody from changing it


class CodeField(forms.CharField):
    def __init__(self, *, help_text: str = "Six digits from your app, or a recovery code.") -> None:
        keypad = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        widget = forms.TextInput(attrs=keypad)
        super().__init__(label="Code", max_length=40, help_text=help_text, widget=widget)


class FirstCodeForm(forms.Form):
    """What a phone shows right after it was given the secret."""

    code = CodeField(help_text="Six digits.")


class SignInCodeForm(Slowed, forms.Form):
    """The second step of sign-in. A browser its person used before counts its own tries."""

    code = CodeField()

    def __init__(self, *args: Any, user: User, request: HttpRequest, **fields: Any) -> None:
        self.user, self.request = user, request
        super().__init__(*args, **fields)
        self.fields["code"].widget.attrs["autofocus"] = True

    def turns(self) -> list[Turn]:
        mark = browsers.known_as(self.request, throttle.folded(self.user.username))
        return [
            throttle.of_code(self.user.pk, mark),
            Turn(throttle.SIGN_IN_FROM, network_of(self.request)),
        ]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not take_code(self.user, code):
            raise ValidationError(WRONG, code="wrong")
        of_person, from_network = self.turns()
        throttle.forgive(of_person)
        throttle.give_back(from_network)
        return code


class WithCode(Slowed):
    """A form that asks for the password asks for a code, too, where sign-in does.

    The code is used up only when all else is right; tries count until both were.
    """

    user: User
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if policy.second_factor_of(self.user):
            self.fields["code"] = CodeField()

    def turns(self) -> list[Turn]:
        own = [Turn(throttle.PASSWORD, str(self.user.pk))]
        codes = throttle.of_code(self.user.pk, SIGNED_IN)
        return [*own, codes] if "code" in self.fields else own

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        if "code" not in self.fields or self.errors:
            return cleaned
        if take_code(self.user, self.cleaned_data["code"]):
            throttle.forgive(*self.turns())
        else:
            self.add_error("code", ValidationError(WRONG, code="wrong"))
        return cleaned

    def is_right(self) -> None:
        """The password is: nothing is forgiven yet if a code is asked for."""
        if "code" not in self.fields:
            throttle.forgive(*self.turns())
