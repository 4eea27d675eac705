"""Many pictures as one ZIP."""

from collections.abc import Iterator, Sequence
from functools import partial
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations import policy
from generations.errors import GalleryError
from generations.forms.selection import Chosen
from generations.models import User
from generations.pipeline.archive import zip_of
from generations.queries.albums import places_seen
from generations.queries.sorting import results
from generations.storage.base import disposition
from generations.views.requests import SignedInRequest

MOST_IN_ZIP = 10_000
TOO_MANY = f"A ZIP holds {MOST_IN_ZIP:,} pictures at most, and these are more. Choose fewer."
MOST_CONVERTED = 500
TOO_MANY_CONVERTED = (
    f"{MOST_CONVERTED} pictures at once can be converted, and these are more."
    " Choose fewer, or the originals."
)
NONE_LEFT = "None of these pictures is there any more."


@require_safe
def album(request: SignedInRequest, album_id: UUID) -> HttpResponseBase:
    """All pictures of an album."""
    found = get_object_or_404(
        policy.visible_albums(request.user).select_related("team"), pk=album_id
    )
    policy.require_downloads(request.user, found.team.slug if found.team else "")
    rows = places_seen(found, request.user).values_list("image_id", flat=True)
    return zip_response(request.user, list(rows[: MOST_IN_ZIP + 1]), name=found.name)


def chosen_zip(user: User, chosen: Chosen, **way: str) -> HttpResponseBase:
    """Those of the chosen pictures that the person may see, made as `zip_of` says."""
    if chosen.everything is None:
        seen = set(
            policy.downloadable_images(user).filter(pk__in=chosen.ids).values_list("pk", flat=True)
        )
        return zip_response(user, [pk for pk in chosen.ids if pk in seen], **way)
    if policy.space_for(user, chosen.everything.team) is None:
        raise Http404
    policy.require_downloads(user, chosen.everything.team)
    found = results(user, chosen.everything).values_list("pk", flat=True)
    return zip_response(user, list(found[: MOST_IN_ZIP + 1]), **way)


def zip_response(
    user: User, ids: Sequence[UUID], *, name: str = "", **way: str
) -> HttpResponseBase:
    """Raises `GalleryError` for none, or too many."""
    if not ids or len(ids) > MOST_IN_ZIP:
        raise GalleryError(TOO_MANY if ids else NONE_LEFT, code="zip")
    if way and len(ids) > MOST_CONVERTED:
        raise GalleryError(TOO_MANY_CONVERTED, code="zip")
    pieces = zip_of(
        ids,
        sees_cost=partial(policy.sees_cost, user),
        has_sheets=True,
        may_have=partial(still_downloadable, user.pk),
        **way,
    )
    return stream_zip(pieces, name=name or "mesh-gallery")


def still_downloadable(user_id: int, ids: Sequence[UUID]) -> set[UUID]:
    """By what the person may do now: they may have been taken out of a team since."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return set()
    return set(policy.downloadable_images(user).filter(pk__in=ids).values_list("pk", flat=True))


def stream_zip(pieces: Iterator[bytes], *, name: str) -> HttpResponseBase:
    connection.close()  # a slow reader must not keep a database connection meanwhile
    filename = f"{name}-{timezone.now():%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": disposition(filename, attachment=True),
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)
