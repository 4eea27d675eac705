import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from generations import ledger, policy, wording
from generations.models import CatalogModel, User
from generations.models.generation import new_submit_token
from generations.services.generation import UNPRICED

PROMPT_CHARACTERS = 4000
MOST_PICTURES = 10


def clean_prompt(text: str) -> str:
    """The prompt as it will be stored and sent; ValidationError for what can't be."""
    if any(character in text for character in "\x00\ufffd") or any(
        0xD800 <= ord(character) <= 0xDFFF for character in text
    ):
        raise forms.ValidationError("The prompt contains a character we can't store.")
    if not any(_is_visible(character) for character in text):
        raise forms.ValidationError("Write a prompt.")
    return text


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"}


class PromptForm(forms.Form):
    """What a person asks for. The choices follow the chosen model; only the prompt is required."""

    prompt = forms.CharField(
        max_length=PROMPT_CHARACTERS,
        error_messages={
            "required": "Write a prompt.",
            "null_characters_not_allowed": "The prompt contains a character we can't store.",
            "max_length": "The prompt has %(show_value)s characters; %(limit_value)s are the most.",
        },
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Describe a picture"}),
    )
    model = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "This model is not available."}
    )
    n = forms.ChoiceField(
        required=False,
        label="Pictures",
        error_messages={"invalid_choice": "Choose a number of pictures from the list."},
    )
    size = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "This model has no such size."}
    )
    quality = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "This model has no such quality."}
    )
    output_format = forms.ChoiceField(
        required=False,
        label="Format",
        error_messages={"invalid_choice": "This model has no such format."},
    )
    submit_token = forms.RegexField(
        r"\A[\w-]{8,64}\Z",
        error_messages={
            "required": "This page is too old to be sent. Reload it and try again.",
            "invalid": "This page can't be sent. Reload it and try again.",
        },
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.models = {row.model_id: row for row in policy.usable_models(user)}
        self.chosen = self._chosen_model()
        self._offer("model", [(key, row.name) for key, row in self.models.items()])
        self.initial["model"] = self.chosen.model_id if self.chosen else ""
        if self.chosen:
            self._offer_what_it_takes(self.chosen)

    def _chosen_model(self) -> CatalogModel | None:
        asked = (self.data if self.is_bound else self.initial).get("model")
        if asked in self.models:
            return self.models[asked]
        return self.models.get(self._last_used()) or next(iter(self.models.values()), None)

    def _last_used(self) -> str:
        newest = policy.visible_generations(self.user).order_by("-created_at")
        return newest.values_list("model_id", flat=True).first() or ""

    def _offer_what_it_takes(self, model: CatalogModel) -> None:
        self._offer(
            "n", [(str(n), str(n)) for n in range(1, min(MOST_PICTURES, model.largest_n) + 1)]
        )
        self._offer("size", [(size, wording.picture_size(size)) for size in model.sizes])
        self._offer("quality", [(quality, quality.capitalize()) for quality in model.qualities])
        formats = [(name, name.upper().replace("WEBP", "WebP")) for name in model.output_formats]
        self._offer("output_format", [("", "Auto"), *formats] if formats else [])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices
        if not choices:  # the model knows no such thing
            field.widget = forms.HiddenInput()
        self.initial.setdefault(name, choices[0][0] if choices else "")

    def clean_prompt(self) -> str:
        return clean_prompt(self.cleaned_data["prompt"])

    def clean_n(self) -> int:
        return int(self.cleaned_data["n"] or 1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for sentence in self.errors.pop("submit_token", []):  # hidden: it has no place of its own
            self.add_error(None, sentence)
        if not self.models:
            raise forms.ValidationError("No model is available just now. Try again in a minute.")
        cleaned["model"] = self.models.get(cleaned.get("model") or "", self.chosen)
        for name in ("size", "quality"):
            offered = self.fields[name].choices  # type: ignore[attr-defined]
            if not cleaned.get(name) and name not in self.errors:
                cleaned[name] = offered[0][0] if offered else ""
        if settings.UNKNOWN_PRICE == "refuse" and self.each_micros() is None:
            raise forms.ValidationError(UNPRICED)
        return cleaned

    def renew_token(self) -> None:
        """Sent again, it is a new submission."""
        assert isinstance(self.data, QueryDict)  # noqa: S101
        self.data = {**self.data.dict(), "submit_token": new_submit_token()}

    def value_of(self, name: str) -> str:
        """What the form shows for a field just now, if the chosen model still takes it."""
        value = str(self[name].value() or "")
        offered = [key for key, _ in self.fields[name].choices]  # type: ignore[attr-defined]
        return value if value in offered else (offered[0] if offered else "")

    def each_micros(self) -> int | None:
        """What one picture would cost as the form stands."""
        if not self.chosen:
            return None
        size, quality = self.value_of("size"), self.value_of("quality")
        return ledger.quote(self.chosen, size=size, quality=quality)

    def count(self) -> int:
        return int(self.value_of("n") or 1)
