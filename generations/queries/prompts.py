"""What a person wrote before: templates of their own, and the prompts they used last."""

from dataclasses import dataclass
from uuid import UUID

from generations import policy, slots
from generations.models import PromptTemplate, PromptVersion, User

LOOKED_AT = 300  # newest generations, among which the same prompt stands many times
MOST_TEMPLATES = 200
MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Recent:
    generation_id: UUID
    prompt: str


def recent_prompts(user: User, *, most: int) -> list[Recent]:
    """Newest first, each wording once."""
    rows = policy.own_generations(user).filter(imported_at=None).order_by("-created_at")
    found: dict[str, Recent] = {}
    for pk, prompt in rows.values_list("pk", "prompt")[:LOOKED_AT]:
        found.setdefault(prompt, Recent(pk, prompt))
    return list(found.values())[:most]


@dataclass(frozen=True, slots=True)
class TemplateRow:
    id: int
    name: str
    text: str
    slot_names: str
    team: str
    can_change: bool


def templates_of(user: User) -> list[TemplateRow]:
    """One's own and those of one's teams, by name."""
    rows = policy.visible_templates(user).select_related("team").order_by("name", "pk")
    changeable = set(policy.changeable_templates(user).values_list("pk", flat=True))
    return [_row(row, can_change=row.pk in changeable) for row in rows[:MOST_TEMPLATES]]


def _row(template: PromptTemplate, *, can_change: bool) -> TemplateRow:
    names = ", ".join(slot.name for slot in slots.slots_of(template.text))
    team = template.team.name if template.team else ""
    return TemplateRow(template.pk, template.name, template.text, names, team, can_change)


def versions_of(template: PromptTemplate) -> list[PromptVersion]:
    """What it said, newest first, each with who wrote it."""
    return list(template.versions.select_related("author").order_by("-number")[:MOST_VERSIONS])
