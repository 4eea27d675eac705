"""A second factor: set up, shown, renewed, turned off. Each code is taken once."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from generations import letters, policy, sealed, totp
from generations.errors import Conflict, GalleryError
from generations.models import RecoveryCode, SecondFactor, User
from generations.models.second_factor import whose_secret
from generations.services.account import end_sessions
from generations.transactions import writing

RECOVERY_CODES = 10
RECOVERY_DIGITS = 20
_GROUP = 5
_ROUNDS = 20_000  # a code has 66 bits; this makes going through them dearer still
ON_ALREADY = "Your second factor is on already."
NOT_BEGUN = "This was begun anew elsewhere. Scan the code that is shown now."
WRONG = "This code isn’t right, or it was used already. Wait for the next one."
UNREADABLE = (
    "Your second factor can’t be read any more: the gallery’s key was changed. Use a recovery "
    "code, or ask whoever runs the gallery."
)

_log = logging.getLogger(__name__)


class WrongCode(GalleryError):
    code = "wrong_code"
    status = 422


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a phone is given: an address, the same as a picture, and what could be typed."""

    address: str
    picture: SafeString
    text: str


def begin(user: User) -> None:
    """A new secret, which counts for nothing yet. Conflict if the person has one that does."""
    secret = sealed.seal(totp.new_secret().encode(), whose=whose_secret(user.pk))
    try:
        with writing():
            SecondFactor.objects.filter(pk=user.pk, confirmed_at=None).delete()
            SecondFactor.objects.create(user=user, secret=secret)
    except IntegrityError as error:
        raise Conflict(ON_ALREADY) from error


def set_up_of(user: User, factor: SecondFactor) -> SetUp:
    secret = _secret_of(factor)
    address = totp.address_of(secret, name=user.username)
    return SetUp(
        address=address,
        picture=mark_safe(totp.picture_of(address)),  # noqa: S308  # modules alone, no text
        text=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


def confirm(user: User, code: str, *, but: str = "") -> list[str]:
    """From now on it counts; who is signed in with a password alone is signed out, `but` here.

    Gives recovery codes, which are told this once. Raises WrongCode.
    """
    factor = SecondFactor.objects.filter(pk=user.pk, confirmed_at=None).first()
    if factor is None:
        raise Conflict(ON_ALREADY if policy.second_factor_of(user) else NOT_BEGUN)
    counter = _counter_of(_secret_of(factor), code)
    if counter is None:
        raise WrongCode(WRONG)
    with writing():
        same = SecondFactor.objects.filter(pk=user.pk, confirmed_at=None, secret=factor.secret)
        if not same.update(confirmed_at=timezone.now(), last_counter=counter):
            raise Conflict(NOT_BEGUN)
        codes = _write_codes(factor)
        end_sessions(user, but=but)
    _tell(user, is_on=True)
    return codes


def renew_codes(user: User) -> list[str]:
    """Ten new ones; those from before count no more."""
    with writing():
        rows = SecondFactor.objects.select_for_update().filter(pk=user.pk)
        factor = rows.exclude(confirmed_at=None).first()
        if factor is None:
            raise Conflict("Your second factor is off.")
        return _write_codes(factor)


def turn_off(user: User) -> bool:
    """Whether there was one."""
    with writing():
        gone, _ = SecondFactor.objects.filter(pk=user.pk).delete()
    if gone:
        _tell(user, is_on=False)
    return bool(gone)


def turn_off_for(user: User) -> bool:
    """For somebody who lost their phone, by an operator: they are signed out everywhere."""
    if not turn_off(user):
        return False
    end_sessions(user)
    _log.warning("The second factor of person %s was turned off by an operator.", user.pk)
    return True


def take_code(user: User, code: str) -> bool:
    """Whether it is this person's next code, or one of their recovery codes; then it is used up."""
    said = "".join(code.split()).replace("-", "")
    if len(said) == RECOVERY_DIGITS and said.isascii() and said.isdigit():
        rows = RecoveryCode.objects.filter(factor=user.pk, digest=_digest(user, said), used_at=None)
        with writing():
            return bool(rows.update(used_at=timezone.now()))
    factor = policy.second_factor_of(user)
    try:
        counter = _counter_of(_secret_of(factor), said) if factor else None
    except GalleryError:
        return False
    if counter is None:
        return False
    rest = SecondFactor.objects.filter(pk=user.pk, last_counter__lt=counter)
    with writing():
        return bool(rest.exclude(confirmed_at=None).update(last_counter=counter))


def _secret_of(factor: SecondFactor) -> str:
    try:
        return sealed.unseal(factor.secret, whose=whose_secret(factor.pk)).decode()
    except sealed.Unreadable as error:
        raise GalleryError(UNREADABLE, code="unreadable") from error


def _counter_of(secret: str, code: str) -> int | None:
    return totp.counter_of(secret, "".join(code.split()), seconds=timezone.now().timestamp())


def _write_codes(factor: SecondFactor) -> list[str]:
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    factor.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, digest=_digest(factor.user, code)) for code in codes
    )
    return [
        "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes
    ]


def _new_code() -> str:
    return f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}d}"


def _digest(user: User, code: str) -> str:
    salt = f"recovery code {user.pk}".encode()
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt, _ROUNDS).hex()


def _tell(user: User, *, is_on: bool) -> None:
    """Whoever didn't do it themselves learns of it."""
    if user.email:
        what = {"user": user, "is_on": is_on, "public_url": settings.PUBLIC_URL}
        text = render_to_string("account/second_factor_changed.txt", what)
        subject = f"Your second factor at Mesh Gallery is {'on' if is_on else 'off'}"
        send = partial(send_mail, subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
        letters.post(send)
