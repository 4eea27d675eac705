"""Taking back what was just done: a signed word that says exactly which rows that were."""

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing

from generations import policy
from generations.errors import Conflict
from generations.models import User
from generations.services.changes import Added, Copied, Removed, Trashed, Undo
from generations.services.image import restore_trashed_at
from generations.services.moving import retract_copies
from generations.services.sorting import Mark, put_back_removed, take_back_added

SALT = "generations.undo"
KEPT_SECONDS = 86_400
KINDS: dict[str, type[Undo]] = {
    "added": Added,
    "removed": Removed,
    "trashed": Trashed,
    "copied": Copied,
}


def undo_token(user: User, undo: Undo) -> str:
    """For this person alone, for a day."""
    kind = next(name for name, each in KINDS.items() if isinstance(undo, each))
    fields = dataclasses.asdict(undo)
    if isinstance(undo, Removed):
        fields["places"] = [(pk.hex, place) for pk, place in undo.places]
    return signing.dumps([user.pk, kind, fields], salt=SALT, compress=True)


def read_undo(user: User, token: str) -> Undo:
    """Raises `Conflict` for a token that is too old, somebody else's, or none of ours."""
    try:
        user_id, kind, fields = signing.loads(token, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature as error:
        raise Conflict("It is too late to take that back.") from error
    if user_id != user.pk:
        raise Conflict("It is too late to take that back.")
    return KINDS[kind](**_read_fields(fields))


def _read_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if "places" in fields:
        fields["places"] = tuple((UUID(hex=pk), place) for pk, place in fields["places"])
    if "spans" in fields:
        fields["spans"] = tuple((first, last) for first, last in fields["spans"])
    return fields


def take_back(user: User, undo: Undo) -> int:
    """How many pictures are again as they were. May run twice: the second finds nothing."""
    if isinstance(undo, Trashed):
        return restore_trashed_at(user, datetime.fromisoformat(undo.moment))
    if isinstance(undo, Copied):
        return retract_copies(user, datetime.fromisoformat(undo.moment))
    mark = _mark(user, undo)
    if isinstance(undo, Added):
        return take_back_added(mark, user, undo)
    return put_back_removed(mark, user, undo)


def _mark(user: User, undo: Added | Removed) -> Mark:
    """Raises `Conflict` if the tag or the album is gone."""
    if undo.kind == "favorite":
        return Mark(user)
    is_tag = undo.kind == "tag"
    holders: Any = policy.visible_tags if is_tag else policy.visible_albums
    holder = holders(user).filter(pk=undo.holder).first()
    if holder is None:
        raise Conflict(f"The {undo.kind} was deleted in the meantime.")
    return Mark(holder)
