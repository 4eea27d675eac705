from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A list without groups, written without Django's templates: those of the prompt's form took a
    seventh of a gallery page's time."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, " selected" * (str(key) in chosen), label) for key, label in self.choices),
        )
        return format_html("<select{}>{}</select>", self._written(name, attrs), options)

    def _written(self, name: str, attrs: dict[str, Any] | None) -> SafeString:
        wanted = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html_join(
            "",
            " {}",
            (
                (key,) if value is True else (format_html('{}="{}"', key, value),)
                for key, value in wanted.items()
                if value not in {None, False}
            ),
        )
