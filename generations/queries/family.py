"""What a picture belongs to: its run and the runs beside it, its tags, its albums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from generations import policy, wording
from generations.models import Favorite, Image, User
from generations.queries.cards import data_uri
from generations.queries.facets import address
from generations.queries.filters import GalleryFilter
from generations.ratios import ratio_class

MOST_RELATIVES = 24


@dataclass(frozen=True, slots=True)
class Thumb:
    id: UUID
    url: str
    src: str
    width: int
    height: int
    ratio_class: str
    placeholder: str
    label: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Belongings:
    is_favorite: bool
    tags: Sequence[Link]
    albums: Sequence[Link]
    relatives: Sequence[Thumb]
    template: Link | None


def belongings_of(image: Image, user: User) -> Belongings:
    """`image` with its generation selected."""
    return Belongings(
        is_favorite=Favorite.objects.filter(user=user, image=image).exists(),
        tags=_tags(image, user),
        albums=_albums(image, user),
        relatives=relatives_of(image, user),
        template=_template(image, user),
    )


def relatives_of(image: Image, user: User) -> list[Thumb]:
    """The pictures of its run, of the run it repeats, of those that repeat either, and of its
    batch; newest first, itself among them. None when it is alone."""
    rows = policy.visible_images(user).filter(
        generation__in=_runs_beside(image, user), is_hidden=False
    )
    found = _each_once(
        rows.select_related("generation").order_by("-sort_key")[:MOST_RELATIVES], image
    )
    if len(found) < 2:
        return []
    return [thumb(each, is_current=each.pk == image.pk) for each in found]


def _each_once(rows: Iterable[Image], image: Image) -> list[Image]:
    """Of a picture and its copies the one in the same gallery as `image`, else the first."""
    found: dict[tuple[UUID, int], Image] = {}
    for each in rows:
        place = (each.attempt_id, each.index)
        if place not in found or each.space == image.space:
            found[place] = each
    return list(found.values())


def _runs_beside(image: Image, user: User) -> list[UUID]:
    generation = image.generation
    first = generation.parent_id or generation.pk
    runs = Q(pk__in={first, generation.pk}) | Q(parent__in={first, generation.pk})
    if generation.batch:
        runs |= Q(batch=generation.batch)
    newest = policy.visible_generations(user).filter(runs).order_by("-created_at")
    return [generation.pk, *newest.values_list("pk", flat=True)[:MOST_RELATIVES]]


def thumb(image: Image, *, is_current: bool = False) -> Thumb:
    """`image` with its generation selected."""
    url = reverse("image", args=[image.pk])
    edges = [edge for edge, _, _ in image.edges]
    return Thumb(
        id=image.pk,
        url=url,
        src=f"{url}{min(edges)}" if edges else "",
        width=image.width,
        height=image.height,
        ratio_class=ratio_class(image.width, image.height),
        placeholder=data_uri(bytes(image.placeholder)),
        label=image.alt_text or wording.one_line(image.generation.prompt)[:200],
        is_current=is_current,
    )


def _template(image: Image, user: User) -> Link | None:
    """What the prompt was made from, while it is there and the person may see it."""
    generation = image.generation
    if generation.template_id is None:
        return None
    found = policy.visible_templates(user).filter(pk=generation.template_id).first()
    if found is None:
        return None
    version = f", version {generation.template_version}" if generation.template_version else ""
    return Link(f"{found.name}{version}", reverse("use_template", args=[found.pk]))


def _tags(image: Image, user: User) -> list[Link]:
    rows = policy.visible_tags(user).filter(image_tags__image=image, team=image.team_id)
    team = image.team.slug if image.team else ""
    return [
        Link(tag.name, address(GalleryFilter(team=team, tag=(tag.pk,))))
        for tag in rows.order_by("name")
    ]


def _albums(image: Image, user: User) -> list[Link]:
    rows = policy.visible_albums(user).filter(album_images__image=image, team=image.team_id)
    rows = rows.order_by("name")
    return [Link(album.name, reverse("album", args=[album.pk])) for album in rows]
