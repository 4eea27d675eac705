"""What a review can be narrowed to, and its pictures as a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from generations import policy, wording
from generations.models import CatalogModel, Image, ReviewState, User
from generations.models.moderation import SUSPECT
from generations.queries.cards import data_uri
from generations.queries.facets import Choice, Facet
from generations.queries.review import STAFF_QUEUE, ReviewFilter, makers
from generations.ratios import ratio_class

SMALL = 320


@dataclass(frozen=True, slots=True)
class GridCard:
    id: UUID
    url: str
    src: str
    placeholder: str
    ratio_class: str
    alt: str
    maker: str
    team: str
    state: str
    state_label: str


def filter_choices(user: User, wanted: ReviewFilter) -> list[Facet]:
    """Facets with more than one thing to choose from."""
    teams = [(team.slug, team.name) for team in policy.curated_teams(user)]
    if user.is_staff:
        teams.append((STAFF_QUEUE, "Put before staff"))
    models = CatalogModel.objects.order_by("name").values_list("model_id", "name")
    facets = [
        _facet("team", "Gallery", "All", teams, wanted.team),
        _facet("by", "Made by", "Anybody", [(name, name) for name in makers(user)], wanted.by),
        _facet("model", "Model", "All", list(models), wanted.model),
        _facet("state", "State", "Waiting", ReviewState.choices, wanted.state),
    ]
    if wanted.check or settings.MODERATION != "off":
        said = [(each.value, each.label) for each in SUSPECT]
        facets.append(_facet("check", "Automatic check", "All", said, wanted.check))
    return [facet for facet in facets if len(facet.choices) > 2 or getattr(wanted, facet.name)]


def _facet(
    name: str, label: str, nothing: str, found: Sequence[tuple[str, str]], value: str
) -> Facet:
    rows = [("", nothing), *found]
    return Facet(name, label, [Choice(key, text, key == value) for key, text in rows])


def grid_of(images: Sequence[Image], wanted: ReviewFilter) -> list[GridCard]:
    """With their generation, owner and team selected."""
    query = wanted.as_query()
    return [_card(image, f"?{query}" if query else "") for image in images]


def _card(image: Image, query: str) -> GridCard:
    url = reverse("review_image", args=[image.pk])
    has_preview = bool(image.edges)
    state = ReviewState(image.review_state)
    return GridCard(
        id=image.pk,
        url=f"{url}{query}",
        src=f"{url}{SMALL}" if has_preview else "",
        placeholder=data_uri(bytes(image.placeholder)),
        ratio_class=ratio_class(image.width, image.height),
        alt=image.alt_text or wording.one_line(image.generation.prompt)[:200],
        maker=image.owner.username,
        team=image.team.name if image.team else "",
        state=state.value,
        state_label=state.label,
    )
