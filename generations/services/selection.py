"""One thing done to many chosen pictures, and a sentence about what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from generations import policy, wording
from generations.errors import Conflict
from generations.models import Album, Tag, User
from generations.queries.filters import GalleryFilter
from generations.queries.names import named
from generations.queries.sorting import results
from generations.services.album import album_named
from generations.services.changes import Change
from generations.services.image import delete_images, restore_images, trash_images
from generations.services.moving import copy_images, move_images
from generations.services.sorting import Mark, put_on, take_off
from generations.services.tag import tag_named

MOST_AT_ONCE = 100_000  # of “all results”; who has more presses again
IN_TRASH = frozenset({"restore", "delete"})


@dataclass(frozen=True, slots=True)
class Wish:
    """An action with what it needs beside the pictures."""

    action: str
    tag: str = ""
    album: UUID | None = None
    new_album: str = ""
    team: str = ""  # whose tags and albums they are
    into: str | None = None  # a team's slug; "" for one's own gallery


@dataclass(frozen=True, slots=True)
class Outcome:
    sentence: str
    change: Change


def everything(user: User, wanted: GalleryFilter, *, action: str) -> tuple[list[UUID], bool]:
    """The pictures that match now, newest first; whether there are more than one press does."""
    found = results(user, wanted, is_trash=action in IN_TRASH)
    ids = list(found.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    return ids[:MOST_AT_ONCE], len(ids) > MOST_AT_ONCE


def act(
    user: User, wish: Wish, ids: Sequence[UUID], *, wrong: int = 0, has_more: bool = False
) -> Outcome:
    """Do it to all of them that this person may do it to."""
    work, said = _work(user, wish)
    change = work(user, ids) + Change(missing=wrong)
    return Outcome(_sentence(said, change, has_more=has_more), change)


Work = Callable[[User, Sequence[UUID]], Change]


def _work(user: User, wish: Wish) -> tuple[Work, str]:
    """What to call, and what to say of it with the count of pictures in place of {}."""
    if wish.action == "trash":
        return trash_images, "{} moved to the trash"
    if wish.action == "restore":
        return restore_images, "{} back in the gallery"
    if wish.action == "delete":
        return delete_images, "{} deleted for good"
    if wish.into is not None:
        team = policy.team_to_fill(user, wish.into)
        name = _safe(team.name) if team else "your gallery"
        if wish.action == "hang":
            return lambda who, ids: copy_images(who, ids, team), f"{{}} copied to {name}"
        return lambda who, ids: move_images(who, ids, team), f"{{}} moved to {name}"
    mark, on, off = _mark(user, wish)
    if wish.action.startswith("un"):
        return lambda who, ids: take_off(mark, who, ids), off
    return lambda who, ids: put_on(mark, who, ids), on


def _mark(user: User, wish: Wish) -> tuple[Mark, str, str]:
    if wish.action in {"favorite", "unfavorite"}:
        return Mark(user), "{} added to your favourites", "{} taken out of your favourites"
    if wish.action in {"tag", "untag"}:
        tag = _tag(user, wish)
        return Mark(tag), f"{{}} tagged “{_safe(tag.name)}”", f"“{_safe(tag.name)}” taken off {{}}"
    album = _album(user, wish)
    name = _safe(album.name)
    return Mark(album), f"{{}} added to “{name}”", f"{{}} taken out of “{name}”"


def _tag(user: User, wish: Wish) -> Tag:
    if wish.action == "tag":
        return tag_named(user, wish.tag, wish.team)
    found = named(policy.tags_of(user, wish.team), wish.tag).first()
    if found is None:
        raise Conflict("There is no such tag any more.")
    return found


def _album(user: User, wish: Wish) -> Album:
    if wish.new_album:
        return album_named(user, wish.new_album, wish.team)
    albums = policy.albums_of(user, wish.team)
    found = albums.filter(pk=wish.album).first() if wish.album else None
    if found is None:
        raise Conflict("There is no such album any more.")
    return found


def _safe(name: str) -> str:
    return name.replace("{", "{{").replace("}", "}}")


def _sentence(said: str, change: Change, *, has_more: bool) -> str:
    """“12 pictures moved to the trash. 2 were so already. 3 not found.”"""
    parts = ["Nothing changed"]
    if change.done:
        parts = [said.format(wording.count(change.done, "picture"))]
    if change.unchanged:
        parts.append(f"{change.unchanged:,} {_were(change.unchanged)} so already")
    if change.missing:
        parts.append(f"{change.missing:,} not found")
    if has_more:
        parts.append("There are more: do it once more for the rest")
    return ". ".join(parts) + "."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
