from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from generations import throttle
from generations.throttle import TooSoon, Turn


class Slowed(forms.BaseForm):
    """Doesn't look at what it was sent while one of its turns rests, and says how long."""

    cleaned_data: dict[str, Any]
    wait_seconds = 0

    def turns(self) -> list[Turn]:
        """What a try with these fields counts for."""
        raise NotImplementedError

    def full_clean(self) -> None:
        if not self.is_bound or self._may_try():
            super().full_clean()

    def _may_try(self) -> bool:
        try:
            throttle.take(*self.turns())
        except TooSoon as error:
            self.wait_seconds = error.seconds
            self._errors = ErrorDict(renderer=self.renderer)
            self.cleaned_data = {}
            self.add_error(None, ValidationError(error.sentence, code=error.code))
            return False
        return True
