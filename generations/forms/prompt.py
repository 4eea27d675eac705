from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.conf import settings
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.functional import cached_property

from generations import ledger, policy, wording
from generations.forms.text import OneHidden, is_storable, is_visible
from generations.forms.widgets import PlainSelect
from generations.models import Album, CatalogModel, PromptTemplate, Role, Team, User
from generations.models.generation import new_submit_token
from generations.queries.catalog import usable_models
from generations.queries.fitting import fitting_choice, fitting_size
from generations.services.generation import ALBUM_GONE, UNPRICED, Request, prices_of, total_price

PROMPT_CHARACTERS = 4000
MOST_PICTURES = 10


TEMPLATE = r"^[0-9]{1,18}(\.[0-9]{1,5})?\Z"  # its id and its version


def clean_prompt(text: str) -> str:
    """The prompt as it will be stored and sent; ValidationError for what can't be."""
    if not is_storable(text):
        raise forms.ValidationError("The prompt contains a character we can't store.")
    if not is_visible(text):
        raise forms.ValidationError("Write a prompt.")
    return text


@dataclass(frozen=True, slots=True)
class OtherModel:
    id: str
    name: str
    price_text: str
    is_wanted: bool


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
        required=False,
        widget=PlainSelect,
        error_messages={"invalid_choice": "This model is not available."},
    )
    n = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label="Pictures",
        error_messages={"invalid_choice": "Choose a number of pictures from the list."},
    )
    size = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        error_messages={"invalid_choice": "This model has no such size."},
    )
    quality = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        error_messages={"invalid_choice": "This model has no such quality."},
    )
    output_format = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label="Format",
        error_messages={"invalid_choice": "This model has no such format."},
    )
    also = forms.MultipleChoiceField(
        required=False,
        label="Other models",
        error_messages={"invalid_choice": "One of the other models is not available."},
        widget=forms.CheckboxSelectMultiple,
    )
    team = forms.ChoiceField(
        required=False,
        widget=PlainSelect,
        label="For",
        error_messages={"invalid_choice": "You can’t make pictures for this team."},
    )
    album = forms.ChoiceField(
        required=False, widget=PlainSelect, error_messages={"invalid_choice": ALBUM_GONE}
    )
    template = forms.RegexField(TEMPLATE, required=False, widget=OneHidden)
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
        # What is sent is priced as it is now; what is shown may be two seconds old.
        team = self.destination
        fresh = ledger.with_prices(policy.usable_models(user, team.slug if team else ""))
        self.models = {
            row.model_id: row for row in (fresh if self.is_bound else usable_models(user, team))
        }
        self.chosen = self._chosen_model()
        teams = [(each.slug, each.name) for each in policy.teams_with(user, Role.CONTRIBUTOR)]
        self._offer("team", [("", "My gallery"), *teams] if teams else [])
        self.albums = self._albums_offered()
        self._offer("album", self._album_choices())
        self._offer("model", [(key, row.name) for key, row in self.models.items()])
        self._offer("also", [(key, row.name) for key, row in self.models.items()])
        self.initial["model"] = self.chosen.model_id if self.chosen else ""
        if self.chosen:
            self._offer_what_it_takes(self.chosen)

    @property
    def _asked(self) -> Mapping[str, Any]:
        return self.data if self.is_bound else self.initial

    @cached_property
    def destination(self) -> Team | None:
        """For whose gallery the pictures are, as the form stands; none: the person's own."""
        asked = self._asked.get("team")
        teams = policy.teams_with(self.user, Role.CONTRIBUTOR)
        return next((team for team in teams if team.slug == asked), None)

    def _chosen_model(self) -> CatalogModel | None:
        asked = self._asked.get("model")
        if asked in self.models:
            return self.models[asked]
        return self.models.get(self._last_used()) or next(iter(self.models.values()), None)

    def _albums_offered(self) -> dict[str, Album]:
        """The chosen gallery's, by id; looked for only where somebody asked for albums."""
        if "album" not in self._asked:
            return {}
        team = self.destination.slug if self.destination else ""
        rows = policy.albums_to_fill(self.user, team).order_by(Lower("name"))
        return {str(album.pk): album for album in rows}

    def _album_choices(self) -> list[tuple[str, str]]:
        if "album" not in self._asked:
            return []
        none = "None" if self.albums else "None yet"
        return [("", none), *((key, album.name) for key, album in self.albums.items())]

    def _last_used(self) -> str:
        newest = policy.own_generations(self.user).order_by("-created_at")
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
        if isinstance(field, forms.MultipleChoiceField):
            return
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
        self.cleaned_data = cleaned
        if settings.UNKNOWN_PRICE == "refuse" and self.total_micros() is None:
            raise forms.ValidationError(UNPRICED)
        return cleaned

    def renew_token(self) -> None:
        """Sent again, it is a new submission."""
        assert isinstance(self.data, QueryDict)  # noqa: S101
        data = self.data.copy()
        data["submit_token"] = new_submit_token()
        self.data = data

    def value_of(self, name: str) -> str:
        """What the form shows for a field just now, if the chosen model still takes it."""
        value = str(self[name].value() or "")
        offered = [key for key, _ in self.fields[name].choices]  # type: ignore[attr-defined]
        return value if value in offered else (offered[0] if offered else "")

    def others(self) -> list[CatalogModel]:
        """The models beside the chosen one that are to draw the same prompt."""
        wanted = set(self["also"].value() or ())
        return [row for key, row in self.models.items() if key in wanted and row != self.chosen]

    @cached_property
    def other_models(self) -> list[OtherModel]:
        """Those one may add to the chosen one, each with the price of what it would draw."""
        if not self.chosen:
            return []
        first = self.requests()[0]
        rows = [row for row in self.models.values() if row != self.chosen]
        wishes = [_for_model(first, row) for row in rows]
        prices = prices_of(wishes)
        wanted = set(self["also"].value() or ())
        return [
            OtherModel(
                id=row.model_id,
                name=row.name,
                price_text=wording.usd(None if price is None else price * wish.n),
                is_wanted=row.model_id in wanted,
            )
            for row, wish, price in zip(rows, wishes, prices, strict=True)
        ]

    def requests(self) -> list[Request]:
        """What would be sent as the form stands, the chosen model's first. Others get what of
        size, quality and format they can do."""
        if not self.chosen:
            return []
        first = Request(
            prompt=str(self["prompt"].value() or ""),
            model=self.chosen,
            n=int(self.value_of("n") or 1),
            size=self.value_of("size"),
            quality=self.value_of("quality"),
            output_format=self.value_of("output_format"),
            team=self.destination,
            album=self.albums.get(self.value_of("album")),
            template=self._template(),
        )
        return [first, *(_for_model(first, model) for model in self.others())]

    def _template(self) -> PromptTemplate | None:
        """In the version that filled the form: it may say something else by now."""
        wanted = self.cleaned_data.get("template") if self.is_bound else None
        if not wanted:
            return None
        pk, _, version = wanted.partition(".")
        found = policy.visible_templates(self.user).filter(pk=int(pk)).first()
        if found and version:
            found.version = min(found.version, int(version))
        return found

    def total_micros(self) -> int | None:
        """What all of it would cost; None if one model's price isn't known."""
        return total_price(self.requests())

    def count(self) -> int:
        """How many pictures in all."""
        return sum(request.n for request in self.requests())


def _for_model(first: Request, model: CatalogModel) -> Request:
    return replace(
        first,
        model=model,
        n=min(first.n, model.largest_n),
        size=fitting_size(model, first.size),
        quality=fitting_choice(model.qualities, first.quality),
        output_format=first.output_format if first.output_format in model.output_formats else "",
    )
