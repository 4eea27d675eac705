"""Keeping prompt templates: quick, one transaction."""

from django.db import IntegrityError

from generations.errors import Conflict
from generations.models import PromptTemplate, PromptVersion, Team, User
from generations.transactions import writing

TAKEN = "{} a template of this name already."
MOST = 200
TOO_MANY = f"You have {MOST} templates already; delete one first."
GONE = "The template was deleted in the meantime."


def make_template(
    author: User, *, name: str, text: str, team: Team | None = None
) -> PromptTemplate:
    """A new one, the person's own or a team's. Conflict if the name is taken there."""
    if author.templates.count() >= MOST:
        raise Conflict(TOO_MANY)
    try:
        with writing():
            made = PromptTemplate.objects.create(owner=author, team=team, name=name, text=text)
            _keep_version(made, author)
    except IntegrityError as error:
        raise _taken(team) from error
    return made


def change_template(author: User, template: PromptTemplate, *, name: str, text: str) -> None:
    """Another name, another text: a text that differs is a version of its own, and the ones before
    stay on record. Conflict if the name is taken."""
    try:
        with writing():
            now = PromptTemplate.objects.select_for_update().filter(pk=template.pk).first()
            if now is None:
                raise Conflict(GONE)
            is_new = text != now.text
            if is_new:  # one made before there were versions has none yet
                _keep_version(now, now.owner)
            now.name, now.text, now.version = name, text, now.version + is_new
            now.save()
            if is_new:
                _keep_version(now, author)
    except IntegrityError as error:
        raise _taken(template.team) from error


def _taken(team: Team | None) -> Conflict:
    return Conflict(TAKEN.format("The team has" if team else "You have"))


def _keep_version(template: PromptTemplate, author: User) -> None:
    PromptVersion.objects.get_or_create(
        template=template,
        number=template.version,
        defaults={"text": template.text, "author": author},
    )


def delete_template(template: PromptTemplate) -> None:
    """What was made with it stays."""
    with writing():
        template.delete()
