from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone

from generations import policy
from generations.errors import GalleryError
from generations.models import Album, AlbumImage, Image, User
from generations.models.sorting import PLACE_STEP
from generations.queries.albums import places
from generations.queries.names import named
from generations.services.sorting import Mark, delete_holder
from generations.transactions import writing

MOST_ALBUMS = 1000
SPREAD = """
UPDATE generations_albumimage SET position = numbered.place * %s FROM (
  SELECT id, row_number() OVER (ORDER BY position, id) AS place
  FROM generations_albumimage WHERE album_id = %s
) AS numbered WHERE numbered.id = generations_albumimage.id"""


def album_named(user: User, name: str, team: str = "") -> Album:
    """One gallery's album of this name in any case, made if there is none."""
    albums = policy.albums_of(user, team)
    if found := named(albums, name).first():
        return found
    holder = policy.team_to_fill(user, team)
    if albums.count() >= MOST_ALBUMS:
        sentence = f"There are {MOST_ALBUMS:,} albums, and that is the most."
        raise GalleryError(sentence, code="many_albums")
    try:
        with writing():
            return Album.objects.create(owner=user, team=holder, name=name)
    except IntegrityError:  # made a moment earlier, in another window
        return named(albums, name).get()


def edit_album(album: Album, *, name: str, description: str) -> bool:
    """False if another album of this person has the name."""
    try:
        with writing():
            Album.objects.filter(pk=album.pk).update(
                name=name, description=description, updated_at=timezone.now()
            )
    except IntegrityError:
        return False
    return True


def delete_album(album: Album) -> None:
    """The album goes, its pictures stay."""
    delete_holder(Mark(album))


def set_cover(album: Album, image: Image) -> None:
    with writing():
        Album.objects.filter(pk=album.pk).update(cover=image)


def move_image(album: Album, image_id: UUID, *, before: UUID | None) -> None:
    """Put a picture in front of another one of the album, or at its end. May run twice."""
    if image_id == before:
        return
    with writing():
        Album.objects.select_for_update(no_key=True).filter(pk=album.pk).first()
        place = _place_before(album, image_id, before)
        if place is None:
            _spread(album)
            place = _place_before(album, image_id, before)
        AlbumImage.objects.filter(album=album, image=image_id).update(position=place)


def shift_image(album: Album, image_id: UUID, *, step: int) -> None:
    """One place earlier (-1) or later (1); nothing happens at either end."""
    order = list(places(album).values_list("image_id", flat=True))
    if image_id not in order:
        return
    goal = order.index(image_id) + step
    if 0 <= goal < len(order):
        order.remove(image_id)
        order.insert(goal, image_id)
        following = order[goal + 1 : goal + 2]
        move_image(album, image_id, before=following[0] if following else None)


def _place_before(album: Album, image_id: UUID, before: UUID | None) -> int | None:
    """A free position between the two neighbours to be; None if there is no room."""
    others = AlbumImage.objects.filter(album=album).exclude(image=image_id)
    next_one = others.filter(image=before).first() if before else None
    if next_one is None:
        last = others.order_by("position", "pk").last()
        return (last.position if last else 0) + PLACE_STEP
    earlier = others.filter(position__lte=next_one.position).exclude(pk=next_one.pk)
    previous = earlier.order_by("position", "pk").last()
    low = previous.position if previous else next_one.position - 2 * PLACE_STEP
    middle = (low + next_one.position) // 2
    return middle if low < middle < next_one.position else None


def _spread(album: Album) -> None:
    """The same order with room between all.

    One statement: on SQLite everybody's writes wait for it, also a worker's that renews its leases.
    """
    key = AlbumImage._meta.get_field("album").get_db_prep_value(album.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, [PLACE_STEP, key])
