"""Short secrets as the database may hold them: nothing to whoever hasn't got the secret key.

A secret is no longer than one digest, so it is covered by one: HMAC-SHA-512 of a random number,
then authenticated (encrypt, then MAC). Anything longer is refused, and wants a real cipher.
"""

import base64
import binascii
import hmac
import secrets

from django.conf import settings

MOST_BYTES = 64
_NONCE, _TAG = 16, 32


class Unreadable(Exception):
    """Sealed with a key that is gone, for somebody else, or altered."""


def seal(secret: bytes, *, whose: str) -> str:
    """With the present key. `whose` has to be the same when it is opened."""
    if len(secret) > MOST_BYTES:
        raise ValueError(f"{len(secret)} bytes are too many: {MOST_BYTES} are the most.")
    nonce = secrets.token_bytes(_NONCE)
    covered = _covered(settings.SECRET_KEY, nonce, secret)
    tag = _tag(settings.SECRET_KEY, nonce + covered, whose)
    return base64.urlsafe_b64encode(nonce + covered + tag).decode()


def unseal(text: str, *, whose: str) -> bytes:
    """With the present key or an earlier one. Raises Unreadable."""
    try:
        held = base64.urlsafe_b64decode(text.encode())
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error
    body, tag = held[:-_TAG], held[-_TAG:]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(tag, _tag(key, body, whose)):
            return _covered(key, body[:_NONCE], body[_NONCE:])
    raise Unreadable


def is_of_earlier_key(text: str, *, whose: str) -> bool:
    """Whether it wasn't sealed with the present one."""
    held = base64.urlsafe_b64decode(text.encode())
    tag = _tag(settings.SECRET_KEY, held[:-_TAG], whose)
    return not hmac.compare_digest(tag, held[-_TAG:])


def _covered(key: str, nonce: bytes, secret: bytes) -> bytes:
    """Covers, and uncovers."""
    pad = hmac.digest(_key(key, "cover"), nonce, "sha512")
    return bytes(a ^ b for a, b in zip(secret, pad, strict=False))


def _tag(key: str, body: bytes, whose: str) -> bytes:
    return hmac.digest(_key(key, "tag"), body + whose.encode(), "sha256")


def _key(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"generations.sealed {purpose}".encode(), "sha512")
