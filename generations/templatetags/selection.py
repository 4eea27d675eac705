from django import template

from generations.forms.image import CONTENTS, FORMATS

register = template.Library()


@register.simple_tag
def download_ways() -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The choices of how a ZIP's pictures are made: field, legend, values with labels."""
    return [("format", "Format", FORMATS), ("metadata", "What they say", CONTENTS)]
