"""What a person wrote before: templates of their own, and the prompts they used last."""

from dataclasses import dataclass
from uuid import UUID

from generations import policy, slots
from generations.models import PromptTemplate, User

LOOKED_AT = 300  # newest generations, among which the same prompt stands many times
MOST_TEMPLATES = 200


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


def templates_of(user: User) -> list[TemplateRow]:
    """By name."""
    rows = policy.visible_templates(user).order_by("name")[:MOST_TEMPLATES]
    return [_row(template) for template in rows]


def _row(template: PromptTemplate) -> TemplateRow:
    names = ", ".join(slot.name for slot in slots.slots_of(template.text))
    return TemplateRow(template.pk, template.name, template.text, names)
