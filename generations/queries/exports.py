"""What an export says of a gallery: beside each picture, of its albums, and of its owner."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from generations import policy
from generations.models import Album, Generation, Image, ModerationCheck, User
from generations.queries.provenance import sheets_of

GALLERY = "gallery.json"
SCHEMA = "mesh-gallery/gallery/1"


def with_all(images: QuerySet[Image]) -> QuerySet[Image]:
    """With everything that `exported` tells of them."""
    return images.select_related(
        "generation", "attempt__generation", "moderation"
    ).prefetch_related("favorites", "image_tags__tag", "album_images__album")


def exported(images: Sequence[Image], owner: User) -> list[dict[str, Any]]:
    """Each picture's sheet, with what its owner made of it."""
    sheets = sheets_of(images)
    return [
        sheet | {"gallery": _gallery(image, owner)}
        for image, sheet in zip(images, sheets, strict=True)
    ]


def name_of(image: Image) -> str:
    return f"pictures/{image.created_at:%Y-%m}/{image.filename}"


def sheet_name_of(image: Image) -> str:
    return name_of(image).rpartition(".")[0] + ".json"


def albums_of(owner: User) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "albums": [_album(album) for album in policy.albums_of(owner).order_by("created_at")],
    }


def account_of(owner: User) -> dict[str, Any]:
    """What is kept of a person beside their pictures."""
    return {
        "name": owner.username,
        "email": owner.email,
        "joined_at": owner.date_joined.isoformat(),
        "last_signed_in_at": owner.last_login.isoformat() if owner.last_login else None,
        "templates": list(policy.templates_of(owner).values("name", "text")),
        "searches": list(policy.searches_of(owner).values("name", "query")),
        "signed_in": [
            {"device": row.device, "since": row.created_at.isoformat()}
            for row in policy.visible_sessions(owner).order_by("created_at")
        ],
    }


def prompts_of(owner: User, *, after: UUID | None, most: int) -> list[dict[str, Any]]:
    """What the person asked for, so many from behind `after` on; also what never came."""
    rows = policy.own_generations(owner).order_by("pk")
    if after:
        rows = rows.filter(pk__gt=after)
    return [_prompt(each) for each in rows.prefetch_related("attempts", "moderations")[:most]]


def _prompt(generation: Generation) -> dict[str, Any]:
    return {
        "id": str(generation.pk),
        "created_at": generation.created_at.isoformat(),
        "prompt": generation.prompt,
        "model": generation.model_id,
        "n": generation.n,
        "size": generation.size,
        "quality": generation.quality,
        "output_format": generation.output_format,
        "parameters": generation.parameters,
        "moderation": [_check(each) for each in generation.moderations.all() if not each.image_id],
        "attempts": [
            {"state": each.state, "cost_micros": each.cost_micros}
            for each in generation.attempts.all()
        ],
    }


def _gallery(image: Image, owner: User) -> dict[str, Any]:
    """What its owner made of a picture."""
    return {
        "created_at": image.created_at.isoformat(),  # to the microsecond that orders it
        "is_favorite": any(each.user_id == owner.pk for each in image.favorites.all()),
        "tags": sorted(each.tag.name for each in image.image_tags.all()),
        "albums": [
            {"name": each.album.name, "position": each.position}
            for each in image.album_images.all()
        ],
        "is_hidden": image.is_hidden,
        "is_trashed": image.trashed_at is not None,
        "moderation": [_check(found)] if (found := getattr(image, "moderation", None)) else [],
    }


def _check(check: ModerationCheck) -> dict[str, Any]:
    """What the automatic check said."""
    checked_at = check.checked_at.isoformat() if check.checked_at else None
    return {"verdict": check.verdict, "categories": check.categories, "checked_at": checked_at}


def _album(album: Album) -> dict[str, Any]:
    return {
        "name": album.name,
        "description": album.description,
        "cover": str(album.cover_id) if album.cover_id else None,
    }
