"""A picture whose original is in the store, on its way to a row."""

from dataclasses import dataclass

from generations.imaging.derive import Derived
from generations.models import Attempt, Image, shape_of
from generations.models.generation import sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """Pixels and bytes as they are; `problem` says why it has no smaller sizes, if it has none."""

    key: str
    sha256: str
    size_bytes: int
    mime: str
    extension: str
    width: int
    height: int
    derived: Derived | None
    problem: str


def image_of(attempt: Attempt, picture: StoredPicture, *, slot: int) -> Image:
    """The row of one of the attempt's pictures, not saved; what came with it is the caller's."""
    generation, derived = attempt.generation, picture.derived
    return Image(
        generation=generation,
        attempt=attempt,
        owner_id=attempt.owner_id,
        team_id=attempt.team_id,
        index=0,
        slot=slot,
        sort_key=sort_key(generation.created_at, slot),
        model_id=generation.model_id,
        quality=generation.quality,
        shape=shape_of(picture.width, picture.height),
        key=picture.key,
        sha256=picture.sha256,
        size_bytes=picture.size_bytes,
        mime=picture.mime,
        extension=picture.extension,
        width=picture.width,
        height=picture.height,
        edges=[[each.edge, each.width, each.height] for each in derived.files] if derived else [],
        placeholder=derived.placeholder if derived else b"",
        color=derived.color if derived else "",
        problem=picture.problem,
        is_hidden=attempt.is_hidden,
        created_at=generation.created_at,
    )
