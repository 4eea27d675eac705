from typing import Any

from django import template

from generations import policy
from generations.forms.image import CONTENTS, FORMATS
from generations.forms.selection import MINE
from generations.models import Role

register = template.Library()


@register.simple_tag(takes_context=True)
def download_ways(context: Any) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The choices of how a ZIP's pictures are made: field, legend, values with labels. None where
    the team shown doesn't let the person download."""
    membership = context.get("membership")
    team = membership.team.slug if membership else ""
    user = context.get("user")
    if user and not policy.can_download_from(user, team):
        return []
    return [("format", "Format", FORMATS), ("metadata", "What they say", CONTENTS)]


@register.simple_tag(takes_context=True)
def move_ways(context: Any) -> list[tuple[str, str]]:
    """The galleries into which pictures of the one shown may be moved: value and name."""
    user, membership = context.get("user"), context.get("membership")
    if user is None:
        return []
    if membership and not Role(membership.role).reaches(Role.CURATOR):
        return []
    teams = [(team.slug, team.name) for team in policy.teams_with(user, Role.CONTRIBUTOR)]
    mine = [(MINE, "My gallery")] if membership else []
    here = membership.team.slug if membership else ""
    return mine + [place for place in teams if place[0] != here]
