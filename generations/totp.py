"""Codes that change with time, as phones make them (RFC 6238: SHA-1, six digits, 30 seconds)."""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # as long as SHA-1's own, RFC 4226 section 4
ISSUER = "Mesh Gallery"
_MOST_LABEL = 60  # quoted; what a QR code still has room for


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def counter_at(seconds: float) -> int:
    return int(seconds // STEP_SECONDS)


def code_at(secret: bytes, counter: int) -> str:
    """The six digits of one step."""
    digest = hmac.digest(secret, struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def counter_of(secret: bytes, code: str, *, seconds: float) -> int | None:
    """The step that a code belongs to, one early or late at most; None: to none of them.

    Each is compared in full, whichever is right.
    """
    found, now = None, counter_at(seconds)
    for counter in (now - 1, now, now + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), code.encode()):
            found = counter
    return found


def as_text(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, *, name: str) -> str:
    """What phones take: otpauth://…, at most 152 bytes; of a long name the beginning."""
    while len(quote(name)) > _MOST_LABEL:
        name = name[:-1]
    issuer = quote(ISSUER)
    return f"otpauth://totp/{issuer}:{quote(name)}?secret={as_text(secret)}&issuer={issuer}"
