"""Browsers that somebody signed in with before.

They count their own tries: whoever guesses at a name from elsewhere can't keep its owner out.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

_SALT = "known browser"
_DAYS = 400  # as long as browsers keep a cookie


def cookie_name() -> str:
    return "__Host-browser" if settings.IS_HTTPS else "browser"


def known_as(request: HttpRequest, name: str) -> str:
    """The browser's own mark, if this person signed in with it before; else nothing."""
    try:
        told, mark = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if told == name else ""


def remember(response: HttpResponse, name: str) -> None:
    response.set_cookie(
        cookie_name(),
        signing.dumps([name, secrets.token_urlsafe(12)], salt=_SALT, compress=False),
        max_age=_DAYS * 86_400,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
