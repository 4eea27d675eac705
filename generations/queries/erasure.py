from collections.abc import Sequence
from dataclasses import dataclass

from generations import policy, wording
from generations.models import Role, User


@dataclass(frozen=True, slots=True)
class Farewell:
    """What goes with an account, in words; and the teams that hold it back."""

    things: Sequence[str]
    only_owner_of: Sequence[str]


def farewell_of(user: User) -> Farewell:
    pictures = policy.visible_images(user).filter(team=None).count()
    searches = policy.searches_of(user).count()
    counted = (
        (pictures + policy.trashed_images(user).count(), "picture"),
        (policy.own_generations(user).filter(team=None).count(), "prompt"),
        (policy.albums_of(user).count(), "album"),
        (policy.tags_of(user).count(), "tag"),
        (policy.templates_of(user).count(), "template"),
    )
    things = [wording.count(number, noun) for number, noun in counted if number]
    if searches:
        things.append("1 saved search" if searches == 1 else f"{searches:,} saved searches")
    return Farewell(things, _only_owner_of(user))


def _only_owner_of(user: User) -> list[str]:
    return [
        team.name
        for team in policy.teams_with(user, Role.OWNER)
        if not policy.members_of(team).filter(role=Role.OWNER).exclude(user=user).exists()
    ]
