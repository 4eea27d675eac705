"""Codes that change with time, as phones make them: `pyotp` (RFC 6238: SHA-1, six digits, 30 s).

A secret is base32 text, as one types it.
"""

import io

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

STEP_SECONDS = 30
ISSUER = "Mesh Gallery"
_MOST_NAME = 40  # characters; a longer one makes a picture that phones read badly


def new_secret() -> str:
    return pyotp.random_base32()


def counter_of(secret: str, code: str, *, seconds: float) -> int | None:
    """The step that a code belongs to, one early or late at most; None: to none of them."""
    if not code.isascii():  # pyotp takes other scripts' digits for ours
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=seconds, valid_window=1)
    except OTPVerificationError:
        return None


def address_of(secret: str, *, name: str) -> str:
    """What phones take: otpauth://…; of a long name the beginning."""
    return pyotp.TOTP(secret).provisioning_uri(name=name[:_MOST_NAME], issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """The address as a QR code: an `svg` element without styles."""
    out = io.BytesIO()
    code = segno.make_qr(address, error="m", boost_error=False)
    code.save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, light="white", svgclass=None
    )
    return out.getvalue().decode()
