"""Keeping prompt templates: quick, one transaction."""

from django.db import IntegrityError

from generations.errors import Conflict
from generations.models import PromptTemplate, User
from generations.transactions import writing

TAKEN = "You have a template of this name already."
MOST = 200
TOO_MANY = f"You have {MOST} templates already; delete one first."


def save_template(
    owner: User, *, name: str, text: str, template: PromptTemplate | None = None
) -> PromptTemplate:
    """A new one, or another name and text for `template`. Conflict if the name is taken."""
    if template is None and owner.templates.count() >= MOST:
        raise Conflict(TOO_MANY)
    kept = template or PromptTemplate(owner=owner)
    kept.name, kept.text = name, text
    try:
        with writing():
            kept.save()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    return kept


def delete_template(template: PromptTemplate) -> None:
    """What was made with it stays."""
    with writing():
        template.delete()
