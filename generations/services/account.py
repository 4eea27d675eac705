"""What somebody does with their own account: quick, one transaction."""

from functools import partial

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import IntegrityError
from django.template.loader import render_to_string

from generations import letters, policy, throttle, watch
from generations.errors import Conflict, GalleryError
from generations.models import User
from generations.services.team_record import call_anew
from generations.throttle import Turn
from generations.transactions import writing

EMAIL_DAYS = 3
_EMAIL_SALT = "confirm e-mail"
NAME_TAKEN = "Somebody else has this name."
EMAIL_TAKEN = "Another account has this address. Sign in to that one, or write another address."
LINK_IS_OLD = "This link was used already or is too old. Write the address once more."


def rename_user(user: User, name: str) -> None:
    """Conflict if somebody else has the name. Teams' records call them by the new one, too."""
    before, user.username = user.username, name
    try:
        with writing():
            user.save(update_fields=["username"])
            call_anew(user, before, first=name, within=name)
    except IntegrityError as error:
        raise Conflict(NAME_TAKEN) from error


def ask_to_confirm(user: User, address: str) -> None:
    """A letter to a new address. It counts from when its link was used: it may be nobody's."""
    throttle.take(Turn(throttle.LETTER, str(user.pk)))
    token = signing.dumps([user.pk, address, user.email], salt=_EMAIL_SALT)
    letter = {"user": user, "token": token, "public_url": settings.PUBLIC_URL, "days": EMAIL_DAYS}
    _write(address, "Confirm your address at Mesh Gallery", "email_letter", letter)


def remove_email(user: User) -> None:
    user.email = ""
    with writing():
        user.save(update_fields=["email"])


def address_in(user: User, token: str) -> str:
    """What a letter's link confirms for this person. GalleryError if it no longer does."""
    try:
        told = signing.loads(token, salt=_EMAIL_SALT, max_age=EMAIL_DAYS * 86_400)
    except signing.BadSignature as error:
        raise GalleryError(LINK_IS_OLD, code="old_link") from error
    pk, address, before = told
    if (pk, before) != (user.pk, user.email):
        raise GalleryError(LINK_IS_OLD, code="old_link")
    return str(address)


def confirm_email(user: User, token: str) -> None:
    """The new address counts, and the old one is told. Conflict if another account has it."""
    before, user.email = user.email, address_in(user, token)
    try:
        with writing():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise Conflict(EMAIL_TAKEN) from error
    if before:
        _write(before, "Your address at Mesh Gallery was changed", "email_changed", {"user": user})


def end_session(user: User, key: str) -> None:
    """Signed out there at once; its open pages notice at their next poll."""
    with writing():
        policy.visible_sessions(user).filter(key=key).delete()
        watch.bump_on_commit(_watched(user))


def end_sessions(user: User, *, but: str = "") -> None:
    """Signed out everywhere, `but` in one place."""
    with writing():
        policy.visible_sessions(user).exclude(key=but).delete()
        watch.bump_on_commit(_watched(user))


def _watched(user: User) -> list[int]:
    """The galleries that an open page of this person may watch."""
    return [user.pk, *(-row.team_id for row in policy.memberships_of(user).values())]


def _write(address: str, subject: str, name: str, content: dict[str, object]) -> None:
    text = render_to_string(f"account/{name}.txt", content)
    letters.post(partial(send_mail, subject, text, settings.DEFAULT_FROM_EMAIL, [address]))
