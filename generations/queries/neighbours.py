"""What stands before and after a picture in the list that one looks at it from."""

from uuid import UUID

from django.db.models import Q, QuerySet

from generations import policy
from generations.models import AlbumImage, Image, User
from generations.queries.filters import GalleryFilter, images_wanted
from generations.queries.found import newest_wanted, next_above

Neighbours = tuple[UUID | None, UUID | None]


def neighbours(image: Image, user: User, wanted: GalleryFilter) -> Neighbours:
    """The pictures before and after this one: newest first, an album in its own order.

    A picture that the filter leaves out still has its place between the others.
    """
    if wanted.album and (place := _place(image, user, wanted.album)):
        return _in_album(place, images_wanted(wanted, user))
    older = newest_wanted(wanted, user, below=image.sort_key, most=1)
    return (
        next_above(wanted, user, above=image.sort_key),
        older.values_list("pk", flat=True).first(),
    )


def _place(image: Image, user: User, album: UUID) -> AlbumImage | None:
    albums = policy.visible_albums(user).filter(pk=album)
    return AlbumImage.objects.filter(album__in=albums, image=image).first()


def _in_album(place: AlbumImage, images: QuerySet[Image]) -> Neighbours:
    places = AlbumImage.objects.filter(album=place.album_id, image__in=images)
    same = Q(position=place.position)
    before = places.filter(Q(position__lt=place.position) | same & Q(pk__lt=place.pk))
    after = places.filter(Q(position__gt=place.position) | same & Q(pk__gt=place.pk))
    return (
        before.order_by("-position", "-pk").values_list("image", flat=True).first(),
        after.order_by("position", "pk").values_list("image", flat=True).first(),
    )
