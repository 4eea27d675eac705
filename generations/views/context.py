from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from generations.models import User
from generations.queries.banners import banners
from generations.queries.spending import Meter, spending_of


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every page may show. Callables run only where a template asks for them."""
    user = getattr(request, "user", None)
    return {
        "on_sandbox": settings.ON_SANDBOX,
        "signup_open": settings.SIGNUP_OPEN,
        "banners": partial(banners, is_fresh=_is_fragment(request)),
        "meter": partial(_meter, user) if user and user.is_authenticated else None,
    }


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _meter(user: User) -> Meter | None:
    return spending_of(user).meter
