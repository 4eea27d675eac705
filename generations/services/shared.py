"""What guests do behind a share link. Who calls has made sure that it is alive."""

import secrets
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from generations import throttle
from generations.errors import GalleryError
from generations.models import ShareGuest, ShareLink, SharePick, ShareView, Viewed
from generations.models.share import digest_of
from generations.throttle import TooSoon, Turn
from generations.transactions import writing

KEY_BYTES, KEY_CHARACTERS = 16, 22
MOST_GUESTS = 500
FULL_HOUSE = "Too many people have picked here already. Tell whoever sent you the link."


def admission_to(link: ShareLink) -> str:
    """What a browser shows in place of the password; another password, another word."""
    return salted_hmac("generations.share", f"{link.pk}:{link.password}").hexdigest()


def is_admitted(link: ShareLink, shown: str) -> bool:
    return not link.password or constant_time_compare(shown, admission_to(link))


def is_password(link: ShareLink, tried: str, *, network: str) -> bool:
    """Whether it is the right one. What is tried too soon after some wrong ones isn't looked at."""
    turns = Turn(throttle.SHARED, str(link.pk)), Turn(throttle.SHARED_FROM, network)
    try:
        throttle.take(*turns)
    except TooSoon:
        return False
    if not check_password(tried, link.password):
        return False
    throttle.give_back(*turns)
    return True


def count_view(link: ShareLink, what: Viewed) -> None:
    with writing():
        row, is_new = ShareView.objects.get_or_create(
            link=link, day=timezone.now().date(), what=what, defaults={"count": 1}
        )
        if not is_new:
            ShareView.objects.filter(pk=row.pk).update(count=F("count") + 1)


def guest_with(link: ShareLink, key: str) -> ShareGuest | None:
    """Whoever has this key, if they did anything here yet."""
    return link.guests.filter(key_hash=digest_of(key)).first() if key else None


def new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def admit_guest(link: ShareLink, key: str) -> tuple[ShareGuest, str]:
    """The guest with this key, who may be new; and their key."""
    if found := guest_with(link, key):
        return found, key
    if link.guests.count() >= MOST_GUESTS:
        raise GalleryError(FULL_HOUSE, code="many_guests")
    key = key if len(key) >= KEY_CHARACTERS else new_key()
    with writing():
        found, _ = link.guests.get_or_create(key_hash=digest_of(key))
    return found, key


def pick(guest: ShareGuest, image_id: UUID, *, is_on: bool) -> None:
    """The guest's heart on a picture, or off it. May run twice."""
    with writing():
        if is_on:
            SharePick.objects.get_or_create(guest=guest, image_id=image_id)
        else:
            SharePick.objects.filter(guest=guest, image_id=image_id).delete()


def name_guest(guest: ShareGuest, name: str) -> None:
    with writing():
        ShareGuest.objects.filter(pk=guest.pk).update(name=name)
