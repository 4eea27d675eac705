"""Two pictures beside each other: what is the same about them and what isn't."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from generations import policy
from generations.models import Image, User
from generations.queries.family import Thumb, relatives_of, thumb
from generations.queries.picture import Picture, picture
from generations.queries.word_diff import Words, word_diff

MOST_OFFERED = 36


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    a: str
    b: str

    @property
    def differs(self) -> bool:
        return self.a != self.b


@dataclass(frozen=True, slots=True)
class Comparison:
    a: Picture
    b: Picture
    facts: Sequence[Fact]
    prompts: Sequence[Words] | None  # from a's to b's; None: the same
    revised: Sequence[Words] | None

    @property
    def different(self) -> int:
        return sum(fact.differs for fact in self.facts)


def comparison_of(a: Image, b: Image, user: User) -> Comparison:
    """Both with generation and attempt selected, as the person may see them."""
    one, other = _shown(a, user), _shown(b, user)
    return Comparison(
        a=one,
        b=other,
        facts=_facts(one, other),
        prompts=_changed(one.prompt, other.prompt),
        revised=_changed(one.revised_prompt, other.revised_prompt),
    )


def _shown(image: Image, user: User) -> Picture:
    shown = picture(image)
    return shown if policy.sees_cost(user, image) else replace(shown, price_text="")


def _changed(one: str, other: str) -> list[Words] | None:
    return word_diff(one, other) if one != other else None


def _facts(a: Picture, b: Picture) -> list[Fact]:
    """Every label that either has, in the order of the first that has it."""
    ours, theirs = dict(_rows(a)), dict(_rows(b))
    labels = dict.fromkeys([*ours, *theirs])
    return [Fact(label, ours.get(label, ""), theirs.get(label, "")) for label in labels]


def _rows(shown: Picture) -> Iterable[tuple[str, str]]:
    yield from shown.parameters
    yield from shown.usage
    if shown.price_text:
        yield "Price", shown.price_text
    if shown.run:
        yield "Drawn in", shown.run.drawn_text
    yield "Asked", f"{shown.created:%Y-%m-%d %H:%M}"


def partners_for(image: Image, user: User) -> list[Thumb]:
    """What one may want to see beside it: its own relatives first, then the newest."""
    near = [each for each in relatives_of(image, user) if not each.is_current]
    known = {image.pk, *(each.id for each in near)}
    team = image.team.slug if image.team else ""
    newest = policy.gallery_images(user, team).select_related("generation").order_by("-sort_key")
    others = [thumb(each) for each in newest[:MOST_OFFERED] if each.pk not in known]
    return [*near, *others][:MOST_OFFERED]
