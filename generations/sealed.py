"""Secrets as the database may hold them: nothing to whoever hasn't got the secret key.

Fernet of the `cryptography` package, with keys made of SECRET_KEY and the earlier ones.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_END = b"\0"  # of the words that say whose it is


class Unreadable(Exception):
    """Sealed with a key that is gone, for somebody else, or altered."""


def seal(secret: bytes, *, whose: str) -> str:
    """With the present key. `whose` has to be the same when it is opened."""
    return _present().encrypt(_named(whose) + secret).decode()


def unseal(text: str, *, whose: str) -> bytes:
    """With the present key or an earlier one. Raises Unreadable."""
    earlier = [_fernet(key) for key in settings.SECRET_KEY_FALLBACKS]
    try:
        held = MultiFernet([_present(), *earlier]).decrypt(text.encode())
    except InvalidToken as error:
        raise Unreadable from error
    if not held.startswith(_named(whose)):
        raise Unreadable
    return held.removeprefix(_named(whose))


def is_of_earlier_key(text: str) -> bool:
    """Whether the present one doesn't open it."""
    try:
        _present().decrypt(text.encode())
    except InvalidToken:
        return True
    return False


def _named(whose: str) -> bytes:
    return whose.encode() + _END


def _present() -> Fernet:
    return _fernet(settings.SECRET_KEY)


def _fernet(secret_key: str) -> Fernet:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"generations.sealed")
    return Fernet(base64.urlsafe_b64encode(made.derive(secret_key.encode())))
